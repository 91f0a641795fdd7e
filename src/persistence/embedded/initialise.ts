// Makes the data directory of a bundled PostgreSQL, once: password, cluster, our database. Half a directory never stays.

import { type SpawnOptions, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chown, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Account } from './account.ts'
import { EmbeddedFailed } from './failed.ts'
import type { Location } from './location.ts'

export const DATABASE = 'whatsapp_erp'
export const SUPERUSER = 'whatsapp_erp'

const PASSWORD_BYTES = 24

/** What every program of the server is started with: its account, little environment, a directory it may be in. */
export function programOptions(location: Location, account: Account | null): SpawnOptions {
  return {
    cwd: location.home,
    env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/local/bin:/usr/bin:/bin' },
    ...(account === null ? {} : { uid: account.uid, gid: account.gid }),
  }
}

/** Does nothing when there are data already. `noSync` is for data that may be lost: tests. */
export async function initialise(
  location: Location,
  binaries: string,
  account: Account | null,
  noSync: boolean,
): Promise<void> {
  if (existsSync(location.data)) return
  const draft = `${location.data}.new`
  const secret = `${location.data}.new-password`
  const password = randomBytes(PASSWORD_BYTES).toString('hex')
  try {
    await rm(draft, { recursive: true, force: true })
    await mkdir(draft, { mode: 0o700 })
    await writeFile(secret, password, { mode: 0o600 })
    if (account !== null) await Promise.all([draft, secret].map((path) => chown(path, account.uid, account.gid)))
    const run = (name: string, args: readonly string[], input = '') =>
      runProgram(join(binaries, 'bin', name), args, input, programOptions(location, account))
    const sync = noSync ? ['--no-sync'] : []
    await run('initdb', ['-D', draft, '-U', SUPERUSER, `--pwfile=${secret}`, ...INITDB, ...sync])
    await run('postgres', ['--single', '-D', draft, 'postgres'], `create database ${DATABASE};\n`)
    await writeFile(location.password, password, { mode: 0o600 })
    await rename(draft, location.data)
  } finally {
    await rm(secret, { force: true })
    await rm(draft, { recursive: true, force: true })
  }
}

// Built-in locale: Unicode rules for upper and lower case that do not change with the system's libraries.
const INITDB = [
  '--auth=scram-sha-256',
  '-E',
  'UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
]

function runProgram(file: string, args: readonly string[], input: string, options: SpawnOptions): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(file, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] })
    const said: string[] = []
    child.stdout?.on('data', (chunk) => said.push(String(chunk)))
    child.stderr?.on('data', (chunk) => said.push(String(chunk)))
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
    child.once('error', (cause) => fail(new EmbeddedFailed(`${file} cannot be started: ${cause.message}`, { cause })))
    child.once('close', (code) => {
      const text = said.join('')
      // The single-user server reports a failed statement and still ends with 0.
      if (code === 0 && !/\b(ERROR|FATAL|PANIC):/.test(text)) done()
      else fail(new EmbeddedFailed(`${file} failed (${code}). It said:\n${text.trim()}`))
    })
  })
}
