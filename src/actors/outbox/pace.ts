// How fast one account may speak: a least gap between two messages, with jitter, and how long to wait after a failure. Pure.

import type { PacePolicy } from '../../policy.ts'

/**
 * When the next message may leave.
 * @param lastAt when the last one left, monotonic ms, or null when there was none
 * @param random in [0, 1)
 * @returns ms to wait from `now`, 0 when it may leave at once
 */
export function waitBeforeNext(lastAt: number | null, now: number, policy: PacePolicy, random: number): number {
  if (lastAt === null) return 0
  return Math.max(0, Math.ceil(lastAt + policy.gapMs + policy.jitterMs * random - now))
}

/** The delay before try number `attempts + 1`, in ms; the last of the policy's delays repeats. */
export function retryDelay(attempts: number, policy: PacePolicy): number {
  return policy.retryMs[Math.min(attempts, policy.retryMs.length - 1)] ?? 60_000
}
