// What makes a node one of a cluster, opened in order: connections for its lease alone, the lease, the planner; and, once it has sessions,
// the beat by which others know of it. It decides nothing.

import { hostname } from 'node:os'
import { makeBudget } from './actors/cluster/budget.ts'
import { holdLease, type NodeIdentity, type NodeLease } from './actors/cluster/lease.ts'
import { type Limits, memoryLimits } from './actors/cluster/limits.ts'
import { limitsWithFallback } from './actors/cluster/limits-with-fallback.ts'
import { joinCluster, type Membership } from './actors/cluster/membership.ts'
import { clusterStore } from './actors/cluster/pg-store.ts'
import type { Planner } from './actors/cluster/planner.ts'
import { type PlannerWithFallback, plannerWithFallback } from './actors/cluster/planner-with-fallback.ts'
import { redisLimits } from './actors/cluster/redis-limits.ts'
import { redisPlanner } from './actors/cluster/redis-planner.ts'
import { rowsPlanner } from './actors/cluster/rows-planner.ts'
import type { Member } from './actors/cluster/store.ts'
import { measureVitals } from './actors/cluster/vitals.ts'
import type { SessionSystem } from './actors/system.ts'
import type { Config } from './config.ts'
import type { Logger } from './log.ts'
import type { Meters } from './meters.ts'
import { connect, type Database } from './persistence/database.ts'
import type { Policy } from './policy.ts'

export interface ClusterOptions {
  readonly config: Pick<
    Config,
    'nodeId' | 'nodeRole' | 'nodeCapacity' | 'redisUrl' | 'connectsPerSecond' | 'clusterConnectsPerSecond'
  >
  readonly policy: Policy
  readonly log: Logger
  readonly meters?: Meters
  /** For the work of sessions, and for planning without Redis. */
  readonly db: Database
  /** Of the database. */
  readonly url: string
  readonly incarnation: string
  readonly version: string
  /** Where other nodes reach this one; null when there is no way in. */
  readonly nodeUrl: string | null
  readonly draining: () => boolean
  readonly toldDead: () => void
  readonly planner?: (incarnation: string) => Planner
  readonly now: () => Date
  readonly monotonic: () => number
  readonly onClose: (name: string, close: () => Promise<unknown> | unknown) => void
}

export interface ClusterSide {
  readonly lease: NodeLease
  readonly planner: Planner
  /** Who plans at the moment. */
  readonly plannerSource: () => 'redis' | 'rows'
  readonly loopLagMs: () => number
  /**
   * Begins to tell others how full this node is.
   * @param heard told who lives, with every beat
   */
  join(
    sessions: Pick<SessionSystem, 'counts' | 'homes' | 'resumeAll'>,
    heard: (members: readonly Member[]) => void,
  ): Membership
}

/** @throws DatabaseUnavailable when the lease cannot be had */
export async function openCluster(options: ClusterOptions): Promise<ClusterSide> {
  const { config, policy, log, incarnation, version, now, monotonic, onClose } = options
  // Work that takes all other connections must not cost the node its lease.
  const control = await connect({
    url: options.url,
    poolMax: policy.lease.controlPool,
    statementTimeoutMs: policy.lease.controlTimeoutMs,
    log,
  })
  onClose('the connections of the lease', () => control.close())
  const store = clusterStore(control)
  const vitals = measureVitals()
  onClose('the measurement of the event loop', () => vitals.stop())
  const node: NodeIdentity = {
    incarnation,
    id: config.nodeId ?? `${hostname()}-${process.pid}`,
    url: options.nodeUrl,
    version,
    role: config.nodeRole,
    capacity: config.nodeCapacity,
  }
  const startedAt = now()
  let owned = () => 0
  const status = () => ({ draining: options.draining(), sessions: owned(), ...vitals.read() })
  const { toldDead } = options
  const metered = options.meters === undefined ? {} : { meters: options.meters }
  const planner = options.planner?.(incarnation) ?? makePlanner(options)
  const plannerSource = () => ('source' in planner ? (planner as PlannerWithFallback).source() : 'rows')
  onClose('the planner', () => planner.close())
  let look = () => {}
  const buried = (incarnations: readonly string[]) => {
    look()
    for (const dead of incarnations)
      planner.gone(dead).catch((error: unknown) => log.debug({ err: error }, 'the planner was not told of a dead node'))
  }
  const lease = await holdLease({
    store,
    node,
    status,
    policy: policy.lease,
    log,
    now,
    monotonic,
    buried,
    toldDead,
    ...metered,
  })
  onClose('the lease', () => lease.end())
  return {
    lease,
    planner,
    plannerSource,
    loopLagMs: () => vitals.read().loopLagMs,
    join(sessions, heard) {
      owned = () => sessions.counts().owned
      // Without waiting for the next round: their sessions are nobody's from now on.
      look = () => void sessions.resumeAll('death')
      const { homes } = sessions
      const membership = joinCluster({
        store,
        planner,
        lease,
        node,
        startedAt,
        status,
        homes,
        heard,
        log,
      })
      onClose('the membership', () => membership.stop())
      return membership
    },
  }
}

/** Redis where there is one, and the rows of the database, on the connections of work, in any case. */
function makePlanner({ config, policy, log, db, incarnation, monotonic }: ClusterOptions): Planner {
  const { redisUrl, connectsPerSecond, clusterConnectsPerSecond } = config
  const budget = makeBudget(() => connectsPerSecond, monotonic)
  const shared = { budget, clusterConnectsPerSecond, policy: policy.planner }
  const rows = rowsPlanner({ ...shared, store: clusterStore(db), monotonic })
  if (redisUrl === null) return rows
  return plannerWithFallback({ redis: redisPlanner({ ...shared, url: redisUrl, incarnation, log }), rows, log })
}

export interface LimitsOptions extends Pick<ClusterOptions, 'policy' | 'log' | 'monotonic' | 'onClose'> {
  readonly config: Pick<Config, 'redisUrl'>
  readonly meters: Meters
  /** A keyed hash, the same on every node. */
  readonly mac: (text: string) => Buffer
}

/** Limits of all nodes together where there is a Redis, else of this node. */
export function openLimits({ config, policy, log, meters, monotonic, mac, onClose }: LimitsOptions): Limits {
  const own = memoryLimits(monotonic)
  if (config.redisUrl === null) return own
  const shared = redisLimits({ url: config.redisUrl, policy: policy.planner, mac, log })
  onClose('the limits', () => shared.close())
  return limitsWithFallback({ shared, own, meters, log, restMs: policy.planner.reconnectMs, monotonic })
}
