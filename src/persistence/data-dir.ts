// One living node per data directory. Decides who holds the directory; what is in it is the business of others.
//
// The lock is the file `node.lock.<n>` with the highest n. A taker creates the next number, which only one can; the highest
// file is never removed, so nobody can take a number twice. An owner that died is known by pid and start time.

import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isAlive, startTimeOf } from './process-identity.ts'

const PREFIX = 'node.lock.'
const POLL_MS = 50

export interface LockOptions {
  /** How long a living owner may take to go away, in milliseconds. */
  readonly waitMs: number
  /** UUID of this process start, for whoever finds the lock after us. */
  readonly incarnation: string
}

export interface DataDirLock {
  /** Gives the directory back. May be called twice. */
  release(): void
  /** The owner before us, when it died without giving the directory back; its node row can be declared dead at once. */
  readonly previous: { readonly pid: number; readonly incarnation: string } | null
}

interface Owner {
  readonly pid: number
  readonly startTime: string | null
  readonly incarnation: string
  readonly released: boolean
}

/** Somebody else holds the directory. The message is for the operator. */
export class DataDirInUse extends Error {
  override readonly name = 'DataDirInUse'
}

/** The directory cannot be made, read or written. The message is for the operator. */
export class DataDirUnusable extends Error {
  override readonly name = 'DataDirUnusable'
}

/** For root the account of the bundled server has to pass through; everything inside is closed to it by its own mode. */
const MODE = process.getuid?.() === 0 ? 0o711 : 0o700

/** Takes the directory (made closed to others when there is none). @throws DataDirInUse when a living node keeps it; DataDirUnusable */
export async function lockDataDir(directory: string, options: LockOptions): Promise<DataDirLock> {
  try {
    return await lock(directory, options)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (code === null) throw error
    const message = `The data directory ${directory} cannot be used (${code}): set DATA_DIR to a directory this account may make and write to.`
    throw new DataDirUnusable(message, { cause: error })
  }
}

async function lock(directory: string, options: LockOptions): Promise<DataDirLock> {
  makeDirectory(directory)
  const deadline = performance.now() + options.waitMs
  for (;;) {
    const number = highest(directory)
    const owner = number === 0 ? null : read(directory, number)
    const living = owner !== null && !owner.released && isAlive(owner.pid, owner.startTime)
    if (!living && take(directory, number + 1, options.incarnation)) {
      const previous = owner === null || owner.released ? null : { pid: owner.pid, incarnation: owner.incarnation }
      return { previous, release: () => release(directory, number + 1, options.incarnation) }
    }
    if (living && performance.now() >= deadline) {
      throw new DataDirInUse(
        `Another node (pid ${owner.pid}) uses this data directory, ${directory}: stop it, or set DATA_DIR to another directory.`,
      )
    }
    if (living) await delay(POLL_MS)
  }
}

/** With its parents. One at a time: node's own `recursive` never ends below a file system that makes no directories, such as /proc. */
function makeDirectory(directory: string): void {
  if (existsSync(directory)) return
  if (dirname(directory) !== directory) makeDirectory(dirname(directory))
  try {
    mkdirSync(directory, { mode: MODE })
  } catch (error) {
    // Another was faster.
    if (!existsSync(directory)) throw error
  }
}

/** @returns false when another was faster. */
function take(directory: string, number: number, incarnation: string): boolean {
  const path = join(directory, `${PREFIX}${number}`)
  const draft = join(directory, `.lock-draft-${incarnation}`)
  write(draft, { pid: process.pid, startTime: startTimeOf(process.pid), incarnation, released: false })
  try {
    linkSync(draft, path) // appears whole, or not at all
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
  const numbers = numbersIn(directory)
  // We looked long ago, and meanwhile others took this number and the next, and cleaned up: ours is an old one.
  if (numbers.some((other) => other > number)) {
    rmSync(path, { force: true })
    return false
  }
  for (const old of numbers.filter((other) => other < number))
    rmSync(join(directory, `${PREFIX}${old}`), { force: true })
  return true
}

function release(directory: string, number: number, incarnation: string): void {
  if (read(directory, number)?.incarnation !== incarnation) return
  const draft = join(directory, `.lock-draft-${incarnation}`)
  write(draft, { pid: process.pid, startTime: null, incarnation, released: true })
  renameSync(draft, join(directory, `${PREFIX}${number}`))
}

function highest(directory: string): number {
  return Math.max(0, ...numbersIn(directory))
}

function numbersIn(directory: string): number[] {
  return readdirSync(directory)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => Number(name.slice(PREFIX.length)))
    .filter((number) => Number.isInteger(number) && number > 0)
}

function write(path: string, owner: Owner): void {
  writeFileSync(path, `${JSON.stringify(owner)}\n`, { mode: 0o600 })
}

/** A file that cannot be read as a lock (gone, or damaged with the disk) has no owner. */
function read(directory: string, number: number): Owner | null {
  try {
    const value: unknown = JSON.parse(readFileSync(join(directory, `${PREFIX}${number}`), 'utf8'))
    return isOwner(value) ? value : null
  } catch {
    return null
  }
}

function isOwner(value: unknown): value is Owner {
  if (value === null || typeof value !== 'object') return false
  return (
    'pid' in value && typeof value.pid === 'number' && 'incarnation' in value && typeof value.incarnation === 'string'
  )
}
