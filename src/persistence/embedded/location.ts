// Where the bundled PostgreSQL keeps its data: in DATA_DIR, or, when the account it runs as cannot enter there, in a state
// directory outside that a pointer file in DATA_DIR names.

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Account, canEnter } from './account.ts'
import { MAJOR } from './binaries.ts'
import { EmbeddedFailed } from './failed.ts'

/** Where an installation that runs as root keeps what another account must reach. */
export const STATE_ROOT = '/var/lib/whatsapp-erp'

const POINTER = 'postgres-location'

/** The paths of one server. All but `data` belong to us, `data` belongs to the account. */
export interface Location {
  /** The directory that holds the rest. */
  readonly home: string
  readonly data: string
  readonly password: string
  readonly port: string
  readonly log: string
}

/** Finds, or decides once for all, where the data of this DATA_DIR are. DATA_DIR must exist. */
export async function findLocation(
  dataDir: string,
  account: Account | null,
  stateRoot = STATE_ROOT,
): Promise<Location> {
  const own = await realpath(dataDir)
  const inside = locationIn(own)
  const pointer = join(own, POINTER)
  const pointed = existsSync(pointer) ? (await readFile(pointer, 'utf8')).trim() : null
  if (pointed !== null) return entered(locationIn(pointed), account)
  if (existsSync(inside.data)) return entered(inside, account)
  if (canEnter(own, account)) return inside
  const home = await newHome(own, account, stateRoot)
  await writeFile(pointer, `${home}\n`, { mode: 0o600 })
  return locationIn(home)
}

function locationIn(home: string): Location {
  const name = join(home, `postgres-${MAJOR}`)
  return { home, data: name, password: `${name}.password`, port: `${name}.port`, log: `${name}.log` }
}

function entered(location: Location, account: Account | null): Location {
  if (canEnter(location.home, account)) return location
  throw new EmbeddedFailed(
    `The data of the bundled PostgreSQL are in ${location.data}, where the account ${account?.name} cannot enter: allow it (chmod o+x on each directory above), or set DATABASE_URL.`,
  )
}

/** Data of an earlier DATA_DIR under the same path are kept, never taken over: then the next free name is used. */
async function newHome(dataDir: string, account: Account | null, stateRoot: string): Promise<string> {
  if (!canEnter(dirname(stateRoot), account)) {
    throw new EmbeddedFailed(
      `The account ${account?.name} cannot enter ${dirname(stateRoot)}: allow it, or set DATABASE_URL.`,
    )
  }
  await mkdir(stateRoot, { recursive: true, mode: 0o755 })
  const base = createHash('sha256').update(dataDir).digest('hex').slice(0, 16)
  for (let n = 1; ; n += 1) {
    const home = join(stateRoot, n === 1 ? base : `${base}-${n}`)
    try {
      await mkdir(home, { mode: 0o755 })
      return home
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
}
