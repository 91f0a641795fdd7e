import t, { type Test } from 'tap'
import { uuidv7 } from 'uuidv7'
import type { Home } from '../../../src/actors/cluster/planner.ts'
import { type Reconciler, startReconcile } from '../../../src/actors/cluster/reconcile.ts'
import { asId, type Fence, type SessionId } from '../../../src/domain/ids.ts'
import { makeLog } from '../../../src/log.ts'
import { makePolicy } from '../../../src/policy.ts'
import { type MemoryStore, memoryStore } from '../../support/memory-store.ts'

interface Bench {
  readonly store: MemoryStore
  readonly loop: Reconciler
  readonly asked: string[]
  readonly rung: { readonly incarnation: string; readonly session: SessionId }[]
  readonly adopted: Fence[]
  readonly here: Set<SessionId>
  readonly lost: Set<SessionId>
  /** What was counted: names, labels and values. */
  readonly counted: unknown[]
  now: number
  homes: (session: SessionId) => Home | null
  permits: number
  valid: boolean
}

const NOBODY = { url: null, version: '1', role: 'all' as const, capacity: 10 }

async function bench(t: Test): Promise<Bench> {
  const asked: string[] = []
  const store = memoryStore({ now: Date.now, at: (name, when) => void (when === 'before' && asked.push(name)) })
  for (const id of ['me', 'other']) await store.register({ ...NOBODY, incarnation: id, id }, 60_000)
  const self: Omit<Bench, 'loop'> = {
    store,
    asked,
    rung: [],
    adopted: [],
    here: new Set(),
    lost: new Set(),
    counted: [],
    now: 0,
    homes: () => ({ incarnation: 'me', epoch: 0n }),
    permits: Number.POSITIVE_INFINITY,
    valid: true,
  }
  const loop = startReconcile({
    store,
    planner: {
      place: async (session) => self.homes(session),
      take: async (count) => Math.min(count, self.permits),
      ring: async (incarnation, { session }) => void self.rung.push({ incarnation, session }),
    },
    lease: { incarnation: 'me', valid: () => self.valid },
    residence: {
      here: (session) => self.here.has(session),
      lost: () => self.lost,
      async adopt(sessions, get) {
        const fences = await get(sessions)
        for (const fence of fences) {
          self.adopted.push(fence)
          self.here.add(fence.session)
          self.lost.delete(fence.session)
        }
        return fences.length
      },
    },
    // Rounds only when the test asks for one.
    policy: { ...makePolicy().cluster, reconcileMs: 3_600_000, arrivalWindowMs: 0 },
    log: makeLog('silent'),
    random: Math.random,
    monotonic: () => self.now,
    meters: {
      count: (name, labels, by) => void self.counted.push([name, labels, by]),
      observe: (name, _, value) => void self.counted.push([name, value]),
    },
  })
  t.teardown(() => loop.stop())
  return Object.assign(self, { loop })
}

const sessions = (store: MemoryStore, count: number) =>
  Array.from({ length: count }, () => {
    const session = asId<SessionId>(uuidv7())
    store.want(session, { desired: 'connected' })
    return session
  })

t.test('all that belong here are claimed in one statement, and the next round asks two', async (t) => {
  const b = await bench(t)
  sessions(b.store, 40)
  b.asked.length = 0
  t.equal(await b.loop.lookNow(), 40)
  t.same(b.asked, ['ownedAfter', 'orphans', 'claim'])
  t.equal(new Set(b.adopted.map(({ epoch }) => epoch)).size, 40)
  b.asked.length = 0
  t.equal(await b.loop.lookNow(), 0)
  t.same(b.asked, ['ownedAfter', 'orphans'])
})

t.test('what is planned elsewhere is rung for once and never claimed', async (t) => {
  const b = await bench(t)
  const [a] = sessions(b.store, 1)
  b.homes = () => ({ incarnation: 'other', epoch: 0n })
  await b.loop.lookNow()
  await b.loop.lookNow()
  t.same(b.rung, [{ incarnation: 'other', session: a }])
  t.equal(b.store.owners().size, 0)
  b.homes = () => null
  t.equal(await b.loop.lookNow(), 0, 'no node takes sessions')
})

t.test('no more are claimed than may connect; the rest come with later rounds', async (t) => {
  const b = await bench(t)
  sessions(b.store, 5)
  b.permits = 2
  t.equal(await b.loop.lookNow(), 2)
  t.equal(await b.loop.lookNow(), 2)
  b.permits = 0
  t.equal(await b.loop.lookNow(), 0)
  b.permits = 9
  t.equal(await b.loop.lookNow(), 1)
})

t.test('what has an actor here is not touched, though it looks like an orphan', async (t) => {
  const b = await bench(t)
  const [a] = sessions(b.store, 1) as [SessionId]
  b.here.add(a)
  t.equal(await b.loop.lookNow(), 0)
  t.equal(b.store.owners().size, 0)
})

t.test('what was handed over is taken as it was given, without asking where it belongs', async (t) => {
  const b = await bench(t)
  const [a] = sessions(b.store, 1) as [SessionId]
  const [fence] = await b.store.claim([a], 'other')
  const given = fence === undefined ? null : await b.store.transfer(fence, 'me')
  b.permits = 0
  t.equal(await b.loop.lookNow(), 1)
  t.same(b.adopted, [given])
})

t.test('its own without an actor is claimed afresh, another node’s is not', async (t) => {
  const b = await bench(t)
  const [mine, theirs] = sessions(b.store, 2) as [SessionId, SessionId]
  const [old] = await b.store.claim([mine], 'me')
  await b.store.claim([theirs], 'other')
  b.here.add(mine)
  await b.loop.lookNow()
  b.here.clear()
  b.lost.add(mine).add(theirs)
  // What was seen to be ours while it had an actor is not taken as it is.
  await b.loop.lookNow()
  t.same(
    b.adopted.map(({ session }) => session),
    [mine],
  )
  t.ok(old !== undefined && (b.adopted[0]?.epoch ?? 0n) >= old.epoch)
  t.equal(b.store.owners().get(theirs)?.owner, 'other')
})

t.test('a node without a valid lease looks for nothing', async (t) => {
  const b = await bench(t)
  sessions(b.store, 1)
  b.asked.length = 0
  b.valid = false
  t.equal(await b.loop.lookNow(), 0)
  t.same(b.asked, [])
})

t.test('many bells at once are one more round', async (t) => {
  const b = await bench(t)
  b.asked.length = 0
  await Promise.all(Array.from({ length: 50 }, () => b.loop.lookNow()))
  t.ok(b.asked.filter((name) => name === 'orphans').length <= 2)
})

t.test('a database or a planner that is away ends the round, not the loop', async (t) => {
  const b = await bench(t)
  sessions(b.store, 1)
  b.homes = () => {
    throw new Error('away')
  }
  t.equal(await b.loop.lookNow(), 0)
  b.homes = () => ({ incarnation: 'me', epoch: 0n })
  t.equal(await b.loop.lookNow(), 1)
})

t.test('it is counted what made the node look, and how long a session had no owner that it saw', async (t) => {
  const b = await bench(t)
  b.permits = 0
  sessions(b.store, 1)
  await b.loop.lookNow('bell')
  t.same(b.counted, [], 'nothing was taken')
  b.now += 1_500
  b.permits = 1
  await b.loop.lookNow('death')
  t.same(b.counted, [
    ['timeToOwner', 1.5],
    ['sessionsTaken', { by: 'death' }, 1],
  ])
})
