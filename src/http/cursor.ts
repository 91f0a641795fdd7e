// Cursors of lists: where the next page starts, signed so that nobody can craft one. A cursor belongs to one list and one order;
// presented elsewhere it is refused. What the key means is the store's business.

import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import { ok, type Result, refuse } from '../domain/result.ts'

/** The place after which a page starts: the sort key of a row and its id. */
export interface Position {
  readonly key: string
  readonly id: string
}

export interface Cursors {
  /** @param list the list and its order, such as `products:-createdAt` */
  encode(list: string, position: Position): string
  /** The position of a cursor made by `encode` for the same list. */
  decode(list: string, cursor: string): Result<Position, 'invalid-cursor'>
}

const MAC_BYTES = 16

/** Signs cursors with a key derived from the secret of the access tokens. */
export function makeCursors(secret: string): Cursors {
  // Made a key once: of bytes, each signature would make one anew.
  const key = createSecretKey(createHmac('sha256', secret).update('list cursors, 1').digest())
  const mac = (list: string, payload: string) =>
    createHmac('sha256', key).update(`${list}\n${payload}`).digest().subarray(0, MAC_BYTES)
  return {
    encode(list, position) {
      const payload = Buffer.from(JSON.stringify([position.key, position.id])).toString('base64url')
      return `${payload}.${mac(list, payload).toString('base64url')}`
    },
    decode(list, cursor) {
      const [payload = '', signature = ''] = cursor.split('.')
      const given = Buffer.from(signature, 'base64url')
      if (given.length !== MAC_BYTES || !timingSafeEqual(given, mac(list, payload))) return invalid
      const parts: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
      if (!Array.isArray(parts) || typeof parts[0] !== 'string' || typeof parts[1] !== 'string') return invalid
      return ok({ key: parts[0], id: parts[1] })
    },
  }
}

const invalid = refuse(
  'invalid-cursor',
  'The cursor is not valid for this list. Start again without it, with the same filters.',
)
