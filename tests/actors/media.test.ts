// Pictures in and out, over https, with a whole node against the simulator.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createTlsIdentity } from '../../simulator/x509.ts'
import { installation } from '../support/node.ts'
import { until } from '../support/until.ts'

t.setTimeout(90_000)

const SHOP = '+15550100000'
const AMAL = '+15550101111'
const JPEG = Buffer.concat([Buffer.from('ffd8ffe000104a464946', 'hex'), Buffer.alloc(120_000, 'mug')])

async function shop(t: Test, settings: Readonly<Record<string, string>> = {}) {
  const place = await installation(t)
  const dir = await mkdtemp(join(tmpdir(), 'wa-erp-test-media-'))
  t.teardown(() => rm(dir, { recursive: true, force: true }))
  const ca = join(dir, 'media.pem')
  await writeFile(ca, place.simulator.mediaCa)
  const begin = () => place.start({ WHATSAPP_MEDIA_CA: ca, ...settings }, { session: { sendTimeoutMs: 2_000 } })
  const node = await begin()
  const { token } = await node.signUp('nour@company.com')
  await node.pair(token, SHOP)
  await node.call('POST', '/api/whatsapp/contact/add', { token, body: { phoneNumber: AMAL, name: 'Amal' } })
  const amal = place.simulator.customer(AMAL)
  const history = async (on = node) => {
    const { body } = await on.call('GET', '/api/whatsapp/conversations', { token })
    const id = body.data[0]?.id
    return id === undefined
      ? []
      : (await on.call('GET', `/api/whatsapp/conversations/${id}/messages`, { token })).body.data
  }
  const arrives = (count: number) =>
    until(`${count} messages`, async () => {
      const rows = await history()
      return rows.length >= count ? rows[0] : null
    })
  const fetchMedia = async (id: string, as = token) => {
    const answer = await fetch(`${node.url}/api/whatsapp/messages/${id}/media`, {
      headers: { authorization: `Bearer ${as}` },
    })
    return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) }
  }
  const send = (body: object) => node.call('POST', '/api/whatsapp/send-message', { token, body: { to: AMAL, ...body } })
  return { ...place, dir, begin, node, token, amal, history, arrives, fetchMedia, send }
}

t.test('a picture of a customer is fetched when it is asked for, by those who may read the chat', async (t) => {
  const { simulator, amal, arrives, fetchMedia, node, database } = await shop(t)
  await amal.sendPicture(SHOP, JPEG, { caption: 'broken?' })
  const row = await arrives(1)
  t.match(row, { type: 'image', text: 'broken?', media: { mime: 'image/jpeg', bytes: JPEG.length } })
  t.same(Object.keys(row.media).sort(), ['bytes', 'mime'], 'nothing of where it is or of its key')
  const fetched = () => simulator.log.filter(({ kind }) => kind === 'media-fetched').length
  t.equal(fetched(), 0, 'nothing is fetched before somebody asks')
  const file = await fetchMedia(row.id)
  t.equal(file.status, 200)
  t.ok(file.bytes.equals(JPEG))
  t.equal(file.headers.get('content-type'), 'image/jpeg')
  t.equal(file.headers.get('x-content-type-options'), 'nosniff')
  t.match(file.headers.get('content-security-policy'), /sandbox/)
  t.equal(fetched(), 1)

  const other = await node.signUp('omar@company.com', 'employee')
  t.equal((await fetchMedia(row.id, other.token)).status, 404)
  t.equal(fetched(), 1)
  const [stored] = await database.db.rows<{ row: string }>('select m::text as row from messages m where type = ?', [
    'image',
  ])
  t.notMatch(stored?.row, /t62/, 'where it is is sealed')

  simulator.faults.mediaStatus(503)
  t.equal((await fetchMedia(row.id)).status, 503)
  simulator.faults.mediaStatus(410)
  t.equal((await fetchMedia(row.id)).status, 410)
  simulator.faults.mediaStatus()
  await amal.sendProto(SHOP, { protocolMessage: { type: 0, key: { id: (await idOf(simulator)) ?? '', fromMe: true } } })
  await until('the deletion', async () => (await fetchMedia(row.id)).status === 404)
})

async function idOf(simulator: { readonly log: readonly { kind: string; id?: string; number?: string }[] }) {
  return simulator.log.findLast(({ kind, number }) => kind === 'handed-over' && number === AMAL.slice(1))?.id
}

t.test('what is no picture comes as bytes to be saved, and what is too large does not come', async (t) => {
  const { amal, arrives, fetchMedia } = await shop(t, { MAX_FILE_SIZE: '64kb' })
  await amal.sendPicture(SHOP, Buffer.from('<script>alert(1)</script>'), { mimetype: 'text/html' })
  const file = await fetchMedia((await arrives(1)).id)
  t.equal(file.status, 200)
  t.equal(file.headers.get('content-type'), 'application/octet-stream')
  t.match(file.headers.get('content-disposition'), /^attachment/)
  await amal.sendPicture(SHOP, JPEG)
  t.equal((await fetchMedia((await arrives(2)).id)).status, 413)
  await amal.send(SHOP, 'no file')
  t.equal((await fetchMedia((await arrives(3)).id)).status, 404)
})

t.test('staff send a picture: the customer gets it, and it stays readable here', async (t) => {
  const { amal, send, history, fetchMedia, database } = await shop(t)
  const answer = await send({ message: 'Your mug', media: { image: JPEG.toString('base64') } })
  t.equal(answer.status, 202)
  const got = await amal.waitForReply(/Your mug/)
  t.ok((await amal.pictureOf(got)).equals(JPEG))
  t.equal(got.message.imageMessage?.mimetype, 'image/jpeg')
  const delivered = await until('delivered', async () => {
    const [row] = await history()
    return row.status === 'delivered' ? row : null
  })
  t.match(delivered, { type: 'image', text: 'Your mug', media: { mime: 'image/jpeg', bytes: JPEG.length } })
  t.ok((await fetchMedia(delivered.id)).bytes.equals(JPEG))
  const [row] = await database.db.rows<{ payload: Buffer }>('select payload from outbox')
  t.notOk(row?.payload.includes(JPEG.toString('base64').slice(0, 64)), 'sealed')

  t.equal((await send({ message: '', media: { image: JPEG.toString('base64') } })).status, 202)
  t.notOk((await amal.waitForReply(({ text }) => text === '')).message.imageMessage?.caption)
})

t.test('what cannot be sent as a picture says why', async (t) => {
  const { send, node, token } = await shop(t)
  t.match(await send({ message: 'x', media: { image: Buffer.from('GIF89a').toString('base64') } }), {
    status: 422,
    body: { code: 'invalid-image' },
  })
  t.match(await send({ message: 'x', media: { image: 'not base64!' } }), {
    status: 422,
    body: { code: 'validation-failed' },
  })
  t.match(await send({ message: '' }), { status: 422, body: { code: 'empty-message' } })
  const large = { to: AMAL, message: '', media: { image: Buffer.alloc(11_000_000).toString('base64') } }
  t.match(await node.call('POST', '/api/whatsapp/send-message', { token, body: large }), { status: 413 })
})

t.test(
  'a picture waits for the media host, and one the customer could not read comes again after a restart',
  async (t) => {
    const { simulator, amal, send, history, node, begin } = await shop(t)
    simulator.customer(AMAL, { autoRetry: false })
    simulator.faults.mediaStatus(503)
    await send({ message: 'Your mug', media: { image: JPEG.toString('base64') } })
    const [waiting] = await history()
    t.match(waiting, { status: 'queued' })
    simulator.faults.garbleNext(SHOP)
    simulator.faults.mediaStatus()
    await until('sent', async () => (await history())[0].status === 'sent')
    const id = simulator.log.findLast(({ kind }) => kind === 'client-message')?.id ?? ''
    await node.close()
    amal.askAgain(id)
    await begin()
    const got = await amal.waitForReply(/Your mug/, { timeoutMs: 15_000 })
    t.equal(got.id, id)
    t.ok((await amal.pictureOf(got)).equals(JPEG))
  },
)

t.test('a media host without the right certificate gets and gives nothing', async (t) => {
  const wrong = await mkdtemp(join(tmpdir(), 'wa-erp-test-media-'))
  t.teardown(() => rm(wrong, { recursive: true, force: true }))
  const ca = join(wrong, 'other.pem')
  await writeFile(ca, createTlsIdentity().certificate)
  const { simulator, amal, arrives, fetchMedia } = await shop(t, { WHATSAPP_MEDIA_CA: ca })
  await amal.sendPicture(SHOP, JPEG)
  t.equal((await fetchMedia((await arrives(1)).id)).status, 503)
  t.notOk(simulator.log.some(({ kind }) => kind === 'media-fetched'))
})

t.test('a certificate that cannot be read stops the start with a sentence', async (t) => {
  const { start } = await installation(t)
  await t.rejects(start({ WHATSAPP_MEDIA_CA: '/nowhere/media.pem' }), /WHATSAPP_MEDIA_CA cannot be read \(ENOENT\)/)
})
