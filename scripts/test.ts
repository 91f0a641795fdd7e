// npm test: one PostgreSQL for the whole run, one migrated template, then tap; ends with `N passed, N failed`.
// Reads no .env. With DATABASE_URL it uses that server and touches only databases called wa_erp_test_*.
// `npm test -- tests/some.test.ts` runs a part; `npm test -- --stop-server` ends the server that single test files share.

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { startEmbedded } from '../src/persistence/embedded.ts'
import { ADMIN_URL_VARIABLE, TEMPLATE_VARIABLE, withShared } from '../tests/support/server.ts'
import { dropDatabases, ensureTemplate, RUN_VARIABLE } from '../tests/support/template.ts'
import { reporter } from './test/reporter.ts'

const ROOT = resolve(import.meta.dirname, '..')
const TAP = join(ROOT, 'node_modules', 'tap', 'dist', 'esm', 'run.mjs')
const JOBS = 3

interface Server {
  readonly url: string
  stop(): Promise<void>
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--stop-server')) {
    await withShared((embedded) => embedded.stop())
    return 0
  }
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort())
  process.env[RUN_VARIABLE] = randomBytes(4).toString('hex')
  const server = await startServer(process.env['DATABASE_URL'])
  try {
    const template = await ensureTemplate(server.url)
    return await runTap(args, { [ADMIN_URL_VARIABLE]: server.url, [TEMPLATE_VARIABLE]: template }, stopping.signal)
  } finally {
    await server.stop()
  }
}

async function startServer(given: string | undefined): Promise<Server> {
  if (given) return { url: given, stop: () => dropDatabases(given, 'of-this-run') }
  const dataDir = mkdtempSync(join(tmpdir(), 'whatsapp-erp-test-run-'))
  chmodSync(dataDir, 0o755) // as root the server runs under another account, which must come in
  const remove = () => rmSync(dataDir, { recursive: true, force: true })
  try {
    const log = { info: () => {}, warn: () => {} }
    const embedded = await startEmbedded({ dataDir, log, noSync: true, stateRoot: dataDir })
    return { url: embedded.tcpUrl, stop: () => embedded.stop().finally(remove) }
  } catch (error) {
    remove()
    throw error
  }
}

/** @returns the exit code: 0 only when something ran and nothing failed. */
async function runTap(args: readonly string[], env: Record<string, string>, stop: AbortSignal): Promise<number> {
  const child = spawn(process.execPath, [TAP, '--reporter=tap', `--jobs=${JOBS}`, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  const report = reporter((line) => console.log(line))
  child.stdout.pipe(report.parser)
  // A group of its own, so that Ctrl-C and a signal to us alone mean the same: tap and its test files end, then the server.
  const group = child.pid
  stop.addEventListener('abort', () => group !== undefined && process.kill(-group, 'SIGINT'))
  const exitCode = await new Promise<number>((done, fail) => {
    child.once('error', fail)
    child.once('close', (code) => done(code ?? 1))
  })
  const { passed, failed } = report.finish({ aborted: stop.aborted, exitCode })
  console.log(`${passed} passed, ${failed} failed`)
  return passed > 0 && failed === 0 ? 0 : 1
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(error)
  console.log('0 passed, 1 failed')
  process.exitCode = 1
}
