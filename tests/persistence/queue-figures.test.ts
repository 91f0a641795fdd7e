import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { markNodeDead, release } from '../../src/persistence/leases.ts'
import { queueFigures } from '../../src/persistence/queue-figures.ts'
import { desire } from '../../src/persistence/sessions.ts'
import { makeShop } from '../support/bot-shop.ts'
import { testDatabase } from '../support/database.ts'

t.test('what waits is counted with its age, and what is done is not', async (t) => {
  const { db } = await testDatabase(t)
  const nothing = { inbox: { waiting: 0, oldestSeconds: 0 }, outbox: { pending: 0, oldestSeconds: 0 }, orphans: 0 }
  t.same(await queueFigures(db), nothing)
  const session = uuidv7()
  for (const [index, state] of ['new', 'new', 'done'].entries())
    await db.run(
      `insert into inbox (session_id, hash, message_key, state, received_at)
       values (?, ?, ?, ?, now() - make_interval(secs => ?))`,
      [session, Buffer.from([index]), Buffer.from('key'), state, 100 * (index + 1)],
    )
  for (const [index, state] of ['queued', 'sending', 'sent', 'held'].entries())
    await db.run(
      `insert into outbox (id, session_id, idem_key, wa_msg_id, conversation_id, recipient, payload, state, created_at)
       values (?, ?, ?, ?, ?, '', '', ?, now() - make_interval(secs => ?))`,
      [uuidv7(), session, `key ${index}`, `id ${index}`, uuidv7(), state, 10 * (index + 1)],
    )
  const { inbox, outbox } = await queueFigures(db)
  t.match([inbox.waiting, Math.round(inbox.oldestSeconds)], [2, 200])
  t.match([outbox.pending, Math.round(outbox.oldestSeconds)], [3, 20], 'what is held waits on purpose')
})

t.test('a session that should be connected is an orphan until a living node has it', async (t) => {
  const shop = await makeShop(t)
  const fence = await shop.account('erin@example.com')
  t.equal((await queueFigures(shop.db)).orphans, 0, 'owned')
  await markNodeDead(shop.db, fence.owner)
  t.equal((await queueFigures(shop.db)).orphans, 1, 'its node is dead')
  await release(shop.db, fence)
  t.equal((await queueFigures(shop.db)).orphans, 1, 'nobody has it')
  await desire(shop.db, fence.session, 'stopped')
  t.equal((await queueFigures(shop.db)).orphans, 0, 'nobody should')
})
