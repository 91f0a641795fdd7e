import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { asId, type UserId } from '../../src/domain/ids.ts'
import { bump, readCounter } from '../../src/persistence/counters.ts'
import { abandon, begin, finish, pruneIdempotency } from '../../src/persistence/idempotency.ts'
import { markNodeDead, registerNode } from '../../src/persistence/leases.ts'
import { testDatabase } from '../support/database.ts'

const { db } = await testDatabase(t)
const body = Buffer.from('one')
const other = Buffer.from('two')
const freshKey = () => ({ userId: asId<UserId>(uuidv7()), route: 'POST /x', key: 'k' })

const NODE = '01900000-0000-7000-8000-000000000001'

t.test('the first request runs, the next ones get its answer', async (t) => {
  const key = freshKey()
  t.same(await begin(db, key, body, NODE), { kind: 'fresh' })
  t.same(await begin(db, key, body, NODE), { kind: 'running' })
  t.same(await begin(db, key, other, NODE), { kind: 'mismatch' })
  await finish(db, key, 201, { id: 1 })
  t.same(await begin(db, key, body, NODE), { kind: 'replay', status: 201, response: { id: 1 } })
  t.same(await begin(db, key, other, NODE), { kind: 'mismatch' })
  t.same(await begin(db, { ...key, route: 'POST /y' }, other, NODE), { kind: 'fresh' })
})

t.test('of twenty at once one runs', async (t) => {
  const key = freshKey()
  const all = await Promise.all(Array.from({ length: 20 }, () => begin(db, key, body, NODE)))
  t.equal(all.filter((each) => each.kind === 'fresh').length, 1)
})

t.test('what failed on our side may run again; what finished may not be abandoned', async (t) => {
  const key = freshKey()
  await begin(db, key, body, NODE)
  await abandon(db, key, NODE)
  t.same(await begin(db, key, other, NODE), { kind: 'fresh' })
  await finish(db, key, 200, null)
  await abandon(db, key, NODE)
  t.match(await begin(db, key, other, NODE), { kind: 'replay' })
})

t.test('a key counts for a day, a request that never finished for two minutes', async (t) => {
  const key = freshKey()
  const age = (interval: string) =>
    db.run(`update idempotency_keys set created_at = now() - interval '${interval}' where user_id = ?`, [key.userId])
  await begin(db, key, body, NODE)
  await age('3 minutes')
  t.same(await begin(db, key, body, NODE), { kind: 'fresh' })
  await finish(db, key, 200, null)
  await age('23 hours')
  t.match(await begin(db, key, body, NODE), { kind: 'replay' })
  await age('25 hours')
  t.same(await begin(db, key, other, NODE), { kind: 'fresh' })
  await age('25 hours')
  t.equal(await pruneIdempotency(db, new Date(Date.now() - 24 * 3_600_000)), 1)
})

t.test('counters count by user and day', async (t) => {
  const user = asId<UserId>(uuidv7())
  await Promise.all(Array.from({ length: 10 }, () => bump(db, user, '2026-03-01', 'skipped_non_contacts')))
  await bump(db, user, '2026-03-02', 'skipped_non_contacts', 5)
  t.equal(await readCounter(db, user, '2026-03-01', 'skipped_non_contacts'), 10)
  t.equal(await readCounter(db, user, '2026-03-02', 'skipped_non_contacts'), 5)
  t.equal(await readCounter(db, user, '2026-03-03', 'skipped_non_contacts'), 0)
})

t.test('a request that died with its node may be run again at once, if it is the same', async (t) => {
  const key = freshKey()
  const dead = '01900000-0000-7000-8000-00000000dead'
  await registerNode(db, { incarnation: dead, id: 'n', url: null, version: '0', ttlMs: 8_000 })
  await begin(db, key, body, dead)
  t.same(await begin(db, key, body, NODE), { kind: 'running' }, 'the node is alive')
  await markNodeDead(db, dead)
  t.same(await begin(db, key, other, NODE), { kind: 'mismatch' })
  t.same(await begin(db, key, body, NODE), { kind: 'fresh' })
})
