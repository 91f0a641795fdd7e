import t from 'tap'
import type { SendOutcome } from '../../../src/actors/whatsapp/socket.ts'
import type { Database } from '../../../src/persistence/database.ts'
import { testDatabase } from '../../support/database.ts'
import { bench, socketTwin } from '../../support/outbox.ts'
import { until } from '../../support/until.ts'

const { db } = await testDatabase(t)

/** The database, with what it is asked and a say before it answers: `beforeDue` holds what comes before the next looks for what is due. */
function watch(db: Database) {
  const looks: string[] = []
  const ended = { anythingWaits: 0 }
  const beforeDue: (() => Promise<void>)[] = []
  const watched: Database = {
    ...db,
    async rows<R extends object>(sql: string, params?: readonly unknown[]) {
      looks.push(sql)
      if (/distinct on/.test(sql)) await beforeDue.shift()?.()
      const rows = await db.rows<R>(sql, params)
      if (/^select from outbox/.test(sql)) ended.anythingWaits += 1
      return rows
    },
  }
  return { watched, looks, ended, beforeDue }
}

t.test('messages of a chat go one after the other, each when the one before was acknowledged', async (t) => {
  const box = await bench(t, db)
  const socket = socketTwin()
  const [amal, luis] = [await box.chat(), await box.chat()]
  for (const text of ['a1', 'a2', 'a3']) await box.put(amal, text)
  await box.put(luis, 'l1')
  t.equal(socket.sent.length, 0, 'nothing leaves without a connection')
  box.actor.tell({ type: 'online', socket })
  await box.sees(socket, 'a1', 'l1')
  t.match(await box.state('a1'), { state: 'sending', status: 'queued' }, 'on the wire is not sent')
  box.ack('a1')
  await box.sees(socket, 'a1', 'l1', 'a2')
  t.match(await box.state('a1'), { state: 'sent', status: 'sent', code: null })
  box.receipt('delivered', 'a2')
  await box.sees(socket, 'a1', 'l1', 'a2', 'a3')
  t.match(await box.state('a2'), { state: 'delivered' }, 'a receipt before the acknowledgement settles it as well')
})

t.test('acknowledgements and receipts in any order move a status forward only', async (t) => {
  const box = await bench(t, db)
  const socket = socketTwin()
  await box.put(await box.chat(), 'm')
  box.actor.tell({ type: 'online', socket })
  await box.sees(socket, 'm')
  box.receipt('read', 'm')
  await box.becomes('m', 'read')
  box.ack('m')
  box.receipt('delivered', 'm')
  box.ack('m', '479')
  await box.settled(socket)
  t.match(await box.state('m'), { state: 'read', status: 'read', code: null })
})

t.test('a message without an acknowledgement is sent again under its id, until it is given up', async (t) => {
  const box = await bench(t, db, { session: { sendTimeoutMs: 30 }, pace: { attempts: 3 } })
  const socket = socketTwin()
  const chat = await box.chat()
  await box.put(chat, 'm')
  await box.put(chat, 'next')
  box.actor.tell({ type: 'online', socket })
  await box.becomes('m', 'failed')
  t.match(await box.state('m'), { status: 'failed', code: 'no-acknowledgement' })
  const tries = socket.sent.filter(({ text }) => text === 'm')
  t.same(
    tries.map(({ id }) => id),
    ['WA-m', 'WA-m', 'WA-m'],
  )
  await until('the chat goes on', () => socket.sent.some(({ text }) => text === 'next'))
  box.ack('m')
  await box.becomes('m', 'sent')
  t.match(await box.state('m'), { status: 'sent', code: null }, 'a late acknowledgement is truer than our giving up')
})

t.test('what reached no recipient is not sent: it is tried again', async (t) => {
  const box = await bench(t, db, { pace: { attempts: 1_000 } })
  const socket = socketTwin()
  socket.answer('m', { kind: 'no-recipient' })
  await box.put(await box.chat(), 'm')
  box.actor.tell({ type: 'online', socket })
  await until('three tries', () => socket.sent.length >= 3)
  t.match(await box.state('m'), { status: 'queued' })
  socket.answer('m', { kind: 'on-the-wire' })
  const before = socket.sent.length
  await until('one more', () => socket.sent.length > before)
  box.ack('m')
  await box.becomes('m', 'sent')
  t.same(new Set(socket.sent.map(({ id }) => id)), new Set(['WA-m']))
})

t.test('what the library says of a failure is not shown: a code is', async (t) => {
  const box = await bench(t, db, { pace: { attempts: 1 } })
  const socket = socketTwin()
  socket.answer('m', { kind: 'failed', reason: 'Connection Closed' })
  await box.put(await box.chat(), 'm')
  box.actor.tell({ type: 'online', socket })
  await box.becomes('m', 'failed')
  t.match(await box.state('m'), { code: 'send-failed' })
})

t.test('a chat that hangs stops no other, up to as many as may hang', async (t) => {
  const box = await bench(t, db, { pace: { atOnce: 2 } })
  const socket = socketTwin()
  const hangs = Promise.withResolvers<SendOutcome>()
  socket.answer('stuck', hangs.promise)
  const stuck = await box.chat()
  await box.put(stuck, 'stuck')
  await box.put(stuck, 'behind it')
  for (const text of ['1', '2', '3']) await box.put(await box.chat(), text)
  box.actor.tell({ type: 'online', socket })
  await box.sees(socket, 'stuck', '1', '2', '3')
  for (const text of ['1', '2', '3']) box.ack(text)
  for (const text of ['1', '2', '3']) await box.becomes(text, 'sent')
  hangs.resolve({ kind: 'on-the-wire' })
  box.ack('stuck')
  await box.sees(socket, 'stuck', '1', '2', '3', 'behind it')
})

t.test('the next connection sends again what the last one left open, under the same id', async (t) => {
  const box = await bench(t, db, { pace: { attempts: 1 } })
  const [first, second] = [socketTwin(), socketTwin()]
  const hangs = Promise.withResolvers<SendOutcome>()
  first.answer('hung', hangs.promise)
  const [amal, luis] = [await box.chat(), await box.chat()]
  await box.put(amal, 'a1')
  await box.put(luis, 'hung')
  box.actor.tell({ type: 'online', socket: first })
  await box.sees(first, 'a1', 'hung')
  box.actor.tell({ type: 'offline' })
  await box.put(amal, 'a2')
  box.actor.tell({ type: 'online', socket: second })
  await box.sees(second, 'a1', 'hung')
  // The old connection's word on it comes late and counts for nothing.
  hangs.resolve({ kind: 'failed', reason: 'Connection Closed' })
  await box.settled(second)
  t.match(await box.state('hung'), { state: 'sending' })
  box.ack('a1')
  box.ack('hung')
  await until('the next of the chat', () => second.sent.some(({ text }) => text === 'a2'))
  await box.becomes('hung', 'sent')
  t.same(
    second.sent.filter(({ text }) => !text.startsWith('marker')).map(({ id }) => id),
    ['WA-a1', 'WA-hung', 'WA-a2'],
  )
})

t.test('being told twice of one connection sends nothing twice', async (t) => {
  const box = await bench(t, db)
  const socket = socketTwin()
  await box.put(await box.chat(), 'm')
  box.actor.tell({ type: 'online', socket })
  await box.sees(socket, 'm')
  box.actor.tell({ type: 'online', socket })
  await box.put(await box.chat(), 'n')
  await box.sees(socket, 'm', 'n')
})

t.test('a connection that comes before word of the end of the last one sends again as well', async (t) => {
  const box = await bench(t, db)
  const [first, second] = [socketTwin(), socketTwin()]
  await box.put(await box.chat(), 'm')
  box.actor.tell({ type: 'online', socket: first })
  await box.sees(first, 'm')
  box.actor.tell({ type: 'online', socket: second })
  await box.sees(second, 'm')
})

t.test('a connection that comes back asks for nothing, unless somebody rang meanwhile', async (t) => {
  const { watched, looks, ended } = watch(db)
  const box = await bench(t, watched, { pace: { pollMs: 60_000 } })
  const idle = async () => {
    const before = ended.anythingWaits
    box.actor.tell({ type: 'bell' })
    await until('it knows that nothing waits', () => ended.anythingWaits > before)
  }
  const [first, second, third] = [socketTwin(), socketTwin(), socketTwin()]
  box.actor.tell({ type: 'online', socket: first })
  await box.settled(first)
  await idle()
  box.actor.tell({ type: 'offline' })
  await box.put(await box.chat(), 'rung')
  box.actor.tell({ type: 'online', socket: second })
  await box.sees(second, 'rung')
  box.ack('rung')
  await box.becomes('rung', 'sent')
  await idle()
  box.actor.tell({ type: 'offline' })
  looks.length = 0
  box.actor.tell({ type: 'online', socket: third })
  await new Promise<void>((done) => box.actor.tell({ type: 'quiet', limitMs: 1_000, done }))
  t.same(looks, [])
})

t.test('a look that failed is made again without anybody ringing', async (t) => {
  const { watched, ended, beforeDue } = watch(db)
  const box = await bench(t, watched)
  const socket = socketTwin()
  box.actor.tell({ type: 'online', socket })
  await box.settled(socket)
  await until('it knows that nothing waits', () => ended.anythingWaits > 0)
  beforeDue.push(() => Promise.reject(new Error('the look of this test fails')))
  await box.put(await box.chat(), 'm')
  await until('it is sent', () => socket.sent.some(({ text }) => text === 'm'))
  t.same(beforeDue, [], 'the look had failed')
})

t.test('a connection that comes while the look of the one before is under way is looked for as well', async (t) => {
  const { watched, beforeDue } = watch(db)
  const box = await bench(t, watched, { pace: { pollMs: 60_000 } })
  const [first, second] = [socketTwin(), socketTwin()]
  const look = Promise.withResolvers<void>()
  beforeDue.push(() => look.promise)
  await box.put(await box.chat(), 'm')
  box.actor.tell({ type: 'online', socket: first })
  await until('it looks', () => beforeDue.length === 0)
  box.actor.tell({ type: 'offline' })
  box.actor.tell({
    type: 'online',
    // Read when the actor takes the message up: the look ends after that, not before.
    get socket() {
      look.resolve()
      return second
    },
  })
  await box.sees(second, 'm')
  t.same(first.sent, [])
})

t.test('a message is due when it is stored, also where the clock is behind that of the database', async (t) => {
  const box = await bench(t, db, { pace: { pollMs: 60_000 } })
  box.ahead = -30_000
  const socket = socketTwin()
  box.actor.tell({ type: 'online', socket })
  await box.put(await box.chat(), 'm')
  await box.sees(socket, 'm')
})

t.test('after a restart of the actor what was on its way is sent again under its id', async (t) => {
  const box = await bench(t, db)
  const [before, after] = [socketTwin(), socketTwin()]
  await box.put(await box.chat(), 'm')
  box.actor.tell({ type: 'online', socket: before })
  await box.sees(before, 'm')
  box.actor.tell({ type: 'offline' })
  const again = await box.restart()
  again.tell({ type: 'online', socket: after })
  await box.sees(after, 'm')
  t.same(after.sent, before.sent)
})

t.test('messages of an account keep the gap of the policy, whichever chats they go to', async (t) => {
  const box = await bench(t, db, { pace: { gapMs: 60 } })
  const socket = socketTwin()
  const at: number[] = []
  const send = socket.send
  Object.assign(socket, {
    send: (message: Parameters<typeof send>[0]) => {
      at.push(performance.now())
      return send(message)
    },
  })
  for (const text of ['1', '2', '3', '4']) await box.put(await box.chat(), text)
  box.actor.tell({ type: 'online', socket })
  await box.sees(socket, '1', '2', '3', '4')
  for (const [index, time] of at.entries()) if (index > 0) t.ok(time - (at[index - 1] ?? 0) >= 58, `gap ${index}`)
})

t.test('an end waits for no message that hangs', async (t) => {
  const box = await bench(t, db, { pace: { atOnce: 1 } })
  const socket = socketTwin()
  socket.answer('stuck', new Promise(() => undefined))
  for (const text of ['stuck', 'other']) await box.put(await box.chat(), text)
  box.actor.tell({ type: 'online', socket })
  await box.sees(socket, 'stuck')
  const begun = performance.now()
  await box.stop()
  t.ok(performance.now() - begun < 5_000)
  t.match(await box.state('stuck'), { state: 'sending' }, 'the next start sends it again')
})
