// Waits for something that is seen by looking again and again.

import { setTimeout as delay } from 'node:timers/promises'

const POLL_MS = 20

/** @returns the first answer that is neither null nor false. @throws when there is none in time */
export async function until<T>(what: string, look: () => Promise<T | null | false>, withinMs: number): Promise<T> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const seen = await look()
    if (seen !== null && seen !== false) return seen
    if (Date.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`)
    await delay(POLL_MS)
  }
}
