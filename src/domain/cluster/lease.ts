// The arithmetic of a node's lease: until when it may act, how much of that is left, and when it may say of others that they are dead.
// Two clocks, because each of them misses something: a suspended machine stops the monotonic one, and people set the other.

/** One moment on both clocks, in ms. */
export interface Clocks {
  readonly monotonic: number
  readonly wall: number
}

export interface LeaseTimes {
  readonly ttlMs: number
  /** The node stops acting this long before its lease may be taken from it. */
  readonly marginMs: number
}

/**
 * Until when a renewal that succeeded lets the node act. A renewal never takes away what an earlier one gave.
 * @param sent when the renewal was sent, not when it was answered: the database may have counted from then on
 */
export function extended(deadline: Clocks | null, sent: Clocks, { ttlMs, marginMs }: LeaseTimes): Clocks {
  const span = ttlMs - marginMs
  const next = { monotonic: sent.monotonic + span, wall: sent.wall + span }
  return deadline !== null && deadline.monotonic > next.monotonic ? deadline : next
}

/** What is left of the lease in ms, by the clock that is nearer to its end; 0 once it is over. */
export function leftMs(deadline: Clocks, now: Clocks): number {
  return Math.max(0, Math.min(deadline.monotonic - now.monotonic, deadline.wall - now.wall))
}

/** Renewals that succeeded without a gap. */
export interface Streak {
  readonly since: Clocks
  readonly last: Clocks
}

/** The streak with one more renewal. One that came later than a whole lease after the one before begins anew: everybody was away. */
export function continued(streak: Streak | null, sent: Clocks, { ttlMs }: LeaseTimes): Streak {
  if (streak === null) return { since: sent, last: sent }
  const gap = Math.max(sent.monotonic - streak.last.monotonic, sent.wall - streak.last.wall)
  return gap > ttlMs ? { since: sent, last: sent } : { since: streak.since, last: sent }
}

/**
 * Whether this node may declare others dead: after any outage of the database, and after any pause of its own, everybody must have had
 * one whole lease to come back.
 */
export function mayBury(streak: Streak | null, { ttlMs }: LeaseTimes): boolean {
  return streak !== null && streak.last.monotonic - streak.since.monotonic >= ttlMs
}
