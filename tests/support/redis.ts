// Which Redis the tests use: REDIS_URL, else a server found on the PATH and started on a free port without persistence, else (as root on
// Debian, with CI=true) one that is installed first. Without any the tests that need it are left out, aloud; with CI=true they fail.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { Redis } from 'ioredis'
import type { Test } from 'tap'
import { until } from './until.ts'

export interface RedisServer {
  readonly url: string
  /** SIGKILL, as a machine that fails. */
  kill(): Promise<void>
  /** Starts again, empty, where it was. */
  start(): Promise<void>
  /** SIGSTOP: connections stay and nothing answers. */
  freeze(): void
  thaw(): void
  /** FLUSHALL. */
  flush(): Promise<void>
}

const PROGRAMS = ['redis-server', 'valkey-server'] as const
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
  const program = found() ?? installed()
  if (program === null) {
    const sentence = 'no Redis: give REDIS_URL, or install redis-server or valkey-server'
    if (process.env['CI'] === 'true') throw new Error(sentence)
    console.error(`# SKIPPED, NOT TESTED: ${sentence}`)
    return null
  }
  return started(t, program)
}

function found(): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  for (const program of PROGRAMS)
    for (const folder of [...folders, '/usr/bin', '/usr/local/bin'])
      if (folder !== '' && existsSync(join(folder, program))) return join(folder, program)
  return null
}

function installed(): string | null {
  if (process.env['CI'] !== 'true' || process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return null
  console.error('# no Redis on this machine: installing the package redis-server')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['update', '-q'], { env, stdio: 'ignore' })
  spawnSync('apt-get', ['install', '-q', '-y', '--no-install-recommends', 'redis-server'], { env, stdio: 'ignore' })
  return found()
}

async function started(t: Test, program: string): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'whatsapp-erp-redis-'))
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  let child: ChildProcess | null = null
  const start = async () => {
    const options = { '--port': `${port}`, '--bind': '127.0.0.1', '--save': '', '--appendonly': 'no', '--dir': folder }
    child = spawn(program, Object.entries(options).flat(), { stdio: 'ignore' })
    await until('Redis answers', () => withClient(url, (client) => client.ping()).catch(() => null))
  }
  const kill = async () => {
    const dying = child
    child = null
    if (dying === null || dying.exitCode !== null) return
    const over = once(dying, 'exit')
    dying.kill('SIGKILL')
    await over
  }
  t.teardown(async () => {
    await kill()
    rmSync(folder, { recursive: true, force: true })
  })
  await start()
  return {
    url,
    kill,
    start,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    flush: () => withClient(url, async (client) => void (await client.flushall())),
  }
}

/** Below 32768: a port from which nothing connects by itself. */
async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const probe = createServer()
    const free = await new Promise<boolean>((done) => {
      probe.once('error', () => done(false))
      probe.listen(port, '127.0.0.1', () => done(true))
    })
    probe.close()
    if (free) return port
  }
  throw new Error('no free port')
}

async function withClient<T>(url: string, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 })
  client.on('error', () => {}) // the call that fails says it
  try {
    await client.connect()
    return await work(client)
  } finally {
    client.disconnect()
  }
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
  await withClient(own.href, (client) => client.flushdb())
  return own.href
}
