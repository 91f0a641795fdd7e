// Where the bundled PostgreSQL puts its socket file. A statement over it costs half the time and the processor of one over 127.0.0.1
// (`npm run bench` measures on it), so it is used wherever a path that short can be had.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Location } from './location.ts'

/** The system's limit for the path of a socket, in bytes; 104 on macOS, 108 on Linux, both with the zero at the end. */
const LONGEST_PATH = 103
/** A port has at most five digits. */
const NAME = '.s.PGSQL.00000'

/** The directory, closed to everybody but the server's account and root; null on Windows, or when its path is too long or cannot be quoted. */
export function socketDirectory(location: Pick<Location, 'data'>, platform: string = process.platform): string | null {
  if (platform === 'win32' || location.data.includes('"')) return null
  return Buffer.byteLength(join(location.data, NAME)) > LONGEST_PATH ? null : location.data
}

/** A server of an earlier version, which was left running, has none. */
export function hasSocket(directory: string, port: number): boolean {
  return existsSync(join(directory, `.s.PGSQL.${port}`))
}
