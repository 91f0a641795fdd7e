// Which Redis the tests use: REDIS_URL, else a server found on the PATH and started on a free port without persistence, else (as root on
// Debian, with CI=true) one that is installed first. Without any the tests that need it are left out, aloud; with CI=true they fail.

import { Redis } from 'ioredis'
import type { Test } from 'tap'
import { findRedis, installRedis, type RedisServer, startRedis, withRedis } from '../../scripts/cluster/redis.ts'
import { until } from './until.ts'

export type { RedisServer } from '../../scripts/cluster/redis.ts'

const DATABASES = 15
const KEPT_MS = 300_000

/** A Redis for what only asks and tells: REDIS_URL (a database of it that no other test file uses) or one of its own. Null: skip. */
export async function testRedis(t: Test): Promise<string | null> {
  const given = process.env['REDIS_URL']
  if (given) return databaseOf(t, given)
  return (await ownRedis(t))?.url ?? null
}

/** A server that the test may kill and freeze; never REDIS_URL. Null: skip. */
export async function ownRedis(t: Test): Promise<RedisServer | null> {
  const program = redisProgram()
  if (program === null) return null
  const server = await startRedis(program)
  t.teardown(() => server.close())
  return server
}

/** Its path, for tests that start one themselves. Null: skip. */
export function redisProgram(): string | null {
  const ci = process.env['CI'] === 'true'
  const program = findRedis() ?? (ci ? installRedis((line) => console.error(`# ${line}`)) : null)
  if (program !== null) return program
  const sentence = 'no Redis: give REDIS_URL, or install redis-server or valkey-server'
  if (ci) throw new Error(sentence)
  console.error(`# SKIPPED, NOT TESTED: ${sentence}`)
  return null
}

/** The keys have fixed names, so a test file takes a numbered database for itself, and empties it. */
async function databaseOf(t: Test, url: string): Promise<string> {
  const locks = new Redis(url)
  locks.on('error', () => {}) // the call that fails says it
  const mine = await until(
    'a database of REDIS_URL is free',
    async () => {
      for (let n = 1; n <= DATABASES; n += 1)
        if ((await locks.set(`wa-erp-test:${n}`, '1', 'PX', KEPT_MS, 'NX')) === 'OK') return n
      return null
    },
    60_000,
  )
  t.teardown(async () => {
    await locks.del(`wa-erp-test:${mine}`)
    locks.disconnect()
  })
  const own = new URL(url)
  own.pathname = `/${mine}`
  await withRedis(own.href, (client) => client.flushdb())
  return own.href
}
