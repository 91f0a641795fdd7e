// A Redis of the bench's own, empty and without a disk: REDIS_URL may be somebody's.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { until } from './until.ts'

const FIRST_PORT = 21_000
const PORTS = 10_000
const STARTS_WITHIN_MS = 10_000

export interface BenchRedis {
  readonly url: string
  stop(): Promise<void>
}

/** @returns null when there is no redis-server on the PATH */
export async function startRedis(): Promise<BenchRedis | null> {
  const folder = await mkdtemp(join(tmpdir(), 'wa-erp-bench-redis-'))
  const port = FIRST_PORT + Math.floor(Math.random() * PORTS)
  const options = { '--port': `${port}`, '--bind': '127.0.0.1', '--save': '', '--appendonly': 'no', '--dir': folder }
  const child = spawn('redis-server', Object.entries(options).flat(), { stdio: 'ignore' })
  const begun = await Promise.race([once(child, 'spawn').then(() => true), once(child, 'error').then(() => false)])
  if (!begun) {
    await rm(folder, { recursive: true, force: true })
    return null
  }
  const url = `redis://127.0.0.1:${port}`
  const client = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null })
  client.on('error', () => undefined)
  await until('Redis answers', async () => (await client.ping()) === 'PONG', STARTS_WITHIN_MS)
  client.disconnect()
  return {
    url,
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
