// How often something was done lately, for whoever limits it: calls within a window, and failed attempts that make the next ones wait. Here is
// the port, and its twin in the memory of one node; what all nodes count together is redis-limits.ts. Which limits there are, the edge knows.

import { LRUCache } from 'lru-cache'

export interface Hits {
  /** With the present one. */
  readonly count: number
  /** Until the window ends and counting begins anew. */
  readonly leftMs: number
}

export interface Waits {
  /** The attempt after which the next one has to wait. */
  readonly free: number
  /** The first wait; each one after it is twice as long. */
  readonly firstMs: number
  readonly longestMs: number
  /** Failures are forgotten this long after the last one. */
  readonly memoryMs: number
}

export interface Limits {
  /** One more under this name. A window begins with its first. */
  hit(name: string, windowMs: number): Promise<Hits>
  /**
   * Counts an attempt as a failed one; `forget` takes that back. One that has to wait is not counted.
   * @returns ms to wait before it may be made, 0 when it may be made now
   */
  attempt(name: string, waits: Waits): Promise<number>
  forget(name: string): Promise<void>
}

const KEPT_WINDOWS = 50_000
const KEPT_ATTEMPTS = 10_000

/** Of this process alone. The least recently used are dropped when there are too many. @param now ms since any moment */
export function memoryLimits(now: () => number): Limits {
  const windows = new LRUCache<string, { readonly count: number; readonly ends: number }>({ max: KEPT_WINDOWS })
  const failed = new LRUCache<string, { readonly failures: number; readonly until: number; readonly last: number }>({
    max: KEPT_ATTEMPTS,
  })
  return {
    async hit(name, windowMs) {
      const at = now()
      const known = windows.get(name)
      const next =
        known === undefined || known.ends <= at
          ? { count: 1, ends: at + windowMs }
          : { count: known.count + 1, ends: known.ends }
      windows.set(name, next)
      return { count: next.count, leftMs: next.ends - at }
    },
    async attempt(name, { free, firstMs, longestMs, memoryMs }) {
      const at = now()
      const known = failed.get(name)
      const { failures, until } = known === undefined || at - known.last > memoryMs ? { failures: 0, until: 0 } : known
      if (at < until) return until - at
      const over = failures + 1 - free
      const waitMs = over < 0 ? 0 : Math.min(longestMs, firstMs * 2 ** over)
      failed.set(name, { failures: failures + 1, until: at + waitMs, last: at })
      return 0
    },
    async forget(name) {
      failed.delete(name)
    },
  }
}
