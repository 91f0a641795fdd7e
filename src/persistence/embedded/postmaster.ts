// One run of the bundled server: start it and wait until it is ready, find one that a killed node left, stop one for certain.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isAlive, startTimeOf } from '../process-identity.ts'
import type { Account } from './account.ts'
import { EmbeddedFailed } from './failed.ts'
import { programOptions } from './initialise.ts'
import type { Location } from './location.ts'

const POLL_MS = 20
/** "Fast" shutdown: clients are told off, data are written. */
const FAST_STOP_MS = 15_000
/** "Immediate" shutdown: nothing is written, the next start recovers. */
const IMMEDIATE_STOP_MS = 5_000
const KILL_MS = 5_000
const LOG_TAIL_LINES = 15

export interface Postmaster {
  readonly pid: number
  readonly port: number
  readonly startTime: string | null
}

/** The server that runs on these data now, by its own pid file; null when none does. */
export function runningPostmaster(location: Location): (Postmaster & { readonly ready: boolean }) | null {
  const lines = pidFile(location)
  const [pid, port] = [Number(lines[0]), Number(lines[3])]
  if (!Number.isInteger(pid) || !isAlive(pid) || !isServerOf(pid, location)) return null
  return { pid, port, startTime: startTimeOf(pid), ready: lines[7]?.trim() === 'ready' }
}

/** Starts a server on the port and waits until it takes connections; tells as soon as its process runs. @throws EmbeddedFailed with the end of its log. */
export async function startPostmaster(
  location: Location,
  binaries: string,
  account: Account | null,
  port: number,
  settings: readonly string[],
  timeoutMs: number,
  spawned: () => void = () => {},
): Promise<Postmaster> {
  await dropForeignPidFile(location)
  await rotateLog(location)
  const log = await open(location.log, 'a', 0o600)
  const args = ['-D', location.data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])]
  // Detached: a Ctrl-C in our terminal must not stop the database before we have written what we hold.
  const child = spawn(join(binaries, 'bin', 'postgres'), args, {
    ...programOptions(location, account),
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  })
  spawned()
  try {
    const pid = await ready(child, location, timeoutMs)
    child.unref()
    return { pid, port, startTime: startTimeOf(pid) }
  } finally {
    await log.close()
  }
}

async function ready(child: ChildProcess, location: Location, timeoutMs: number): Promise<number> {
  const failed = new Promise<never>((_, fail) => {
    child.once('error', (cause) =>
      fail(new EmbeddedFailed(`PostgreSQL cannot be started: ${cause.message}`, { cause })),
    )
    child.once('exit', () => fail(new EmbeddedFailed(`PostgreSQL did not start. It said:\n${logTail(location)}`)))
  })
  failed.catch(() => {})
  const deadline = performance.now() + timeoutMs
  while (performance.now() < deadline) {
    const running = runningPostmaster(location)
    if (running?.ready && running.pid === child.pid) return running.pid
    await Promise.race([delay(POLL_MS), failed])
  }
  if (child.pid !== undefined) await stopPostmaster({ pid: child.pid, port: 0, startTime: startTimeOf(child.pid) })
  throw new EmbeddedFailed(`PostgreSQL was not ready after ${timeoutMs / 1000} seconds. It said:\n${logTail(location)}`)
}

/** Fast shutdown, then harder and harder. When it returns, no such process is left. @throws EmbeddedFailed when one is. */
export async function stopPostmaster({ pid, startTime }: Postmaster): Promise<void> {
  const steps = [
    ['SIGINT', FAST_STOP_MS],
    ['SIGQUIT', IMMEDIATE_STOP_MS],
    ['SIGKILL', KILL_MS],
  ] as const
  for (const [signal, patienceMs] of steps) {
    if (!isAlive(pid, startTime)) return
    try {
      process.kill(pid, signal)
    } catch {
      // Gone between the look and the signal, or not ours to stop: the wait below tells.
    }
    const deadline = performance.now() + patienceMs
    while (performance.now() < deadline) {
      if (!isAlive(pid, startTime)) return
      await delay(POLL_MS)
    }
  }
  throw new EmbeddedFailed(`PostgreSQL (pid ${pid}) does not stop: end it by hand.`)
}

/** The last lines the server wrote. */
function logTail(location: Location): string {
  if (!existsSync(location.log)) return '(nothing)'
  const lines = readFileSync(location.log, 'utf8').trim().split('\n')
  return lines.slice(-LOG_TAIL_LINES).join('\n') || '(nothing)'
}

// Lines: pid, data directory, start time, port, socket directory, address, shared memory, status.
function pidFile(location: Location): string[] {
  try {
    return readFileSync(join(location.data, 'postmaster.pid'), 'utf8').split('\n')
  } catch {
    return []
  }
}

// Without /proc the pid file is believed: that is what PostgreSQL itself does.
function isServerOf(pid: number, location: Location): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(location.data)
  } catch {
    return !existsSync('/proc/self')
  }
}

// A pid file whose number now belongs to some other program would keep PostgreSQL from starting. One whose process is
// gone is left: PostgreSQL reads in it which shared memory to check.
async function dropForeignPidFile(location: Location): Promise<void> {
  const pid = Number(pidFile(location)[0])
  if (pid > 0 && isAlive(pid) && !isServerOf(pid, location))
    await rm(join(location.data, 'postmaster.pid'), { force: true })
}

async function rotateLog(location: Location): Promise<void> {
  if (existsSync(location.log)) await rename(location.log, `${location.log}.1`)
}

/** The port the server had last; null when it never ran. */
export async function rememberedPort(location: Location): Promise<number | null> {
  if (!existsSync(location.port)) return null
  return Number(await readFile(location.port, 'utf8'))
}
