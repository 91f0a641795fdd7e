// What one node does about sessions that should be connected and are nobody's. Every node decides for itself from the same facts; when two
// decide alike, the database lets one of them win.

import type { SessionId } from '../ids.ts'

/** Sessions to look at in this round: those this node lost first, then the orphans, each once, without those that are here already. */
export function candidates(facts: {
  /** This node's own, whose actor is gone. */
  readonly lost: Iterable<SessionId>
  /** Nobody's, the most urgent first. */
  readonly orphans: readonly SessionId[]
  /** Has an actor here, or is being claimed. */
  readonly here: (session: SessionId) => boolean
}): { readonly lost: readonly SessionId[]; readonly orphans: readonly SessionId[] } {
  const lost = new Set([...facts.lost].filter((session) => !facts.here(session)))
  const orphans = new Set(facts.orphans.filter((session) => !facts.here(session) && !lost.has(session)))
  return { lost: [...lost], orphans: [...orphans] }
}

export interface Placed {
  readonly session: SessionId
  /** Incarnation of the node it should live on; null when no node takes sessions. */
  readonly home: string | null
}

export interface Round {
  /** Ours to claim, the most urgent first. */
  readonly wanted: readonly SessionId[]
  /** Planned for others who were not told yet. */
  readonly ring: readonly { readonly session: SessionId; readonly incarnation: string }[]
  /** Who was told of which session: what the next round starts from. */
  readonly told: ReadonlyMap<SessionId, string>
}

/**
 * Divides what was looked at: ours, and others'. A node is rung once for a session, as long as the session stays an orphan planned for it.
 * @param told what the round before returned
 */
export function divide(
  me: string,
  lost: readonly SessionId[],
  placed: readonly Placed[],
  told: ReadonlyMap<SessionId, string>,
): Round {
  const elsewhere = placed.flatMap(({ session, home }) =>
    home === null || home === me ? [] : [{ session, incarnation: home }],
  )
  return {
    wanted: [...lost, ...placed.filter(({ home }) => home === me).map(({ session }) => session)],
    ring: elsewhere.filter(({ session, incarnation }) => told.get(session) !== incarnation),
    told: new Map(elsewhere.map(({ session, incarnation }) => [session, incarnation])),
  }
}

/** Those that may be claimed now: as many as permissions to connect were given. The others wait for the next round. */
export function permitted(wanted: readonly SessionId[], permits: number): readonly SessionId[] {
  return wanted.slice(0, Math.max(0, permits))
}

/**
 * The pause before the next round: nodes that started together do not ask together for ever.
 * @param random in [0, 1)
 */
export function pauseMs(intervalMs: number, random: number): number {
  return Math.round(intervalMs * (0.8 + 0.4 * random))
}
