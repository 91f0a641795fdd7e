// Connections to Redis: one that is lost is opened again and again, and what is asked meanwhile fails at once. Nothing waits in a queue, and
// nothing is sent twice. What is asked is redis-planner.ts and redis-limits.ts.

import { Redis } from 'ioredis'
import type { Logger } from '../../log.ts'
import type { PlannerPolicy } from '../../policy.ts'

export type { Redis } from 'ioredis'

export interface RedisOptions {
  /** redis:// or rediss://, with the password and the number of the database if there are any. */
  readonly url: string
  /** As which Redis shows it. */
  readonly name: string
  readonly policy: Pick<PlannerPolicy, 'silentMs' | 'reconnectMs'>
  readonly log: Logger
}

export function openRedis({ url, name, policy, log }: RedisOptions): Redis {
  const redis = new Redis(url, {
    connectionName: name,
    commandTimeout: policy.silentMs,
    socketTimeout: policy.silentMs,
    connectTimeout: policy.silentMs,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    retryStrategy: () => policy.reconnectMs,
    // A replica that was the primary yesterday takes no writes: look for the new one.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  })
  // Said once by whoever falls back, whose calls fail; without a listener ioredis prints them all.
  redis.on('error', (error: Error) => log.debug({ err: error }, 'Redis'))
  return redis
}

/** Settled when the first attempt to connect has come to its end, within `silentMs`. */
export function firstTry(redis: Redis): Promise<void> {
  return new Promise((resolve) => {
    for (const end of ['ready', 'close'] as const) redis.once(end, () => resolve())
  })
}
