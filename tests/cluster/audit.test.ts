import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { asId, type Fence, type SessionId } from '../../src/domain/ids.ts'
import { type Database, openDatabase } from '../../src/persistence/database.ts'
import { claim, lockFence, markNodeDead } from '../../src/persistence/leases.ts'
import { testDatabase } from '../support/database.ts'
import { auditEvents, auditedUrl, createAudit, forgetUser } from './audit.ts'
import { judge } from './history.ts'

const KEY = 'insert into key (session_id, type, id, value) values (?, ?, ?, ?)'
const putKey = (db: Pick<Database, 'run'>, session: SessionId) =>
  db.run(KEY, [session, 'session', Buffer.from(uuidv7()), Buffer.from('v')])

t.test('the audit shows a write that came after a claim, and no other', async (t) => {
  const { db, url } = await testDatabase(t)
  await createAudit(db)
  const node = async () => {
    const id = `node_${uuidv7().replaceAll('-', '')}`
    const mine = await openDatabase({ url: await auditedUrl(db, url, id) })
    t.teardown(async () => {
      await mine.close()
      await forgetUser(db, id)
    })
    const incarnation = uuidv7()
    await mine.run(
      `insert into node (incarnation, id, version, expires_at) values (?, ?, '1', clock_timestamp() + interval '1 minute')`,
      [incarnation, id],
    )
    return { db: mine, incarnation }
  }
  const [a, b] = [await node(), await node()]
  const session = asId<SessionId>(uuidv7())
  const take = async (who: typeof a): Promise<Fence> => {
    const [fence] = await claim(who.db, [session], who.incarnation)
    if (fence === undefined) throw new Error('not claimed')
    return fence
  }
  const fence = await take(a)
  await a.db.transaction(async (tx) => {
    await lockFence(tx, fence)
    await putKey(tx, session)
  })
  await markNodeDead(db, a.incarnation)
  await take(b)
  await putKey(b.db, session)
  t.equal((await auditEvents(db)).length, 4)
  t.same(judge(await auditEvents(db), { quiet: true }), [])

  await putKey(a.db, session)
  const [offence, ...others] = judge(await auditEvents(db), { quiet: true })
  t.equal(offence?.invariant, 'I2')
  t.equal(offence?.slice.length, 2)
  t.same(others, [])
})
