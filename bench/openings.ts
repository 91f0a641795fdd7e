// Notes when each account was last opened, and waits until enough of them were.

import { setTimeout as delay } from 'node:timers/promises'

export interface WaitOpened {
  /** Unix ms: what opened before does not count. */
  readonly since: number
  readonly count: number
  readonly timeoutMs: number
}

/** What both contestants serve. */
export type Openable = {
  readonly opened: (options: WaitOpened) => Promise<number>
  readonly rss: () => Promise<number>
  /** Milliseconds of processor time since the process began. */
  readonly cpu: () => number
}

export interface Openings {
  opened(account: string): void
  /** @returns Unix ms at which the last of them opened. @throws when they do not in time */
  wait(options: WaitOpened): Promise<number>
}

const POLL_MS = 5

export function makeOpenings(now: () => number = Date.now): Openings {
  const last = new Map<string, number>()
  return {
    opened: (account) => void last.set(account, now()),
    async wait({ since, count, timeoutMs }) {
      const deadline = now() + timeoutMs
      for (;;) {
        const times = [...last.values()].filter((at) => at >= since)
        if (times.length >= count) return Math.max(...times)
        if (now() > deadline) throw new Error(`${times.length} of ${count} accounts opened within ${timeoutMs} ms`)
        await delay(POLL_MS)
      }
    },
  }
}
