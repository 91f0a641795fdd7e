// As whom the bundled PostgreSQL runs, and what that account can reach. PostgreSQL refuses to run as root.

import { readFileSync, type Stats, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { EmbeddedFailed } from './failed.ts'

/** An unprivileged account of the system. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

const CANDIDATES = ['postgres', 'nobody']

/** @returns null when we are not root: then PostgreSQL runs as we do. */
export function serverAccount(passwd = '/etc/passwd'): Account | null {
  if (process.getuid?.() !== 0) return null
  const accounts = readFileSync(passwd, 'utf8').split('\n').map(parseAccount)
  for (const name of CANDIDATES) {
    const found = accounts.find((account) => account?.name === name && account.uid !== 0)
    if (found) return found
  }
  throw new EmbeddedFailed(
    'PostgreSQL does not run as root and there is no account "postgres" or "nobody": create one, or set DATABASE_URL.',
  )
}

function parseAccount(line: string): Account | null {
  const [name, , uid, gid] = line.split(':')
  if (name === undefined || uid === undefined || gid === undefined) return null
  return { name, uid: Number(uid), gid: Number(gid) }
}

/** True when the account may enter the directory and all above it. What does not exist yet is no obstacle. */
export function canEnter(directory: string, account: Account | null): boolean {
  if (account === null) return true
  let path = resolve(directory)
  for (;;) {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats !== undefined && !permits(stats, account, 0o1)) return false
    const parent = dirname(path)
    if (parent === path) return true
    path = parent
  }
}

/** True when the account may read the existing file or directory, and run or enter it. */
export function canUse(path: string, account: Account | null): boolean {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return false
  if (account === null) return true
  return permits(stats, account, 0o5) && canEnter(dirname(path), account)
}

/** `bits` as in the last digit of a mode: 4 read, 1 run or enter. */
function permits(stats: Stats, account: Account, bits: number): boolean {
  const shift = stats.uid === account.uid ? 6 : stats.gid === account.gid ? 3 : 0
  return ((stats.mode >> shift) & bits) === bits
}
