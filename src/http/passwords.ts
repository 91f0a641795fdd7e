// Passwords: argon2id, and the same work for an account that does not exist, so that time tells nobody which e-mails have one.

import { hash, verify } from '@node-rs/argon2'
import { COMMON_PASSWORDS } from './common-passwords.ts'

/** OWASP's recommendation for argon2id (the library's default algorithm): memory in KiB, passes, lanes. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

export const PASSWORD_MIN_CHARS = 8
export const PASSWORD_MAX_CHARS = 128

export interface Passwords {
  hash(password: string): Promise<string>
  /** Compares in the same time whether there is a stored hash or not. */
  matches(stored: string | null, password: string): Promise<boolean>
}

/** Begins the hash that stands in for accounts that do not exist: a start does not wait for it, a login does. */
export function makePasswords(): Passwords {
  const stranger = hash('nobody has this password', COST)
  return {
    hash: (password) => hash(password, COST),
    async matches(stored, password) {
      const same = await verify(stored ?? (await stranger), password)
      return same && stored !== null
    },
  }
}

/** True for one of the passwords that attackers try first; letter case does not help. */
export function isCommonPassword(password: string): boolean {
  return COMMON_PASSWORDS.has(password.toLowerCase())
}
