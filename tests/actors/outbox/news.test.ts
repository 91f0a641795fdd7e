import t from 'tap'
import { testDatabase } from '../../support/database.ts'
import { bench, socketTwin } from '../../support/outbox.ts'
import { until } from '../../support/until.ts'

const { db } = await testDatabase(t)
const DAY_MS = 86_400_000

t.test('a refusal fails the message with its number, and the chat goes on', async (t) => {
  const box = await bench(t, db)
  const socket = socketTwin()
  const chat = await box.chat()
  await box.put(chat, 'm')
  await box.put(chat, 'n')
  box.actor.tell({ type: 'online', socket })
  await box.sees(socket, 'm')
  box.ack('m', '479')
  await box.sees(socket, 'm', 'n')
  t.match(await box.state('m'), { state: 'failed', status: 'failed', code: 'whatsapp-479' })
  t.same(await box.events(), [])
})

t.test('the reach-out limit holds what goes to those who never wrote, and nothing else', async (t) => {
  const box = await bench(t, db)
  const socket = socketTwin()
  const [cold, colder, warm] = [await box.chat(false), await box.chat(false), await box.chat(true)]
  await box.put(cold, 'c1')
  await box.put(cold, 'c2')
  box.actor.tell({ type: 'online', socket })
  await box.sees(socket, 'c1')
  box.ack('c1', '463')
  await box.becomes('c1', 'held')
  t.match(
    await box.state('c1'),
    { status: 'queued', code: 'reach-out-limit' },
    'it is not failed: it waits, and says why',
  )
  await box.put(colder, 'd1')
  await box.put(warm, 'w1')
  await box.sees(socket, 'c1', 'w1')
  await box.becomes('d1', 'held')
  box.ack('w1')
  await box.becomes('w1', 'sent')
  const told = (await box.events()).filter(({ type }) => type === 'session.attention')
  t.match(told, [{ payload: { code: 'reach-out-limit', until: String } }], 'the owner is told once')
})

t.test('two refusals that cross begin one hold, and both messages wait', async (t) => {
  const box = await bench(t, db)
  const socket = socketTwin()
  for (const text of ['c1', 'c2']) await box.put(await box.chat(false), text)
  box.actor.tell({ type: 'online', socket })
  await box.sees(socket, 'c1', 'c2')
  box.ack('c1', '463')
  await box.becomes('c2', 'held')
  box.ack('c2', '463')
  await box.settled(socket)
  t.match(await box.state('c2'), { state: 'held', status: 'queued' })
  t.equal((await box.events()).length, 1)
})

t.test('what WhatsApp accepted after all counts as sent, held or not', async (t) => {
  const box = await bench(t, db)
  const socket = socketTwin()
  for (const text of ['c1', 'c2']) await box.put(await box.chat(false), text)
  box.actor.tell({ type: 'online', socket })
  await box.sees(socket, 'c1', 'c2')
  box.ack('c1', '463')
  await box.becomes('c2', 'held')
  box.ack('c2')
  await box.becomes('c2', 'sent')
  t.match(await box.state('c2'), { status: 'sent', code: null })
})

t.test('a customer who writes meanwhile is answered', async (t) => {
  const box = await bench(t, db)
  const socket = socketTwin()
  const chat = await box.chat(false)
  await box.put(chat, 'c1')
  box.actor.tell({ type: 'online', socket })
  await box.sees(socket, 'c1')
  box.ack('c1', '463')
  await box.becomes('c1', 'held')
  await box.wrote(chat)
  await box.sees(socket, 'c1', 'c1')
  box.ack('c1')
  await box.becomes('c1', 'sent')
})

t.test('the hold outlives a restart, ends by the clock, and may begin again', async (t) => {
  const box = await bench(t, db, { pace: { coldHoldMs: DAY_MS } })
  const [before, after] = [socketTwin(), socketTwin()]
  const [cold, warm] = [await box.chat(false), await box.chat(true)]
  await box.put(cold, 'c1')
  box.actor.tell({ type: 'online', socket: before })
  await box.sees(before, 'c1')
  box.ack('c1', '463')
  await box.becomes('c1', 'held')
  box.actor.tell({ type: 'offline' })
  const again = await box.restart()
  again.tell({ type: 'online', socket: after })
  await box.put(await box.chat(false), 'c2')
  await box.put(warm, 'w1')
  await box.sees(after, 'w1')
  await box.becomes('c2', 'held')
  box.ahead = DAY_MS + 1_000
  await box.sees(after, 'w1', 'c1', 'c2')
  t.same(after.sent.slice(1), [
    { text: 'c1', id: 'WA-c1' },
    { text: 'c2', id: 'WA-c2' },
  ])
  const [row] = await db.rows<{ until: Date | null }>('select cold_hold_until as until from session where id = ?', [
    box.fence.session,
  ])
  t.equal(row?.until, null)
  box.ack('c1')
  await box.becomes('c1', 'sent')
  box.ack('c2', '463')
  await box.becomes('c2', 'held')
  t.equal((await box.events()).length, 2, 'another hold, told again')
})

t.test('463 to a customer who has written before is a failure like others', async (t) => {
  const box = await bench(t, db)
  const socket = socketTwin()
  await box.put(await box.chat(true), 'w1')
  box.actor.tell({ type: 'online', socket })
  await box.sees(socket, 'w1')
  box.ack('w1', '463')
  await box.becomes('w1', 'failed')
  t.match(await box.state('w1'), { code: 'whatsapp-463' })
  await until('the owner is told', async () => (await box.events()).length === 1)
})
