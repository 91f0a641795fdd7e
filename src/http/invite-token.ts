// Tokens of invites: shown once, kept as a hash.

import { createHash, randomBytes } from 'node:crypto'

const TOKEN_BYTES = 24

export function newInviteToken(): string {
  return `inv_${randomBytes(TOKEN_BYTES).toString('base64url')}`
}

/** What is kept of a token: it is random and long, so a plain hash does. */
export function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
