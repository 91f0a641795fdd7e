import t from 'tap'
import { startSimulator } from '../../simulator/index.ts'
import { buildPaired, heard } from './client.ts'

const SHOP = '15550001000'
const ANNA = '15550002001'

t.test('an unmodified client pairs by QR, hears a customer by LID and answers', async (t) => {
  const session = await buildPaired(t, SHOP)
  const { sim, client } = session
  t.same(client.closes, [515], 'it was told to start again once')
  t.same(sim.phone(SHOP).linkedDevices, [{ device: 1, online: true }])
  const anna = sim.customer(ANNA, { pushName: 'Anna' })
  const { id } = await anna.send(SHOP, 'hi')
  const { type, message } = await heard(session, 'hi')
  t.match(
    { type, pushName: message.pushName, key: message.key },
    {
      type: 'notify',
      pushName: 'Anna',
      key: { id, remoteJid: anna.lid, remoteJidAlt: anna.jid, fromMe: false, addressingMode: 'lid' },
    },
  )
  await sim.waitFor(() => anna.receiptsFor(id) === 'delivered', { what: 'the delivery receipt' })
  const sent = await client.socket?.sendMessage(anna.lid, { text: 'hello Anna' })
  const reply = await anna.waitForReply(/hello/)
  t.match(reply, { id: sent?.key.id, from: SHOP, device: 1, text: 'hello Anna', count: 1, addressing: 'lid' })
})

t.test('a customer addressed by number is heard and answered by number', async (t) => {
  const session = await buildPaired(t, SHOP)
  const anna = session.sim.customer(ANNA, { addressing: 'pn' })
  await anna.send(SHOP, 'hi')
  const { message } = await heard(session, 'hi')
  t.match(message.key, { remoteJid: anna.jid, remoteJidAlt: anna.lid, addressingMode: 'pn' })
  await session.client.socket?.sendMessage(anna.jid, { text: 'hello' })
  t.match(await anna.waitForReply(), { text: 'hello', addressing: 'pn' })
})

t.test('the other address of a sender can be left out', async (t) => {
  const session = await buildPaired(t, SHOP)
  const anna = session.sim.customer(ANNA, { withAlternative: false })
  await anna.send(SHOP, 'by lid')
  await anna.send(SHOP, 'by number', { addressing: 'pn' })
  const byLid = await heard(session, 'by lid')
  const byNumber = await heard(session, 'by number')
  t.equal(byLid.message.key.remoteJid, anna.lid)
  t.notOk(byLid.message.key.remoteJidAlt)
  t.equal(byNumber.message.key.remoteJid, anna.jid)
  t.notOk(byNumber.message.key.remoteJidAlt)
})

t.test('a conversation turns the ratchet both ways: a first message, then ordinary ones', async (t) => {
  const session = await buildPaired(t, SHOP)
  const { sim, client } = session
  const anna = sim.customer(ANNA)
  for (let turn = 1; turn <= 6; turn += 1) {
    await anna.send(SHOP, `question ${turn}`)
    await heard(session, `question ${turn}`)
    await client.socket?.sendMessage(anna.lid, { text: `answer ${turn}` })
    await anna.waitForReply(new RegExp(`^answer ${turn}$`))
  }
  const types = sim.log.filter(({ kind, type }) => kind === 'delivered-to-client' && type?.startsWith('message:'))
  t.equal(types[1]?.type, 'message:pkmsg', 'the first after the history opens the session')
  t.equal(types.at(-1)?.type, 'message:msg', 'the last is an ordinary one')
  t.equal(sim.log.filter(({ kind }) => kind === 'undecryptable' || kind === 'client-retry').length, 0)
})

t.test('many messages at once, both ways, all arrive once', async (t) => {
  const session = await buildPaired(t, SHOP)
  const { sim, client } = session
  const numbers = Array.from({ length: 10 }, (_, index) => `1555000300${index}`)
  const count = 5
  await Promise.all(
    numbers.flatMap((number) =>
      Array.from({ length: count }, (_, index) => sim.customer(number).send(SHOP, `${number} ${index}`)),
    ),
  )
  await sim.waitFor(() => client.upserts.filter(({ text }) => /^\d+ \d$/.test(text)).length === 50, { what: 'all 50' })
  await Promise.all(numbers.map((number) => client.socket?.sendMessage(sim.customer(number).lid, { text: 'thanks' })))
  for (const number of numbers) t.equal((await sim.customer(number).waitForReply(/thanks/)).count, 1)
})

t.test('a number nobody has is not on this WhatsApp', async (t) => {
  const { sim, client } = await buildPaired(t, SHOP)
  sim.customer(ANNA)
  const found = await client.socket?.onWhatsApp(ANNA, '15559999999')
  t.same(
    found?.filter(({ exists }) => exists).map(({ jid }) => jid),
    [sim.customer(ANNA).jid],
  )
})

t.test('what is waited for in vain is named, with what was seen instead', async (t) => {
  const sim = await startSimulator()
  t.teardown(() => sim.close())
  await sim.customer(ANNA).send(SHOP, 'hi')
  const waiting = sim.waitForLog(({ kind }) => kind === 'paired', { what: 'a pairing', timeoutMs: 30 })
  await t.rejects(waiting, /a pairing: not seen within 30 ms.*handed-over/s)
})

t.test('closing leaves nothing behind and the port is free again', async (t) => {
  const first = await startSimulator()
  const port = Number(new URL(first.url).port)
  await t.rejects(startSimulator({ port }), { code: 'EADDRINUSE' })
  await first.close()
  const second = await startSimulator({ port })
  await second.close()
})
