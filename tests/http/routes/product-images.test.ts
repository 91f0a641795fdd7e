import sharp from 'sharp'
import t from 'tap'
import { type TestApp, testApp } from '../../support/app.ts'
import { aPicture, type FormPart, form } from '../../support/pictures.ts'

async function product({ call }: TestApp, as: string, more: object = {}): Promise<string> {
  const made = await call({
    method: 'POST',
    url: '/api/products',
    payload: { name: 'Blue Mug', price: 12, ...more },
    as,
  })
  return made.body.product.id
}

function send(app: TestApp, as: string, id: string, parts: readonly FormPart[], headers: Record<string, string> = {}) {
  const { payload, headers: type } = form(parts)
  return app.call({ method: 'POST', url: `/api/products/${id}/images`, payload, headers: { ...type, ...headers }, as })
}

const file = (value: Buffer, name = 'image') => ({ name, value, filename: 'mug.txt', type: 'text/plain' })

t.test('a picture is added, shown with its product, and served to everybody for ever', async (t) => {
  const app = await testApp(t)
  const me = await app.person('employee')
  const id = await product(app, me.token)
  const made = await send(app, me.token, id, [{ name: 'alt', value: ' A mug,\nblue ' }, file(await aPicture())])
  t.match(made, { status: 201, headers: { etag: '"2"' } })
  const { image } = made.body
  t.match(image, { alt: 'A mug, blue', position: 0, width: 60, height: 40 })
  t.equal(made.headers['location'], image.url)
  const seen = await app.call({ url: `/api/products/${id}` })
  t.same(seen.body.product.images, [image])
  t.equal(seen.body.product.version, 2)

  for (const url of [image.url, image.thumbnailUrl]) {
    const got = await app.app.inject({ url })
    t.match(got, { statusCode: 200 })
    t.match(got.headers, {
      'content-type': 'image/jpeg',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    })
    t.match(await sharp(got.rawPayload).metadata(), { format: 'jpeg', width: 60 })
    const again = await app.app.inject({ url, headers: { 'if-none-match': `W/${got.headers.etag}` } })
    t.match(again, { statusCode: 304, body: '' })
  }
  t.equal((await app.call({ url: `${image.url}?size=huge` })).status, 400)
  const [row] = await app.db.rows(`select action, actor_id from audit_log where action like 'product.image%'`)
  t.same(row, { action: 'product.image-add', actor_id: me.id })
})

t.test('pictures of what is not for sale are for staff', async (t) => {
  const app = await testApp(t)
  const [me, customer] = [await app.person('employee'), await app.person('customer')]
  const id = await product(app, me.token, { status: 'draft' })
  const { image } = (await send(app, me.token, id, [file(await aPicture(), 'file')])).body
  for (const as of [undefined, customer.token]) t.equal((await app.call({ url: image.url, as })).status, 404)
  const mine = await app.call({ url: image.url, as: me.token })
  t.match(mine, { status: 200, headers: { 'cache-control': 'private, no-cache' } })
  const other = await product(app, me.token, { name: 'Red Mug' })
  const elsewhere = image.url.replace(id, other)
  t.equal((await app.call({ url: elsewhere, as: me.token })).status, 404, 'under another product')
  t.equal((await app.call({ method: 'DELETE', url: elsewhere, as: me.token })).status, 404)
})

t.test('what is no picture, too large or no form is refused with what to do', async (t) => {
  const app = await testApp(t, { environment: { MAX_FILE_SIZE: '20kb' } })
  const me = await app.person('employee')
  const id = await product(app, me.token)
  const picture = await aPicture()
  const cases: readonly [string, readonly FormPart[], number, string][] = [
    [
      'a text called a picture',
      [{ ...file(Buffer.from('hello')), filename: 'mug.jpg', type: 'image/jpeg' }],
      415,
      'unsupported-image',
    ],
    ['damaged', [file(picture.subarray(0, 40))], 422, 'invalid-image'],
    ['too large', [file(Buffer.alloc(30_000, picture))], 413, 'payload-too-large'],
    ['no file', [{ name: 'alt', value: 'x' }], 422, 'validation-failed'],
    ['a text in place of the file', [{ name: 'image', value: 'x' }], 422, 'validation-failed'],
    ['two files', [file(picture), file(picture, 'file')], 400, 'malformed-request'],
    ['an unknown field', [file(picture), { name: 'colour', value: 'x' }], 422, 'validation-failed'],
    ['a NUL', [file(picture), { name: 'alt', value: 'a\0b' }], 422, 'validation-failed'],
  ]
  for (const [name, parts, status, code] of cases)
    t.match(await send(app, me.token, id, parts), { status, body: { code } }, name)
  const url = `/api/products/${id}/images`
  const json = await app.call({ method: 'POST', url, payload: {}, as: me.token })
  t.match(json.body, { status: 415, code: 'unsupported-media-type', detail: /multipart\/form-data/ })
  const { payload, headers } = form([file(picture)])
  const cut = await app.call({ method: 'POST', url, payload: payload.subarray(0, -60), headers, as: me.token })
  t.match(cut.body, { status: 400, code: 'malformed-request' })
  const elsewhere = await app.call({ method: 'POST', url: '/api/products', payload, headers, as: me.token })
  t.match(elsewhere.body, { status: 415 }, 'other routes stay with JSON')
  t.equal((await app.call({ url: `/api/products/${id}` })).body.product.images.length, 0)
})

t.test('a product has eight pictures at most, also when they come at once', async (t) => {
  const app = await testApp(t)
  const me = await app.person('employee')
  const id = await product(app, me.token)
  const picture = await aPicture()
  const codes = await Promise.all(
    Array.from({ length: 10 }, async () => (await send(app, me.token, id, [file(picture)])).body.code ?? 'added'),
  )
  t.same(codes.sort(), [...Array.from({ length: 8 }, () => 'added'), 'too-many-images', 'too-many-images'])
  const { product: seen } = (await app.call({ url: `/api/products/${id}` })).body
  t.same(
    seen.images.map(({ position }: { position: number }) => position),
    [0, 1, 2, 3, 4, 5, 6, 7],
  )
  t.equal(seen.version, 9)
})

t.test('pictures are described, put in order and removed; an old version is told so', async (t) => {
  const app = await testApp(t)
  const me = await app.person('employee')
  const id = await product(app, me.token)
  const urls: string[] = []
  for (const alt of ['a', 'b', 'c'])
    urls.push((await send(app, me.token, id, [{ name: 'alt', value: alt }, file(await aPicture())])).body.image.url)
  const [a = '', , c = ''] = urls
  const alts = async () =>
    (await app.call({ url: `/api/products/${id}` })).body.product.images.map((each: { alt: string }) => each.alt)
  const stale = { 'if-match': '"3"' }
  const patch = (url: string, payload: object, headers = {}) =>
    app.call({ method: 'PATCH', url, payload, headers, as: me.token })
  t.match((await patch(c, { position: 0 }, stale)).body, { status: 412, code: 'stale-version' })
  t.match((await app.call({ method: 'DELETE', url: c, headers: stale, as: me.token })).body, { status: 412 })
  t.match(await send(app, me.token, id, [file(await aPicture())], stale), { status: 412 })
  t.same(await alts(), ['a', 'b', 'c'])
  t.match(await patch(c, { position: 0, alt: 'C' }, { 'if-match': '"4"' }), {
    status: 200,
    headers: { etag: '"5"' },
    body: { image: { alt: 'C', position: 0 } },
  })
  t.same(await alts(), ['C', 'a', 'b'])
  t.equal((await patch(c, { position: 8 })).body.image.position, 2)
  t.same(await alts(), ['a', 'b', 'C'])
  t.match((await patch(a, { size: 4 })).body, { status: 422, code: 'validation-failed' })
  t.match(await app.call({ method: 'DELETE', url: a, as: me.token }), { status: 204, text: '' })
  t.equal((await app.call({ method: 'DELETE', url: a, as: me.token })).status, 404)
  t.same(await alts(), ['b', 'C'])
  t.same(await app.db.rows('select count(*)::int as n from image_data'), [{ n: 4 }])
})

t.test('the same upload twice under one key is one picture; another file under it is refused', async (t) => {
  const app = await testApp(t)
  const me = await app.person('employee')
  const id = await product(app, me.token)
  const key = { 'idempotency-key': 'once' }
  const first = await send(app, me.token, id, [file(await aPicture())], key)
  const second = await send(app, me.token, id, [file(await aPicture())], key)
  t.match(second, { status: 201, headers: { 'idempotency-replayed': 'true' } })
  t.same(second.body, first.body)
  t.match((await send(app, me.token, id, [file(await aPicture({ width: 9 }))], key)).body, {
    code: 'idempotency-key-reused',
  })
  t.equal((await app.call({ url: `/api/products/${id}` })).body.product.images.length, 1)
})

t.test('a picture of a product is sent to a customer', async (t) => {
  const app = await testApp(t)
  const me = await app.person('employee')
  const id = await product(app, me.token)
  const { image } = (await send(app, me.token, id, [file(await aPicture())])).body
  const to = '+15550100'
  const say = (media: object) =>
    app.call({ method: 'POST', url: '/api/whatsapp/send-message', payload: { to, message: '', media }, as: me.token })
  await say({ imageId: image.id })
  const sent = app.sessions.asked.find(({ command }) => command === 'message.send')
  const { picture } = (sent?.body ?? {}) as { picture: { mime: string; data: string } }
  t.equal(picture.mime, 'image/jpeg')
  t.match(await sharp(Buffer.from(picture.data, 'base64')).metadata(), { width: 60 })
  t.match((await say({ imageId: id })).body, { status: 404 })
  t.match((await say({ imageId: image.id, image: '' })).body, { status: 422, code: 'validation-failed' })
})
