// The program as a process, for tests of how it starts and ends: on a data directory of its own, never with a `.env` of the checkout.

import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Test } from 'tap'
import { SETTINGS } from '../../src/config.ts'
import { until } from './until.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const BOOT_MS = 60_000
/** Every setting as left out, in a way that wins over a `.env` of the checkout: its database is nobody's to test with. */
const NOTHING = Object.fromEntries(Object.values(SETTINGS).map(({ variable }) => [variable, '# left out by the tests']))

export interface Started {
  readonly child: ChildProcess
  readonly pid: number
  readonly output: () => string
  readonly ended: Promise<number | null>
}

/** The program as `npm start` runs it, or below a shell below another process as npm has it. Never reads a `.env` of the checkout. */
export function launch(t: Test, environment: Record<string, string>, throughParent = false): Started {
  const start = [process.execPath, join(ROOT, 'scripts/start.mjs')]
  const [command, args] = throughParent
    ? [
        process.execPath,
        [
          '-e',
          `require('child_process').spawn('sh', ['-c', ${JSON.stringify(`${start.join(' ')}; true`)}], { stdio: 'inherit' })`,
        ],
      ]
    : [start[0] ?? '', start.slice(1)]
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...NOTHING, PATH: process.env['PATH'] ?? '', HOST: '127.0.0.1', LOG_LEVEL: 'warn', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)))
  t.teardown(async () => {
    child.kill('SIGTERM')
    await ended
  })
  return { child, pid: child.pid ?? 0, output: () => output, ended }
}
export async function freshDir(t: Test): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'wa-erp-main-'))
  await chmod(dir, 0o755)
  t.teardown(() => rm(dir, { recursive: true, force: true }))
  return dir
}

export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000)
    const free = await new Promise<boolean>((done) => {
      const server = createServer().once('error', () => done(false))
      server.listen(port, '127.0.0.1', () => server.close(() => done(true)))
    })
    if (free) return port
  }
}

/** Waits for the node to answer; one that ended instead says what it printed. */
export async function healthy(node: Started, port: number): Promise<void> {
  let left: number | null | undefined
  void node.ended.then((code) => {
    left = code
  })
  await until(
    `health on port ${port}`,
    async () => {
      if (left !== undefined) throw new Error(`the node left with ${left}: ${node.output()}`)
      return (await fetch(`http://127.0.0.1:${port}/health`).catch(() => null))?.status === 200
    },
    BOOT_MS,
  )
}

/** Every process whose command line names this directory, or the place its database was put. */
export async function processesOf(dataDir: string): Promise<string[]> {
  const pointer = await readFile(join(dataDir, 'postgres-location'), 'utf8').catch(() => dataDir)
  const found: string[] = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (line.includes(pointer.trim()) || line.includes(dataDir)) found.push(`${pid} ${line.replaceAll('\0', ' ')}`)
  }
  return found
}

export const signUp = (port: number) =>
  fetch(`http://127.0.0.1:${port}/api/auth/signup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'nour@company.com', password: 'correct horse battery', role: 'admin' }),
  })
