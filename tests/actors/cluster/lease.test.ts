import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { holdLease, type NodeLease } from '../../../src/actors/cluster/lease.ts'
import type { ClusterStore } from '../../../src/actors/cluster/store.ts'
import { makeLog } from '../../../src/log.ts'
import { memoryStore } from '../../support/memory-store.ts'
import { until } from '../../support/until.ts'

const POLICY = {
  ttlMs: 400,
  renewMs: 40,
  marginMs: 100,
  jumpMs: 50,
  buryMs: 20,
  guardMs: 5,
  controlTimeoutMs: 60,
  controlPool: 1,
}
const node = (incarnation: string) => ({
  incarnation,
  id: incarnation,
  url: null,
  version: '1',
  role: 'all' as const,
  capacity: 10,
})

interface Held {
  readonly lease: NodeLease
  readonly store: ClusterStore
  /** What renewals do: null answers as the store does. */
  renew: (() => Promise<number | null>) | null
  ahead: { monotonic: number; wall: number }
  deaths: number
  lapses: number
  readonly buried: string[]
}

async function held(
  t: Test,
  incarnation = 'me',
  store: ClusterStore = memoryStore({ now: Date.now }),
  policy = POLICY,
): Promise<Held> {
  const self: Omit<Held, 'lease'> & { lease?: NodeLease } = {
    store,
    renew: null,
    ahead: { monotonic: 0, wall: 0 },
    deaths: 0,
    lapses: 0,
    buried: [],
  }
  const lease = await holdLease({
    store: { ...store, renew: (...args) => self.renew?.() ?? store.renew(...args) },
    node: node(incarnation),
    status: () => ({ draining: false, sessions: 7, loopLagMs: 0, rssMb: 0 }),
    policy,
    log: makeLog('silent'),
    now: () => new Date(Date.now() + self.ahead.wall),
    monotonic: () => performance.now() + self.ahead.monotonic,
    buried: (dead) => void self.buried.push(...dead),
    toldDead: () => {
      self.deaths += 1
    },
  })
  lease.onLapse(() => {
    self.lapses += 1
  })
  t.teardown(() => lease.end())
  return Object.assign(self, { lease })
}

t.test('it holds while it is renewed, and tells the others how the node is doing', async (t) => {
  const me = await held(t)
  let renewals = 0
  me.lease.onRenew(() => {
    renewals += 1
  })
  await until('more renewals than one lease has room for', () => renewals > POLICY.ttlMs / POLICY.renewMs)
  t.ok(me.lease.valid())
  t.equal(me.lapses, 0)
  const [self] = await me.store.members()
  t.match(self, { incarnation: 'me', sessions: 7 })
  t.ok((self?.leaseSlackMs ?? 0) > 0)
})

t.test('without renewals it is over before others may have it, and says so by itself', async (t) => {
  const me = await held(t)
  const other = await held(t, 'other', me.store)
  const from = performance.now()
  me.renew = () => Promise.reject(new Error('away'))
  await until('it lapsed', () => me.lapses === 1)
  t.ok(performance.now() - from < POLICY.ttlMs)
  t.notOk(me.lease.valid())
  t.equal(me.lease.leftMs(), 0)
  t.same(other.buried, [], 'nobody has declared it dead yet')
  await until('it is declared dead', () => other.buried.includes('me'))
  t.equal(me.lapses, 1, 'said once')
  me.renew = null
  await until('it is told', () => me.deaths === 1)
})

t.test('one that comes back in time for itself goes on, and may lapse again', async (t) => {
  const me = await held(t)
  me.renew = () => Promise.reject(new Error('away'))
  await until('it lapsed', () => me.lapses === 1)
  me.renew = null
  await until('it holds again', () => me.lease.valid())
  me.renew = () => Promise.reject(new Error('away'))
  await until('it lapsed again', () => me.lapses === 2)
})

for (const clock of ['monotonic', 'wall'] as const)
  t.test(`a jump of the ${clock} clock past the deadline ends it at once, without a timer`, async (t) => {
    const me = await held(t)
    me.renew = () => new Promise(() => undefined)
    t.ok(me.lease.valid())
    me.ahead[clock] = 10_000
    t.notOk(me.lease.valid())
  })

t.test('an answer that hangs does not hold up the next renewal', async (t) => {
  const me = await held(t)
  let hanging = 0
  me.renew = () => {
    hanging += 1
    me.renew = null
    return new Promise(() => undefined)
  }
  await until('one hung', () => hanging === 1)
  let renewals = 0
  me.lease.onRenew(() => {
    renewals += 1
  })
  await until('renewed after it', () => renewals > 0, POLICY.ttlMs)
  t.equal(me.lapses, 0)
})

t.test('an answer that took its time gives less: the deadline counts from the question', async (t) => {
  const me = await held(t)
  const TOOK_MS = 50
  me.renew = async () => {
    await sleep(TOOK_MS)
    return Date.now()
  }
  const lefts: number[] = []
  me.lease.onRenew(() => lefts.push(me.lease.leftMs()))
  await until('some renewals', () => lefts.length >= 3)
  t.ok(Math.max(...lefts) <= POLICY.ttlMs - POLICY.marginMs - TOOK_MS + 2, `left: ${lefts.map(Math.round).join(', ')}`)
})

t.test('told dead, also by an answer that came late, it is over for good and renews no more', async (t) => {
  const me = await held(t)
  const late = Promise.withResolvers<number | null>()
  me.renew = () => {
    me.renew = null
    return late.promise
  }
  await until('it is asked', () => me.renew === null)
  late.resolve(null)
  await until('it is told', () => me.deaths === 1)
  t.equal(me.lapses, 1, 'what is open is cut')
  t.notOk(me.lease.valid())
  me.renew = () => t.fail('it must not renew') as never
  await me.lease.end()
})

t.test('after an outage of the database nobody is declared dead before one whole lease has gone well', async (t) => {
  const me = await held(t)
  const store = me.store
  await until('a whole lease went well', async () => {
    await store.register(node('late'), 0).catch(() => undefined)
    return me.buried.includes('late')
  })
  let failures = 0
  me.renew = () => {
    failures += 1
    return Promise.reject(new Error('away'))
  }
  await until('it failed', () => failures > 0)
  me.renew = null
  const from = performance.now()
  await store.register(node('later'), 0)
  await until('the next is declared dead', () => me.buried.includes('later'))
  t.ok(performance.now() - from >= POLICY.ttlMs - POLICY.renewMs, 'it had its time to come back')
})

t.test('after the clock of the database has jumped ahead nobody is declared dead who still renews', async (t) => {
  let ahead = 0
  const store = memoryStore({ now: () => Date.now() + ahead })
  const me = await held(t, 'me', store)
  const other = await held(t, 'other', store)
  await until('a whole lease went well', async () => {
    await store.register(node('late'), 0).catch(() => undefined)
    return [...me.buried, ...other.buried].includes('late')
  })
  // The others have renewed by the old clock, and by the new one all of that is long over.
  ahead = 60_000
  await store.register(node('later'), 0)
  await until('the next is declared dead', () => [...me.buried, ...other.buried].includes('later'))
  t.same([me.deaths, other.deaths], [0, 0])
})

t.test('a lease that runs out is seen within a look, not with the next renewal', async (t) => {
  const me = await held(t, 'me', undefined, { ...POLICY, renewMs: 200 })
  await until('a whole lease went well', async () => {
    await me.store.register(node('first'), 0).catch(() => undefined)
    return me.buried.includes('first')
  })
  let renewals = 0
  me.lease.onRenew(() => {
    renewals += 1
  })
  await until('it has just renewed', () => renewals === 1)
  await me.store.register(node('second'), 0)
  await until('the next is declared dead', () => me.buried.includes('second'))
  t.equal(renewals, 1)
})
