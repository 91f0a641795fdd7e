// From starting the program on data that are there already, its own PostgreSQL included, to the first healthy answer.

import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Figure, figure } from '../figures.ts'

const PROGRAM = resolve(import.meta.dirname, '../../scripts/start.mjs')
const HEALTHY_WITHIN_MS = 120_000
const POLL_MS = 5

export async function warmStart({ count }: { readonly count: number }): Promise<Figure[]> {
  const root = await mkdtemp(join(tmpdir(), 'wa-erp-bench-start-'))
  await chmod(root, 0o755)
  try {
    const port = await freePort()
    const once = () => start(join(root, 'data'), port)
    const first = await once()
    const ours: number[] = []
    for (let n = 0; n < count; n += 1) ours.push(await once())
    const note = `the first start, which makes the data: ${Math.round(first)} ms`
    return [figure({ name: 'warm start', better: 'lower', unit: 'ms', ours, note })]
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

/** Starts, waits until it is healthy, and ends it in order. @returns how long it took to be healthy, in ms */
async function start(dataDir: string, port: number): Promise<number> {
  const from = performance.now()
  const child = spawn(process.execPath, [PROGRAM], {
    env: { PATH: process.env['PATH'] ?? '', HOST: '127.0.0.1', PORT: String(port), DATA_DIR: dataDir },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = new Promise<void>((done) => child.once('close', () => done()))
  try {
    await healthy(child, port)
    return performance.now() - from
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}

async function healthy(child: ChildProcess, port: number): Promise<void> {
  const deadline = performance.now() + HEALTHY_WITHIN_MS
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`the server left with status ${child.exitCode}`)
    const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => null)
    await answer?.arrayBuffer()
    if (answer?.status === 200) return
    await delay(POLL_MS)
  }
  throw new Error(`the server was not healthy within ${HEALTHY_WITHIN_MS} ms`)
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
