// Limits that all nodes count together, in Redis. Names are kept as keyed hashes: they hold addresses and accounts. Every call has a deadline
// and throws when Redis does not answer; limits-with-fallback.ts then counts alone.

import { z } from 'zod'
import type { Logger } from '../../log.ts'
import type { PlannerPolicy } from '../../policy.ts'
import type { Limits } from './limits.ts'
import { firstTry, openRedis } from './redis-connection.ts'
import { loadScript } from './redis-scripts.ts'
import { within } from './within.ts'

export interface RedisLimitsDeps {
  readonly url: string
  readonly policy: Pick<PlannerPolicy, 'answerMs' | 'silentMs' | 'reconnectMs'>
  /** A keyed hash, the same on every node. */
  readonly mac: (text: string) => Buffer
  readonly log: Logger
}

export interface RedisLimits extends Limits {
  close(): void
}

const hitsShape = z.tuple([z.number(), z.number()])

export function redisLimits({ url, policy, mac, log }: RedisLimitsDeps): RedisLimits {
  const redis = openRedis({ url, name: 'whatsapp-erp limits', policy, log })
  const tried = firstTry(redis)
  const [hit, attempt] = [loadScript(redis, 'hit'), loadScript(redis, 'attempt')]
  const hidden = (text: string) => mac(text).toString('base64url')
  const keyOf = (kind: 'hits' | 'attempts', name: string) => `wa:${kind}:${hidden(`${kind} ${name}`)}`
  // The first call of a start comes before there is a connection.
  const run = <T>(work: () => Promise<T>) => within(policy.answerMs, 'Redis', tried.then(work))
  return {
    async hit(name, windowMs) {
      const [count, leftMs] = hitsShape.parse(await run(() => hit([keyOf('hits', name)], [`${windowMs}`])))
      return { count, leftMs }
    },
    async attempt(name, { free, firstMs, longestMs, memoryMs }) {
      const numbers = [free, firstMs, longestMs, memoryMs].map(String)
      return z.number().parse(await run(() => attempt([keyOf('attempts', name)], numbers)))
    },
    async forget(name) {
      await run(() => redis.del(keyOf('attempts', name)))
    },
    close: () => redis.disconnect(),
  }
}
