// A planner for nodes of one process: no Redis, no delay, and a test may make it answer nobody, lose bells or lie.

import type { Planner, PlannerEvents } from '../../src/actors/cluster/planner.ts'
import type { Member } from '../../src/actors/cluster/store.ts'
import type { SessionId } from '../../src/domain/ids.ts'

/** Where sessions should live, in memory: sticky, else the least loaded. What the nodes tell it and ring is kept for the test. */
export interface PlannerHub {
  for(incarnation: string): Planner
  /** Nobody is answered any more. */
  down: boolean
  /** Bells are lost. */
  deaf: boolean
  /** Every node is told that each session belongs to itself. */
  selfish: boolean
  /** Permissions to connect that are given at once. */
  permits: number
  readonly homes: Map<SessionId, { incarnation: string; epoch: bigint }>
  readonly rung: { readonly incarnation: string; readonly session: SessionId }[]
}

/** @param ttlMs how long a node lives after its last beat */
export function plannerHub(ttlMs: number): PlannerHub {
  const beats = new Map<string, { readonly member: Member; readonly at: number }>()
  const living = () => [...beats.values()].flatMap(({ member, at }) => (performance.now() - at < ttlMs ? [member] : []))
  const lives = (incarnation: string) => living().some((member) => member.incarnation === incarnation)
  const listeners = new Map<string, Set<PlannerEvents>>()
  const load = (incarnation: string) =>
    [...hub.homes.values()].filter((home) => home.incarnation === incarnation).length
  const answer = async <T>(work: () => T): Promise<T> => {
    if (hub.down) throw new Error('the planner is away')
    return work()
  }
  const hub: PlannerHub = {
    down: false,
    deaf: false,
    selfish: false,
    permits: Number.POSITIVE_INFINITY,
    homes: new Map(),
    rung: [],
    for: (me) => ({
      beat: (self) =>
        answer(() => {
          beats.set(me, { member: self, at: performance.now() })
          return living()
        }),
      place: (session, not) =>
        answer(() => {
          if (hub.selfish) return { incarnation: me, epoch: 0n }
          const home = hub.homes.get(session)
          if (home !== undefined && home.incarnation !== not && lives(home.incarnation)) return home
          const fit = living().filter((node) => !node.draining && node.incarnation !== not)
          const best = fit.toSorted((one, other) => load(one.incarnation) - load(other.incarnation))[0]
          if (best === undefined) return null
          const planned = { incarnation: best.incarnation, epoch: home?.epoch ?? 0n }
          hub.homes.set(session, planned)
          return planned
        }),
      home: (session) => answer(() => hub.homes.get(session) ?? null),
      publish: (session, home) =>
        answer(() => {
          if (home.epoch >= (hub.homes.get(session)?.epoch ?? 0n)) hub.homes.set(session, home)
        }),
      forget: (session, epoch) =>
        answer(() => {
          if (hub.homes.get(session)?.epoch === epoch) hub.homes.delete(session)
        }),
      gone: (incarnation) => answer(() => void beats.delete(incarnation)),
      take: (count) => answer(() => Math.min(count, hub.permits)),
      ring: (incarnation, bell) =>
        answer(() => {
          hub.rung.push({ incarnation, session: bell.session })
          if (!hub.deaf) for (const events of listeners.get(incarnation) ?? []) events.bell(bell)
        }),
      listen(events) {
        const mine = listeners.get(me) ?? new Set()
        listeners.set(me, mine.add(events))
        return () => void mine.delete(events)
      },
      close: async () => void beats.delete(me),
    }),
  }
  return hub
}
