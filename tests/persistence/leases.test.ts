import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { asId, type Fence, type SessionId } from '../../src/domain/ids.ts'
import { openDatabase } from '../../src/persistence/database.ts'
import {
  claim,
  declareDead,
  FencedError,
  lockFence,
  markNodeDead,
  orphans,
  ownerOf,
  pruneLeases,
  release,
  renewNode,
} from '../../src/persistence/leases.ts'
import { desire } from '../../src/persistence/sessions.ts'
import { testDatabase } from '../support/database.ts'
import { aNode, anOrganization, anOwned, aUser } from '../support/rows.ts'
import { until } from '../support/until.ts'

const { db, url } = await testDatabase(t)
const aSession = () => asId<SessionId>(uuidv7())

t.test('a node renews until it is told dead', async (t) => {
  const [alive, late] = [await aNode(db), await aNode(db, 0)]
  t.ok(await renewNode(db, alive, 60_000))
  t.same(await declareDead(db, Date.now() + 60_000), [late])
  t.notOk(await renewNode(db, late, 60_000), 'a dead one does not rise again')
  t.same(await declareDead(db, Date.now() + 60_000), [])
  t.ok(await renewNode(db, alive, 60_000))
  await markNodeDead(db, alive)
  t.notOk(await renewNode(db, alive, 60_000))
})

t.test('a session nobody owns is taken under a growing epoch', async (t) => {
  const [session, node] = [aSession(), await aNode(db)]
  t.equal(await ownerOf(db, session), null)
  const [first] = await claim(db, [session, session], node)
  t.match(first, { session, owner: node })
  const [second] = await claim(db, [session], node)
  t.ok(first && second && second.epoch > first.epoch, 'our own is taken again, under a new epoch')
  t.same(await ownerOf(db, session), { incarnation: node, epoch: second?.epoch, alive: true, url: null })
})

t.test("a living node's session is left alone, a dead one's is taken", async (t) => {
  const [session, first, second] = [aSession(), await aNode(db), await aNode(db)]
  const [fence] = await claim(db, [session], first)
  t.same(await claim(db, [session], second), [])
  await markNodeDead(db, first)
  const [taken] = await claim(db, [session], second)
  t.ok(fence && taken && taken.epoch > fence.epoch)
})

t.test('a session given back is free, and only its owner can give it back', async (t) => {
  const session = aSession()
  const fence = await anOwned(db, session)
  await release(db, { ...fence, epoch: fence.epoch - 1n })
  t.ok(await ownerOf(db, session))
  await release(db, fence)
  t.equal(await ownerOf(db, session), null)
  await t.rejects(
    db.transaction((tx) => lockFence(tx, fence)),
    FencedError,
  )
})

t.test('of several nodes that claim at once each session goes to one', async (t) => {
  const sessions = Array.from({ length: 50 }, aSession)
  const other = await openDatabase({ url })
  t.teardown(() => other.close())
  const nodes = await Promise.all(Array.from({ length: 6 }, () => aNode(db)))
  const orders = nodes.map((_, n) => (n % 2 === 0 ? sessions : sessions.toReversed()))
  const taken = await Promise.all(nodes.map((node, n) => claim(n % 2 === 0 ? db : other, orders[n] ?? [], node)))
  const all = taken.flat()
  t.equal(all.length, sessions.length)
  t.equal(new Set(all.map(({ session }) => session)).size, sessions.length)
  t.equal(new Set(all.map(({ epoch }) => epoch)).size, sessions.length)
  for (const fence of all) t.match(await ownerOf(db, fence.session), { incarnation: fence.owner, epoch: fence.epoch })
})

/** A transaction of the owner that has written and waits for our word. */
const openWrite = async (fence: Fence) => {
  const { promise: word, resolve: speak } = Promise.withResolvers<'commit' | 'fail'>()
  const { promise: holding, resolve: holds } = Promise.withResolvers<void>()
  const done = db.transaction(async (tx) => {
    await lockFence(tx, fence)
    await tx.run(`insert into daily_counters (user_id, day, name, count) values (?, '2026-01-01', 'fence', 1)`, [
      fence.session,
    ])
    holds()
    if ((await word) === 'fail') throw new Error('asked to fail')
  })
  await Promise.race([holding, done])
  return { speak, done }
}

t.test('a claim waits for a write of the old owner, and after it the old fence writes nothing', async (t) => {
  const fence = await anOwned(db, aSession())
  const write = await openWrite(fence)
  await markNodeDead(db, fence.owner)
  const next = await aNode(db)
  let claimed = false
  const claiming = claim(db, [fence.session], next).then((fences) => {
    claimed = true
    return fences
  })
  await until('the claim waits for the lock', async () => {
    const rows = await db.rows(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    return rows.length > 0
  })
  t.notOk(claimed)
  t.same(
    (await ownerOf(db, fence.session))?.incarnation,
    fence.owner,
    'nobody sees a new owner before the write has ended',
  )
  write.speak('commit')
  await write.done
  const [taken] = await claiming
  t.ok(taken && taken.owner === next && taken.epoch > fence.epoch)
  t.equal(
    (await db.rows('select from daily_counters where user_id = ?', [fence.session])).length,
    1,
    'it was the owner then',
  )

  await t.rejects(openWrite(fence), FencedError)
  t.equal((await db.rows('select from daily_counters where user_id = ? and count > 1', [fence.session])).length, 0)
})

t.test('a writer that came while a claim was under way is fenced', async (t) => {
  const fence = await anOwned(db, aSession())
  await markNodeDead(db, fence.owner)
  const next = await aNode(db)
  const writing = await db.transaction(async (tx) => {
    await tx.run('select from lease where session_id = ? for update', [fence.session])
    const late = db.transaction((other) => lockFence(other, fence)).catch((error: unknown) => error)
    await until('the writer waits for the lock', async () => {
      const rows = await db.rows(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      return rows.length > 0
    })
    await tx.run(`update lease set owner = ?, epoch = nextval('epoch_seq') where session_id = ?`, [next, fence.session])
    return { late }
  })
  t.ok((await writing.late) instanceof FencedError)
})

t.test('an owner stuck in a transaction keeps its own session from being taken, not the others', async (t) => {
  const [stuck, free] = [aSession(), aSession()]
  const fence = await anOwned(db, stuck)
  const [other] = await claim(db, [free], fence.owner)
  const write = await openWrite(fence)
  await markNodeDead(db, fence.owner)
  const taken = await claim(db, [stuck, free], await aNode(db))
  t.same(
    taken.map(({ session }) => session),
    [free],
  )
  t.ok(other && taken[0] && taken[0].epoch > other.epoch)
  write.speak('fail')
  await t.rejects(write.done, { message: 'asked to fail' })
})

const leaseRows = async (session: SessionId) =>
  (await db.rows('select from lease where session_id = ?', [session])).length

t.test('what is nobody’s and should be is not kept; what waits for an owner or has one is', async (t) => {
  const org = await anOrganization(db)
  const [stopped, waiting, owned] = [await aUser(db, org), await aUser(db, org), await aUser(db, org)]
  for (const session of [stopped, waiting, owned]) await desire(db, session, 'connected')
  await anOwned(db, owned)
  for (const session of [stopped, owned]) await desire(db, session, 'stopped')
  t.equal(await pruneLeases(db), 1)
  t.equal(await leaseRows(stopped), 0)
  t.equal(await leaseRows(waiting), 1)
  t.equal(await leaseRows(owned), 1)
  t.same(await orphans(db, 10), [waiting])
  await desire(db, waiting, 'stopped')
})

t.test('a session given back while somebody wants it connected again is found', async (t) => {
  const session = await aUser(db, await anOrganization(db))
  const fence = await anOwned(db, session)
  await desire(db, session, 'stopped')
  await db.transaction(async (tx) => {
    await desire(tx, session, 'connected')
    await release(db, fence)
  })
  t.same(await orphans(db, 10), [session])
  const again = await anOwned(db, session)
  await desire(db, session, 'stopped')
  await release(db, again)
  t.equal(await leaseRows(session), 0)
  await desire(db, session, 'connected')
  t.same(await orphans(db, 10), [session])
})
