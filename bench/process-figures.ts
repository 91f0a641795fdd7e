// What this process holds when nothing is left to collect, and what it has used of the processor.

import { setTimeout as delay } from 'node:timers/promises'

const ROUNDS = 6
const PAUSE_MS = 250

/** Collects garbage until the figure settles. Needs `--expose-gc`. @returns bytes */
export async function settledRss(): Promise<number> {
  const { gc } = globalThis
  if (gc === undefined) throw new Error('this process was started without --expose-gc')
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round += 1) {
    gc()
    await delay(PAUSE_MS)
    least = Math.min(least, process.memoryUsage.rss())
  }
  return least
}

/** @returns milliseconds of processor time since the process began */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
