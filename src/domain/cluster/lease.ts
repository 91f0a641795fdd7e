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

/** A renewal that succeeded. */
export interface Renewal {
  readonly sent: Clocks
  /** When its answer came, by the monotonic clock. */
  readonly answered: number
  /** What the database said the time was, in ms. */
  readonly database: number
}

/** Renewals that succeeded without a gap, against a database whose clock did not jump. */
export interface Streak {
  readonly since: Clocks
  readonly last: Renewal
}

export interface StreakTimes extends LeaseTimes {
  /** How much further ahead than ours the clock of the database may go from one renewal to the next. */
  readonly jumpMs: number
}

/**
 * The streak with one more renewal. It begins anew with one that came later than a whole lease after the one before: everybody was away. And
 * with one from a database whose clock went on by more than can have passed here: another server answers now, or somebody has set its clock,
 * and by that clock the leases of all others may have run out although they renewed in time.
 */
export function continued(streak: Streak | null, renewal: Renewal, { ttlMs, jumpMs }: StreakTimes): Streak {
  if (streak === null) return { since: renewal.sent, last: renewal }
  const { sent } = streak.last
  const gap = Math.max(renewal.sent.monotonic - sent.monotonic, renewal.sent.wall - sent.wall)
  const jump = renewal.database - streak.last.database - (renewal.answered - sent.monotonic)
  return { since: gap > ttlMs || jump > jumpMs ? renewal.sent : streak.since, last: renewal }
}

/**
 * Whether this node may declare others dead: after any outage of the database, and after any pause of its own, everybody must have had
 * one whole lease to come back.
 */
export function mayBury(streak: Streak | null, { ttlMs }: LeaseTimes): streak is Streak {
  return streak !== null && streak.last.sent.monotonic - streak.since.monotonic >= ttlMs
}

/** The latest time the clock of the database may show when it declares others dead: one that shows more has jumped since the last renewal. */
export function notAfter({ last }: Streak, monotonic: number, { jumpMs }: StreakTimes): number {
  return last.database + (monotonic - last.sent.monotonic) + jumpMs
}
