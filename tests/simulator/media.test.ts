import { X509Certificate } from 'node:crypto'
import { request } from 'node:https'
import { downloadContentFromMessage } from '@whiskeysockets/baileys'
import t, { type Test } from 'tap'
import { startSimulator } from '../../simulator/index.ts'
import { createTlsIdentity } from '../../simulator/x509.ts'

const PICTURE = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(3_000, 7)])
const SHOP = '15550001000'
const ANNA = '15550002001'

const simulator = async (t: Test) => {
  const sim = await startSimulator()
  t.teardown(() => sim.close())
  return sim
}

const get = (url: string, ca?: string): Promise<{ status: number; body: Buffer }> =>
  new Promise((resolve, reject) => {
    const call = request(url, ca === undefined ? {} : { ca }, async (response) => {
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk as Buffer)
      resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) })
    })
    call.on('error', reject)
    call.end()
  })

t.test('the certificate is one: signed by itself, for this machine, valid now', async (t) => {
  const now = new Date('2026-06-01T10:20:30Z')
  const { certificate } = createTlsIdentity(now)
  const read = new X509Certificate(certificate)
  t.ok(read.verify(read.publicKey))
  t.ok(read.ca)
  t.equal(read.checkIP('127.0.0.1'), '127.0.0.1')
  t.equal(read.checkHost('localhost'), 'localhost')
  t.equal(new Date(read.validFrom).getTime(), now.getTime() - 365 * 86_400_000)
  t.not(read.serialNumber, new X509Certificate(createTlsIdentity(now).certificate).serialNumber)
})

t.test('a file is fetched by those who trust the certificate, and only by them', async (t) => {
  const sim = await simulator(t)
  await sim.customer(ANNA).sendPicture(SHOP, PICTURE, { caption: 'look' })
  const [got] = sim.phone(SHOP).inbox
  t.equal(got?.text, 'look')
  const url = got?.message.imageMessage?.url ?? ''
  t.match(url, /^https:\/\/127\.0\.0\.1:\d+\//)
  t.equal((await get(url, sim.mediaCa)).status, 200)
  t.equal((await get(`${url}x`, sim.mediaCa)).status, 410)
  await t.rejects(get(url), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  sim.faults.mediaStatus(503)
  t.equal((await get(url, sim.mediaCa)).status, 503)
})

t.test('what a customer sends, a client decrypts', async (t) => {
  const sim = await simulator(t)
  const anna = sim.customer(ANNA)
  await anna.sendPicture(SHOP, PICTURE)
  const [got] = sim.phone(SHOP).inbox
  if (got === undefined) throw new Error('nothing came')
  const { imageMessage } = got.message
  const file = await get(imageMessage?.url ?? '', sim.mediaCa)
  const served = globalThis.fetch
  globalThis.fetch = async () => new Response(file.body)
  t.teardown(() => {
    globalThis.fetch = served
  })
  const chunks: Buffer[] = []
  for await (const chunk of await downloadContentFromMessage(imageMessage ?? {}, 'image')) chunks.push(chunk as Buffer)
  t.ok(Buffer.concat(chunks).equals(PICTURE))
  t.ok((await anna.pictureOf(got)).equals(PICTURE))
})
