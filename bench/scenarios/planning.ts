// How fast sessions get a place and an owner: planned by Redis and by the rows of the database, and claimed in PostgreSQL.

import { loadavg } from 'node:os'
import { uuidv7 } from 'uuidv7'
import { makeBudget } from '../../src/actors/cluster/budget.ts'
import { clusterStore } from '../../src/actors/cluster/pg-store.ts'
import type { Home, Planner } from '../../src/actors/cluster/planner.ts'
import { redisPlanner } from '../../src/actors/cluster/redis-planner.ts'
import { rowsPlanner } from '../../src/actors/cluster/rows-planner.ts'
import type { Member } from '../../src/actors/cluster/store.ts'
import { asId, type SessionId } from '../../src/domain/ids.ts'
import { makeLog } from '../../src/log.ts'
import { type Database, openDatabase } from '../../src/persistence/database.ts'
import { markNodeDead, registerNode } from '../../src/persistence/leases.ts'
import { DEFAULT_POLICY } from '../../src/policy.ts'
import { type Figure, figure, median, rounded } from '../figures.ts'
import type { Bench } from '../parts.ts'
import { startRedis } from '../redis.ts'
import { until } from '../until.ts'

const NODES = 10
const ROUND = DEFAULT_POLICY.cluster.orphansAtOnce
const LEASE_MS = 600_000
const HEARD_WITHIN_MS = 10_000
const monotonic = () => performance.now()

export interface PlanningOptions {
  readonly rounds: number
  readonly placed: number
  readonly claimed: number
}

export async function planning(bench: Bench, { rounds, placed, claimed }: PlanningOptions): Promise<Figure[]> {
  const db = await openDatabase({ url: bench.databaseUrl, poolMax: 4 })
  const nodes = Array.from({ length: NODES }, () => uuidv7())
  try {
    for (const incarnation of nodes)
      await registerNode(db, {
        incarnation,
        id: incarnation,
        url: null,
        version: '1.0.0',
        capacity: placed,
        ttlMs: LEASE_MS,
      })
    const rows = await placedByRows(db, rounds, placed)
    const redis = await placedByRedis(nodes, rounds, placed)
    const load = `load ${loadavg()[0]?.toFixed(1)}`
    const perNode = redis === null ? '' : `${redis.least} to ${redis.most} on each of ${NODES} nodes; `
    const note =
      redis === null
        ? `by the rows: no redis-server on the PATH; ${load}`
        : `${perNode}by the rows, without Redis: ${rounded(median(rows))} ms; ${load}`
    const ours = await claims(bench, db, nodes[0] ?? '', rounds, claimed)
    return [
      figure({ name: 'placement of 10,000 sessions', better: 'lower', unit: 'ms', ours: redis?.times ?? rows, note }),
      figure({ name: 'claim of 1,000', better: 'lower', unit: 'ms', ours, note: `one statement; ${load}` }),
    ]
  } finally {
    for (const incarnation of nodes) await markNodeDead(db, incarnation)
    await db.close()
  }
}

const sessions = (count: number) => Array.from({ length: count }, () => asId<SessionId>(uuidv7()))

/** @returns ms, and where they were put */
async function placeAll(planner: Planner, count: number): Promise<{ ms: number; on: Map<string, number> }> {
  const some = sessions(count)
  const from = monotonic()
  const homes: (Home | null)[] = []
  // As many at once as a round of a node looks at.
  for (let at = 0; at < count; at += ROUND)
    homes.push(...(await Promise.all(some.slice(at, at + ROUND).map((session) => planner.place(session)))))
  const ms = monotonic() - from
  const on = new Map<string, number>()
  for (const home of homes) {
    if (home === null) throw new Error('a session was not placed')
    on.set(home.incarnation, (on.get(home.incarnation) ?? 0) + 1)
  }
  return { ms, on }
}

async function placedByRows(db: Database, rounds: number, count: number): Promise<number[]> {
  const budget = makeBudget(() => 0, monotonic)
  const policy = DEFAULT_POLICY.planner
  const planner = rowsPlanner({ budget, clusterConnectsPerSecond: 0, policy, store: clusterStore(db), monotonic })
  const times: number[] = []
  for (let round = 0; round < rounds; round += 1) times.push((await placeAll(planner, count)).ms)
  await planner.close()
  return times
}

async function placedByRedis(nodes: readonly string[], rounds: number, count: number) {
  const redis = await startRedis()
  if (redis === null) return null
  const { url } = redis
  const log = makeLog('silent')
  // A full second in place of 50 ms: the figure is how long it takes, not whether a busy machine falls back.
  const policy = { ...DEFAULT_POLICY.planner, answerMs: 1_000, livesMs: LEASE_MS }
  const planners = nodes.map((incarnation) =>
    redisPlanner({
      budget: makeBudget(() => 0, monotonic),
      clusterConnectsPerSecond: 0,
      policy,
      url,
      incarnation,
      log,
    }),
  )
  try {
    for (const [index, planner] of planners.entries()) {
      const self = member(nodes[index] ?? '', count)
      await until('Redis is heard', () => planner.beat(self, () => []).catch(() => null), HEARD_WITHIN_MS)
    }
    const [planner] = planners
    if (planner === undefined) throw new Error('there is no node')
    const times: number[] = []
    let on = new Map<string, number>()
    for (let round = 0; round < rounds; round += 1) {
      const done = await placeAll(planner, count)
      times.push(done.ms)
      ;({ on } = done)
    }
    const counts = nodes.map((node) => on.get(node) ?? 0)
    return { times, least: Math.min(...counts), most: Math.max(...counts) }
  } finally {
    for (const planner of planners) await planner.close()
    await redis.stop()
  }
}

function member(incarnation: string, capacity: number): Member {
  return {
    incarnation,
    id: incarnation,
    url: 'http://127.0.0.1:1',
    version: '1.0.0',
    role: 'all',
    capacity,
    startedAt: new Date(),
    draining: false,
    sessions: 0,
    loopLagMs: 0,
    rssMb: 100,
    leaseSlackMs: 6_000,
  }
}

async function claims(bench: Bench, db: Database, owner: string, rounds: number, count: number): Promise<number[]> {
  const users = await bench.shop.addIdle(count)
  const store = clusterStore(db)
  const times: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    await db.run('update lease set owner = null where session_id = any(?::uuid[])', [users])
    const from = monotonic()
    const fences = await store.claim(users, owner)
    times.push(monotonic() - from)
    if (fences.length !== count) throw new Error(`${fences.length} of ${count} were claimed`)
  }
  await bench.shop.rest()
  await db.run('update lease set owner = null where session_id = any(?::uuid[])', [users])
  return times
}
