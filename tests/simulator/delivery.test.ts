import t from 'tap'
import { buildPaired, comeBack, goOffline, heard, type Session } from './client.ts'

const SHOP = '15550001000'
const ANNA = '15550002001'

const textsOf = ({ client }: Session): string[] => client.upserts.map(({ text }) => text).filter((text) => text !== '')

t.test('what was sent while the device was away comes after the login, in order, as append', async (t) => {
  const session = await buildPaired(t, SHOP)
  const anna = session.sim.customer(ANNA)
  await goOffline(session)
  for (const text of ['one', 'two', 'three']) await anna.send(SHOP, text)
  await comeBack(session)
  const last = await heard(session, 'three')
  t.equal(last.type, 'append')
  t.same(textsOf(session), ['one', 'two', 'three'])
  const offline = session.sim.log.findLast(({ kind }) => kind === 'offline-delivered')
  t.equal(offline?.count, 3)
})

t.test('a message without a receipt comes again at the next login, with a receipt it does not', async (t) => {
  const session = await buildPaired(t, SHOP)
  const { sim } = session
  const anna = sim.customer(ANNA)
  sim.faults.holdDeliveries(SHOP)
  const { id } = await anna.send(SHOP, 'wait for me')
  t.equal(anna.receiptsFor(id), 'sent')
  await goOffline(session)
  sim.faults.releaseDeliveries(SHOP)
  await comeBack(session)
  await heard(session, 'wait for me')
  await sim.waitFor(() => anna.receiptsFor(id) === 'delivered', { what: 'the receipt' })
  await goOffline(session)
  await comeBack(session)
  t.equal(sim.log.findLast(({ kind }) => kind === 'offline-delivered')?.count, 0)
  t.equal(textsOf(session).filter((text) => text === 'wait for me').length, 1)
})

t.test('a device that dies before its receipt gets the identical ciphertext again', async (t) => {
  const session = await buildPaired(t, SHOP)
  const { sim, client } = session
  const anna = sim.customer(ANNA)
  const stanzas: string[] = []
  client.socket?.ws.on('CB:message', (stanza: { content: { content: Uint8Array }[] }) => {
    stanzas.push(Buffer.from(stanza.content[0]?.content ?? []).toString('hex'))
    // The line is cut while the message is still being decrypted: its receipt never leaves.
    if (stanzas.length === 1) sim.faults.drop(SHOP)
  })
  await anna.send(SHOP, 'hello?')
  await sim.waitFor(() => client.closes.length === 2, { what: 'the cut' })
  client.connect()
  client.socket?.ws.on('CB:message', (stanza: { content: { content: Uint8Array }[] }) => {
    stanzas.push(Buffer.from(stanza.content[0]?.content ?? []).toString('hex'))
  })
  await sim.waitFor(() => stanzas.length === 2, { what: 'the second delivery' })
  t.equal(stanzas[0], stanzas[1])
})

t.test('the same ciphertext can be sent again on an open connection, and is refused as already used', async (t) => {
  const session = await buildPaired(t, SHOP)
  const { sim, client } = session
  const anna = sim.customer(ANNA)
  await anna.send(SHOP, 'first')
  await heard(session, 'first')
  await client.socket?.sendMessage(anna.lid, { text: 'answer' })
  await anna.waitForReply()
  const { id } = await anna.send(SHOP, 'second')
  await heard(session, 'second')
  sim.faults.redeliver(SHOP, id)
  const refusal = await sim.waitForLog(
    ({ kind, code, id: about }) => kind === 'client-ack' && about === id && code !== undefined,
    {
      what: 'the refusal of the second copy',
    },
  )
  t.ok([487, 500].includes(refusal.code ?? 0), 'the client says it has used that key')
})

t.test('a message the device never got cannot be redelivered', async (t) => {
  const { sim } = await buildPaired(t, SHOP)
  t.throws(() => sim.faults.redeliver(SHOP, 'NONE'), /never got message NONE/)
})

t.test('held messages come when they are released, in order or reversed', async (t) => {
  const session = await buildPaired(t, SHOP)
  const { sim } = session
  const anna = sim.customer(ANNA)
  sim.faults.holdDeliveries(SHOP)
  for (const text of ['a', 'b', 'c']) await anna.send(SHOP, text)
  t.same(textsOf(session), [])
  sim.faults.releaseDeliveries(SHOP, 'reverse')
  await heard(session, 'a')
  t.same(textsOf(session), ['c', 'b', 'a'], 'out of order, and still all decrypted')
})

t.test('a damaged message is asked for again and arrives', async (t) => {
  const session = await buildPaired(t, SHOP)
  const { sim, client } = session
  const anna = sim.customer(ANNA)
  await anna.send(SHOP, 'first')
  await heard(session, 'first')
  sim.faults.corruptNext(SHOP)
  await anna.send(SHOP, 'precious')
  await heard(session, 'precious')
  t.ok(sim.log.some(({ kind }) => kind === 'client-retry'))
  t.ok(sim.log.some(({ kind, count }) => kind === 'resent' && count === 1))
  await client.socket?.sendMessage(anna.lid, { text: 'got it' })
  await anna.waitForReply(/got it/)
})

t.test('a first message that is damaged is asked for again and arrives', async (t) => {
  const session = await buildPaired(t, SHOP)
  session.sim.faults.corruptNext(SHOP)
  await session.sim.customer(ANNA).send(SHOP, 'hello')
  await heard(session, 'hello')
  t.ok(session.sim.log.some(({ kind }) => kind === 'resent'))
})
