// Waits for a condition instead of a time, and says what was seen when it does not come.

import { setTimeout as delay } from 'node:timers/promises'

const POLL_MS = 10

/** @param look what is asked again and again; its first answer that is not null, undefined or false is the result */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  deadlineMs = 10_000,
): Promise<Exclude<T, null | undefined | false>> {
  const deadline = performance.now() + deadlineMs
  for (;;) {
    const seen = await look()
    if (seen !== null && seen !== undefined && seen !== false) return seen as Exclude<T, null | undefined | false>
    if (performance.now() > deadline) throw new Error(`${what}: not within ${deadlineMs} ms, last seen ${String(seen)}`)
    await delay(POLL_MS)
  }
}
