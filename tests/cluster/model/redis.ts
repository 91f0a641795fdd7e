// Redis in virtual time: the in-memory twin of the planner (which answers to the same contract tests as the real one), reached over a network
// that lags, is cut or leads nowhere. What it cannot answer in time the real planner without Redis answers from the node rows.

import type { Planner, PlannerEvents } from '../../../src/actors/cluster/planner.ts'
import type { RedisPlanner } from '../../../src/actors/cluster/redis-planner.ts'
import type { ClusterStore } from '../../../src/actors/cluster/store.ts'
import { DEFAULT_POLICY } from '../../../src/policy.ts'
import { memoryPlan } from '../../support/memory-planner.ts'
import { ask, makeServer, type Server } from './network.ts'
import type { Process, Scheduler } from './scheduler.ts'
import type { Source } from './source.ts'

const LATENCY_MS = 1
const POLICY = DEFAULT_POLICY.planner
/** Permissions to connect a second, of the whole cluster. */
const CONNECTS = 50

export interface Redis {
  readonly server: Server
  planner(process: Process, store: ClusterStore, monotonic: () => number): Planner
  wipe(): void
}

export interface RedisOptions {
  readonly scheduler: Scheduler
  readonly source: Source
  readonly log: Parameters<Source['plannerWithFallback']>[0]['log']
}

export function makeRedis({ scheduler, source, log }: RedisOptions): Redis {
  const server = makeServer('redis', LATENCY_MS)
  const plan = memoryPlan({ now: scheduler.now, livesMs: POLICY.livesMs, clusterConnectsPerSecond: CONNECTS })

  const reached = (process: Process): RedisPlanner => {
    const twin = plan.planner(process.name)
    const call = <T>(work: () => Promise<T>) =>
      ask<T>(scheduler, { from: process, to: server, timeoutMs: POLICY.answerMs, changes: false, work })
    const tell = (run: () => void) => {
      if (server.down || server.cut.has(process)) return
      scheduler.after(server.lagMs + scheduler.random('bell') * LATENCY_MS, process, run)
    }
    return {
      fresh: twin.fresh,
      beat(self, homes) {
        const mine = [...homes()]
        return call(() => twin.beat(self, () => mine))
      },
      place: (session, not) => call(() => twin.place(session, not)),
      home: (session) => call(() => twin.home(session)),
      publish: (session, home) => call(() => twin.publish(session, home)),
      forget: (session, epoch) => call(() => twin.forget(session, epoch)),
      gone: (incarnation) => call(() => twin.gone(incarnation)),
      take: (count) => call(() => twin.take(count)),
      ring: (incarnation, bell) => call(() => twin.ring(incarnation, bell)),
      listen: (events: PlannerEvents) =>
        twin.listen({
          bell: (bell) => tell(() => events.bell(bell)),
          moved: (session, home) => tell(() => events.moved(session, home)),
        }),
      close: () => twin.close(),
    }
  }

  return {
    server,
    planner: (process, store, monotonic) =>
      source.plannerWithFallback({
        redis: reached(process),
        rows: source.rowsPlanner({
          store,
          budget: source.makeBudget(() => 0, monotonic),
          clusterConnectsPerSecond: CONNECTS,
          policy: POLICY,
          monotonic,
        }),
        log,
      }),
    wipe: plan.wipe,
  }
}
