import t from 'tap'
import { build, buildPaired, comeBack, goOffline, heard, nextClose } from './client.ts'

const SHOP = '15550001000'
const ANNA = '15550002001'
const ERROR_STATUS = 0

t.test('a cut line is noticed: 428', async (t) => {
  const session = await buildPaired(t, SHOP)
  const closing = nextClose(session)
  session.sim.faults.drop(SHOP)
  t.equal(await closing, 428)
})

t.test('a stream ends with the code that was ordered', async (t) => {
  const session = await buildPaired(t, SHOP)
  for (const code of [500, 503]) {
    const closing = nextClose(session)
    session.sim.faults.streamError(SHOP, code)
    t.equal(await closing, code)
    await comeBack(session)
  }
})

t.test('a silent connection stays open and answers nothing until it is told to', async (t) => {
  const session = await buildPaired(t, SHOP)
  const { sim, client } = session
  sim.faults.silence(SHOP, true)
  const anna = sim.customer(ANNA)
  await anna.send(SHOP, 'anybody?')
  const asked = client.socket?.query({ tag: 'iq', attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:p' } }, 100)
  await t.rejects(asked ?? Promise.resolve(), /Timed Out/)
  t.equal(client.upserts.filter(({ text }) => text === 'anybody?').length, 0)
  t.equal(client.closes.length, 1, 'only the restart after pairing closed a connection')
  sim.faults.silence(SHOP, false)
  await heard(session, 'anybody?')
})

t.test('refused connections, an HTTP status and a silent handshake keep a client out', async (t) => {
  const session = await buildPaired(t, SHOP)
  const { sim, client } = session
  const { faults } = sim
  await goOffline(session)

  faults.refuseConnections(true)
  let closing = nextClose(session)
  client.connect()
  t.ok((await closing) > 0)
  faults.refuseConnections(false)

  faults.httpStatus(429)
  client.connect({ connectTimeoutMs: 200 })
  await sim.waitForLog(({ kind, code }) => kind === 'refused' && code === 429, { what: 'the refused upgrade' })
  await client.stop()
  faults.httpStatus()

  faults.handshakeSilence(true)
  closing = nextClose(session)
  client.connect({ connectTimeoutMs: 200 })
  t.equal(await closing, 408)
  faults.handshakeSilence(false)
  await comeBack(session)
})

t.test('an answer that is refused with 463 reaches nobody, and the client hears the code', async (t) => {
  const session = await buildPaired(t, SHOP)
  const { sim, client } = session
  const anna = sim.customer(ANNA)
  await anna.send(SHOP, 'hi')
  await heard(session, 'hi')
  // The refusal is an update of the message, or part of it if it comes before the message's own event.
  const codes: unknown[] = []
  client.socket?.ev.on('messages.update', (updates) => {
    for (const { update } of updates) if (update.status === ERROR_STATUS) codes.push(update.messageStubParameters?.[0])
  })
  client.socket?.ev.on('messages.upsert', ({ messages }) => {
    for (const { status, messageStubParameters } of messages) {
      if (status === ERROR_STATUS) codes.push(messageStubParameters?.[0])
    }
  })
  sim.faults.ackError(SHOP, 463)
  await client.socket?.sendMessage(anna.lid, { text: 'refused' })
  t.equal(await sim.waitFor(() => codes[0], { what: 'the error' }), '463')
  sim.faults.ackError(SHOP)
  await client.socket?.sendMessage(anna.lid, { text: 'accepted' })
  await anna.waitForReply(/accepted/)
  t.same(
    anna.inbox.map(({ text }) => text),
    ['accepted'],
  )
})

t.test('a dropped acknowledgement drops nothing else, a delayed one comes late', async (t) => {
  const session = await buildPaired(t, SHOP)
  const { sim, client } = session
  const anna = sim.customer(ANNA)
  await anna.send(SHOP, 'hi')
  await heard(session, 'hi')
  const acks: { readonly id: string | undefined; readonly at: number }[] = []
  client.socket?.ws.on('CB:ack,class:message', ({ attrs }: { attrs: { id?: string } }) =>
    acks.push({ id: attrs.id, at: Date.now() }),
  )
  sim.faults.dropAcks(SHOP)
  await client.socket?.sendMessage(anna.lid, { text: 'unacknowledged' })
  await anna.waitForReply(/unacknowledged/)
  sim.faults.dropAcks(SHOP, false)
  sim.faults.delayAcks(SHOP, 80)
  const sentAt = Date.now()
  const late = await client.socket?.sendMessage(anna.lid, { text: 'late' })
  await anna.waitForReply(/late/)
  await sim.waitFor(() => acks.length > 0, { what: 'the late acknowledgement' })
  t.same(
    acks.map(({ id }) => id),
    [late?.key.id],
  )
  t.ok((acks[0]?.at ?? 0) - sentAt >= 80)
})

t.test('a lost answer to the question for devices makes a client send to nobody', async (t) => {
  const { sim, client } = await buildPaired(t, SHOP)
  const anna = sim.customer(ANNA)
  sim.faults.loseUsync(SHOP)
  await goOffline({ sim, client })
  await comeBack({ sim, client }, { defaultQueryTimeoutMs: 200 })
  await client.socket?.sendMessage(anna.jid, { text: 'into the void' })
  const sent = await sim.waitForLog(({ kind }) => kind === 'client-message', { what: 'the message' })
  t.equal(sent.count, 0, 'it has no recipient')
  t.same(anna.inbox, [])
})

t.test('a fault for something that is no number is refused', async (t) => {
  const { sim } = await build(t)
  t.throws(() => sim.faults.silence('nobody', true), /not a phone number/)
})
