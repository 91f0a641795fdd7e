// The secrets of an installation: those given, else those kept in DATA_DIR, else new random ones that are kept there.
// A file is never overwritten: what was encrypted with a lost key is lost.

import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const SECRET_BYTES = 32
const OWNER_ONLY = 0o600
const FILES = { JWT_SECRET: 'jwt-secret', AUTH_ENCRYPTION_KEY: 'auth-encryption-key' } as const

type Name = keyof typeof FILES

export interface Secrets {
  readonly jwtSecret: string
  /** 32 bytes. */
  readonly authEncryptionKey: Uint8Array
  /** The variables for which a secret was made now. */
  readonly made: readonly string[]
}

/** A secret cannot be used. The message is for the operator and holds nothing of it. */
export class BadSecret extends Error {
  override readonly name = 'BadSecret'
}

export interface GivenSecrets {
  readonly dataDir: string
  readonly jwtSecret?: string | null
  /** 64 hex digits, or base64 of 32 bytes. */
  readonly authEncryptionKey?: string | null
}

/** @throws BadSecret when a key, given or kept, is not 32 bytes. */
export function loadSecrets({ dataDir, jwtSecret, authEncryptionKey }: GivenSecrets): Secrets {
  const made: string[] = []
  const kept = (name: Name): string => keptOrMade(dataDir, name, made)
  return {
    jwtSecret: jwtSecret ? jwtSecret : kept('JWT_SECRET'),
    authEncryptionKey: authEncryptionKey
      ? parseKey(authEncryptionKey, 'AUTH_ENCRYPTION_KEY is')
      : parseKey(kept('AUTH_ENCRYPTION_KEY'), `The file ${join(dataDir, FILES.AUTH_ENCRYPTION_KEY)} holds`),
    made,
  }
}

function keptOrMade(dataDir: string, name: Name, made: string[]): string {
  const path = join(dataDir, FILES[name])
  if (existsSync(path)) {
    const text = readFileSync(path, 'utf8').trim()
    if (text !== '') return text
    throw new BadSecret(
      `The file ${path} is empty. Put the secret back from a backup; remove the file only if there is none.`,
    )
  }
  const text = randomBytes(SECRET_BYTES).toString('hex')
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  writeForGood(path, text)
  made.push(name)
  return text
}

/** On the disk, whole, before anything is encrypted with it. */
function writeForGood(path: string, text: string): void {
  const draft = `${path}.new`
  const file = openSync(draft, 'w', OWNER_ONLY)
  try {
    writeSync(file, `${text}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(draft, path)
}

function parseKey(text: string, subject: string): Uint8Array {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex')
  const bytes = /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0)
  if (bytes.length === SECRET_BYTES) return bytes
  throw new BadSecret(
    `${subject} not a key of 32 bytes. Give 64 hex digits or base64 of 32 bytes, for example from: openssl rand -hex 32`,
  )
}
