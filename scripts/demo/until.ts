// Waits for a condition instead of a time.

import { setTimeout as delay } from 'node:timers/promises'
import { CheckFailed } from './checks.ts'

/** The API answers a user 300 times a minute. */
const POLL_MS = 250
const DEADLINE_MS = 20_000

/** Asks again and again until the answer fits. @throws CheckFailed with the last answer when the deadline has passed */
export async function until<T>(
  what: string,
  look: () => Promise<T>,
  fits: (seen: T) => boolean,
  { deadlineMs = DEADLINE_MS, pollMs = POLL_MS }: { readonly deadlineMs?: number; readonly pollMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + deadlineMs
  for (;;) {
    const seen = await look()
    if (fits(seen)) return seen
    if (performance.now() > deadline) throw new CheckFailed(what, `it within ${deadlineMs / 1000} s`, seen)
    await delay(pollMs)
  }
}
