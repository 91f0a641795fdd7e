import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { lookForOutbox } from '../../../src/actors/outbox/look.ts'
import { asId, type SessionId } from '../../../src/domain/ids.ts'
import { makeLog } from '../../../src/log.ts'
import { anythingWaits, sessionsWithOutbox } from '../../../src/persistence/outbox.ts'
import { testDatabase } from '../../support/database.ts'
import { until } from '../../support/until.ts'

t.test('a message nobody rang for is found, at the node that owns its session and nowhere else', async (t) => {
  const { db } = await testDatabase(t)
  const [mine, other] = [uuidv7(), uuidv7()]
  const session = async (owner: string, state: string) => {
    const id = asId<SessionId>(uuidv7())
    await db.run('insert into lease (session_id, owner, epoch) values (?, ?, 1)', [id, owner])
    for (const each of [state, 'sent'])
      await db.run(
        `insert into outbox (id, session_id, idem_key, wa_msg_id, conversation_id, recipient, payload, state, next_at)
         values (?, ?, ?, ?, ?, '', '', ?, now() + interval '1 hour')`,
        [uuidv7(), id, uuidv7(), uuidv7(), uuidv7(), each],
      )
    return id
  }
  const [queued, sending, held] = [
    await session(mine, 'queued'),
    await session(mine, 'sending'),
    await session(mine, 'held'),
  ]
  const quiet = await session(mine, 'failed')
  const elsewhere = await session(other, 'queued')
  t.same([...(await sessionsWithOutbox(db, mine))].sort(), [queued, sending, held].sort())
  t.same(await sessionsWithOutbox(db, other), [elsewhere])
  for (const each of [queued, sending, held]) t.equal(await anythingWaits(db, each), true)
  t.equal(await anythingWaits(db, quiet), false)

  const rung: SessionId[] = []
  const stop = lookForOutbox({ db, owner: mine, everyMs: 10, ring: (id) => void rung.push(id), log: makeLog('silent') })
  t.teardown(stop)
  await until('all three were rung for, again and again', () => rung.length >= 6)
  await stop()
  t.same([...new Set(rung)].sort(), [queued, sending, held].sort())
})
