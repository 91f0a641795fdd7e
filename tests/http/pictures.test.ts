import sharp from 'sharp'
import t from 'tap'
import { makePictures } from '../../src/http/pictures.ts'
import { DEFAULT_POLICY } from '../../src/policy.ts'
import { aPicture } from '../support/pictures.ts'

const pictures = makePictures(DEFAULT_POLICY.files)

async function made(bytes: Buffer) {
  const picture = await pictures.make(bytes, 'image')
  if (!picture.ok) throw new Error(picture.refusal.message)
  return picture.value
}

t.test('each kind becomes JPEG in two sizes, no larger than it was', async (t) => {
  for (const format of ['jpeg', 'png', 'webp'] as const) {
    t.match(
      await pictures.make(await aPicture({ format }), 'image'),
      { ok: true, value: { mime: 'image/jpeg', width: 60, height: 40 } },
      format,
    )
  }
  const large = await made(await aPicture({ width: 3_000, height: 1_500 }))
  t.match(large, { width: 2_048, height: 1_024 })
  t.match(await sharp(large.full).metadata(), { format: 'jpeg', width: 2_048 })
  t.match(await sharp(large.thumb).metadata(), { format: 'jpeg', width: 320, height: 160 })
})

t.test('a picture taken sideways is turned upright, and nothing of its camera stays', async (t) => {
  const sideways = await sharp(await aPicture({ format: 'jpeg' }))
    .withMetadata({ orientation: 6 })
    .withExif({ IFD0: { Copyright: 'a secret place', Orientation: '6' } })
    .toBuffer()
  t.ok(sideways.includes('a secret place'))
  const upright = await made(sideways)
  t.match(upright, { width: 40, height: 60 })
  const metadata = await sharp(upright.full).metadata()
  t.equal(metadata.exif, undefined)
  t.equal(metadata.orientation ?? 1, 1)
  t.notOk(upright.full.includes('a secret place'))
})

t.test('what shines through becomes white', async (t) => {
  const glass = await sharp({ create: { width: 8, height: 8, channels: 4, background: '#00000000' } })
    .png()
    .toBuffer()
  const { full } = await made(glass)
  const pixels = await sharp(full).raw().toBuffer()
  t.ok(pixels.every((value) => value > 250))
})

t.test('what is no picture, whatever it is called, is refused', async (t) => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
  for (const bytes of [Buffer.alloc(0), Buffer.from('%PDF-1.7'), svg, await aPicture({ format: 'gif' })])
    t.match(await pictures.make(bytes, 'image'), {
      refusal: { code: 'unsupported-image', errors: [{ path: 'image' }] },
    })
})

t.test('a damaged picture and one with too many pixels are refused, and the next one is served', async (t) => {
  const whole = await aPicture({ format: 'jpeg', width: 400, height: 300 })
  t.match(await pictures.make(whole.subarray(0, whole.length / 2), 'image'), { refusal: { code: 'invalid-image' } })
  t.match(await pictures.make(Buffer.from([0xff, 0xd8, 0xff, 0, 0]), 'image'), { refusal: { code: 'invalid-image' } })
  const bomb = await sharp({ create: { width: 9_000, height: 9_000, channels: 3, background: '#000' } })
    .png()
    .toBuffer()
  t.ok(bomb.length < 1_000_000, 'a small file')
  t.match(await pictures.make(bomb, 'image'), { refusal: { code: 'invalid-image' } })
  const few = makePictures({ ...DEFAULT_POLICY.files, picturesAtOnce: 1 })
  const many = await Promise.all([whole, Buffer.from([0xff, 0xd8, 0xff]), whole].map((each) => few.make(each, 'image')))
  t.same(
    many.map(({ ok }) => ok),
    [true, false, true],
  )
})
