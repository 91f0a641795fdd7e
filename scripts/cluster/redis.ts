// A Redis on this machine: found on the PATH, installed when that is allowed, started on a free port without persistence. Whether one is
// wanted, and what to do without, is for others.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'

export interface RedisServer {
  readonly url: string
  readonly pid: () => number | null
  /** SIGKILL, as a machine that fails. */
  kill(): Promise<void>
  /** Starts again, empty, where it was. */
  start(): Promise<void>
  /** SIGSTOP: connections stay and nothing answers. */
  freeze(): void
  thaw(): void
  /** FLUSHALL. */
  flush(): Promise<void>
  /** Kills it and removes its directory. */
  close(): Promise<void>
}

const PROGRAMS = ['redis-server', 'valkey-server'] as const
const START_WITHIN_MS = 10_000
const POLL_MS = 20
/** Below 32768: ports from which nothing connects by itself. */
const FIRST_PORT = 20_000
const PORTS = 12_000

/** @returns the path of redis-server or valkey-server, or null */
export function findRedis(path = process.env['PATH'] ?? ''): string | null {
  for (const program of PROGRAMS)
    for (const folder of [...path.split(delimiter), '/usr/bin', '/usr/local/bin'])
      if (folder !== '' && existsSync(join(folder, program))) return join(folder, program)
  return null
}

/** As root on Debian: installs the package. @returns its program, or null where that is not possible */
export function installRedis(say: (line: string) => void): string | null {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return null
  say('no Redis on this machine: installing the package redis-server')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['update', '-q'], { env, stdio: 'ignore' })
  spawnSync('apt-get', ['install', '-q', '-y', '--no-install-recommends', 'redis-server'], { env, stdio: 'ignore' })
  return findRedis()
}

/** @param program its path. Listens on the loopback interface alone. @throws when it does not answer */
export async function startRedis(program: string): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'whatsapp-erp-redis-'))
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  let child: ChildProcess | null = null
  const abandon = () => void child?.kill('SIGKILL')
  process.once('exit', abandon)
  const kill = async () => {
    const dying = child
    child = null
    if (dying === null || dying.exitCode !== null || dying.signalCode !== null) return
    const over = once(dying, 'exit')
    dying.kill('SIGKILL')
    await over
  }
  const start = async () => {
    const options = { '--port': `${port}`, '--bind': '127.0.0.1', '--save': '', '--appendonly': 'no', '--dir': folder }
    // A group of its own: Ctrl-C ends those who use it first.
    const made = spawn(program, Object.entries(options).flat(), { stdio: 'ignore', detached: true })
    child = made
    made.once('error', () => undefined)
    const deadline = performance.now() + START_WITHIN_MS
    while (!(await answers(url))) {
      if (performance.now() > deadline || made.exitCode !== null || made.pid === undefined) {
        await kill()
        throw new Error(`Redis (${program}) did not start on port ${port}.`)
      }
      await sleep(POLL_MS)
    }
  }
  const close = async () => {
    process.off('exit', abandon)
    await kill()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await start()
  } catch (error) {
    await close()
    throw error
  }
  return {
    url,
    pid: () => child?.pid ?? null,
    kill,
    start,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    flush: () => withRedis(url, async (client) => void (await client.flushall())),
    close,
  }
}

/** A connection for one piece of work; whoever does not answer makes it reject. */
export async function withRedis<T>(url: string, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 })
  client.on('error', () => {}) // the call that fails says it
  try {
    await client.connect()
    return await work(client)
  } finally {
    client.disconnect()
  }
}

function answers(url: string): Promise<boolean> {
  return withRedis(url, (client) => client.ping()).then(
    () => true,
    () => false,
  )
}

async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS)
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
