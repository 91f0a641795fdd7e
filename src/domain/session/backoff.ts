// How long to wait before the next attempt to connect. Nothing else.

/** All in ms, except `quickAttempts`. */
export interface BackoffPolicy {
  readonly firstDelayMs: number
  readonly longestDelayMs: number
  /** Attempts with growing delays; every later one waits `slowRetryMs`. */
  readonly quickAttempts: number
  readonly slowRetryMs: number
}

/**
 * The delay before an attempt: doubling, capped, with equal jitter (half of it fixed, half random), so that many sessions that lost
 * their connection together do not come back together.
 * @param attempt from 1
 * @param random in [0, 1)
 * @returns milliseconds
 */
export function delayBefore(attempt: number, policy: BackoffPolicy, random: number): number {
  const full =
    attempt > policy.quickAttempts
      ? policy.slowRetryMs
      : Math.min(policy.longestDelayMs, policy.firstDelayMs * 2 ** Math.min(attempt - 1, 30))
  return Math.round(full / 2 + (full / 2) * random)
}
