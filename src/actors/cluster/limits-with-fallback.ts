// Limits that Redis counts for all nodes while it answers, and this node alone while it does not: nobody is locked out and nobody is let in
// because Redis is away. The node counts its own in any case, so that what it goes on from is not nothing.

import type { Logger } from '../../log.ts'
import type { Meters } from '../../meters.ts'
import type { Limits } from './limits.ts'

export interface LimitsFallbackDeps {
  readonly shared: Limits
  readonly own: Limits
  readonly meters: Meters
  readonly log: Logger
  /** After a call that failed, how long Redis is not asked again: nobody's request should wait for it. */
  readonly restMs: number
  readonly monotonic: () => number
}

export function limitsWithFallback({ shared, own, meters, log, restMs, monotonic }: LimitsFallbackDeps): Limits {
  let silent = false
  let restsUntil = Number.NEGATIVE_INFINITY

  const ask = async <T>(together: () => Promise<T>, alone: T): Promise<T> => {
    if (monotonic() >= restsUntil)
      try {
        const answer = await together()
        if (silent) log.info('Redis answers again: limits are counted for all nodes together')
        silent = false
        return answer
      } catch (error) {
        if (!silent) log.warn({ err: error }, 'Redis does not answer: each node counts its limits alone')
        silent = true
        restsUntil = monotonic() + restMs
      }
    meters.count('limitsAlone', {})
    return alone
  }

  return {
    hit: async (name, windowMs) => ask(() => shared.hit(name, windowMs), await own.hit(name, windowMs)),
    attempt: async (name, waits) => ask(() => shared.attempt(name, waits), await own.attempt(name, waits)),
    forget: async (name) => ask(() => shared.forget(name), await own.forget(name)),
  }
}
