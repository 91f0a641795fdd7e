// The in-memory twin of planning with Redis: one `memoryPlan` is one Redis, and every node has a planner over it. It forgets, expires and
// falls silent as Redis does, on any clock; it waits only at `at` (before an operation, and before its answer arrives).

import { makeBudget } from '../../src/actors/cluster/budget.ts'
import type { Bell, Home, PlannerEvents } from '../../src/actors/cluster/planner.ts'
import type { RedisPlanner } from '../../src/actors/cluster/redis-planner.ts'
import type { Member } from '../../src/actors/cluster/store.ts'
import { type Bucket, fullBucket, takeFrom } from '../../src/domain/cluster/bucket.ts'
import { candidates, loadOf, takesSessions } from '../../src/domain/cluster/placement.ts'
import type { SessionId } from '../../src/domain/ids.ts'

export interface MemoryPlanOptions {
  /** The clock of Redis, in ms. */
  readonly now: () => number
  /** How long a node lives after its last beat. */
  readonly livesMs?: number
  readonly clusterConnectsPerSecond?: number
  /** A scheduling point, as in memory-store.ts; `incarnation` is the node that asks. */
  readonly at?: (operation: string, when: 'before' | 'after', incarnation: string) => Promise<void> | void
}

export interface MemoryPlan {
  /** @param connectsPerSecond this node's own budget; 0 is no limit */
  planner(incarnation: string, connectsPerSecond?: number): RedisPlanner
  /** FLUSHALL. */
  wipe(): void
  /** While it is down every call throws. */
  down(is: boolean): void
  /** What it takes for the homes of sessions. */
  homes(): ReadonlyMap<SessionId, Home>
}

interface Entry {
  readonly epoch: bigint
  readonly incarnation: string
  readonly planned: boolean
}

export function memoryPlan(options: MemoryPlanOptions): MemoryPlan {
  const { now, livesMs = 8_000, clusterConnectsPerSecond = 0 } = options
  const nodes = new Map<string, { readonly member: Member; load: number; readonly until: number }>()
  const homes = new Map<SessionId, Entry>()
  const ears = new Map<string, Set<PlannerEvents>>()
  let tokens: Bucket = fullBucket(clusterConnectsPerSecond, now())
  let isDown = false

  const reached = () => {
    if (isDown) throw new Error('Redis is down')
  }
  const living = (incarnation: string) => {
    const node = nodes.get(incarnation)
    return node !== undefined && node.until > now() ? node : null
  }
  const homeOf = ({ incarnation, epoch, planned }: Entry): Home => ({ incarnation, epoch: planned ? 0n : epoch })
  const hear = (session: SessionId, home: Home) => {
    for (const listeners of ears.values()) for (const { moved } of listeners) moved(session, home)
  }

  const place = (session: SessionId, not?: string): Home | null => {
    const entry = homes.get(session)
    if (entry !== undefined && entry.incarnation !== not) {
      const node = living(entry.incarnation)
      if (node !== null && (!entry.planned || takesSessions(node.member))) return homeOf(entry)
    }
    const open = [...nodes.values()]
      .filter(({ until }) => until > now())
      .map(({ member, load }) => ({ ...member, sessions: load }))
    const [best] = candidates(open, not).toSorted(
      (a, b) => loadOf(a) - loadOf(b) || (a.incarnation < b.incarnation ? -1 : 1),
    )
    if (best === undefined) return null
    homes.set(session, { epoch: entry?.epoch ?? 0n, incarnation: best.incarnation, planned: true })
    const node = nodes.get(best.incarnation)
    if (node !== undefined) node.load += 1
    return { incarnation: best.incarnation, epoch: 0n }
  }

  const publish = (session: SessionId, home: Home): boolean => {
    const entry = homes.get(session)
    if (entry !== undefined && home.epoch < entry.epoch) return false
    const same = entry?.epoch === home.epoch && entry.incarnation === home.incarnation && !entry.planned
    homes.set(session, { ...home, planned: false })
    return !same
  }

  return {
    planner(me, connectsPerSecond = 0) {
      const budget = makeBudget(() => connectsPerSecond, now)
      const mine = new Set<PlannerEvents>()
      ears.set(me, mine)
      let fresh = true
      let homesMissing = true
      const operation = async <T>(name: string, work: () => T): Promise<T> => {
        await options.at?.(name, 'before', me)
        reached()
        const result = work()
        await options.at?.(name, 'after', me)
        return result
      }
      return {
        fresh: () => fresh,
        beat: (self, all) =>
          operation('beat', () => {
            for (const [incarnation, { until }] of nodes) if (until <= now()) nodes.delete(incarnation)
            fresh = !nodes.has(self.incarnation)
            nodes.set(self.incarnation, { member: self, load: self.sessions, until: now() + livesMs })
            if (fresh || homesMissing)
              for (const [session, epoch] of all()) publish(session, { incarnation: me, epoch })
            homesMissing = false
            return [...nodes.values()]
              .map(({ member }) => member)
              .sort((a, b) => (a.incarnation < b.incarnation ? -1 : 1))
          }),
        place: (session, not) => operation('place', () => place(session, not)),
        home: (session) =>
          operation('home', () => {
            const entry = homes.get(session)
            return entry === undefined ? null : homeOf(entry)
          }),
        async publish(session, home) {
          try {
            await operation('publish', () => {
              if (publish(session, home)) hear(session, home)
            })
          } catch (error) {
            homesMissing = true
            throw error
          }
        },
        forget: (session, epoch) =>
          operation('forget', () => {
            const entry = homes.get(session)
            if (entry?.epoch === epoch && !entry.planned) homes.delete(session)
          }),
        gone: (incarnation) => operation('gone', () => void nodes.delete(incarnation)),
        take: (count) =>
          operation('take', () => {
            const own = budget.take(count)
            const result = takeFrom(tokens, own, clusterConnectsPerSecond, now())
            tokens = result.bucket
            budget.putBack(own - result.taken)
            return result.taken
          }),
        ring: (incarnation, bell: Bell) =>
          operation('ring', () => {
            for (const events of ears.get(incarnation) ?? []) events.bell(bell)
          }),
        listen(events) {
          mine.add(events)
          return () => void mine.delete(events)
        },
        async close() {
          if (!isDown) nodes.delete(me)
          ears.delete(me)
        },
      }
    },
    wipe() {
      nodes.clear()
      homes.clear()
      tokens = fullBucket(clusterConnectsPerSecond, now())
    },
    down(is) {
      isDown = is
    },
    homes: () => new Map([...homes].map(([session, entry]) => [session, homeOf(entry)])),
  }
}
