// How nodes know each other: an HMAC over everything that decides what a request does, made under the secret of the cluster. Pure: clock,
// counter and secret are arguments. Whether a request was seen before is remembered in nonces.ts.

import { hash, timingSafeEqual } from 'node:crypto'

/** The one header that says for whom a request is, what it may do, and who sent it. */
export const NODE_HEADER = 'x-node'

/** Everything that decides what a request does. */
export interface Signed {
  readonly method: string
  /** With its query. */
  readonly path: string
  /** The incarnation this is meant for: elsewhere, or after its restart, the same bytes mean nothing. */
  readonly to: string
  /** Milliseconds since 1970, by the sender's clock. */
  readonly time: number
  /** Random, of the process that signs: 16 to 64 characters of [A-Za-z0-9_-]. */
  readonly sender: string
  /** Counted by the sender, from 1: no two of its requests have the same. */
  readonly count: number
  /** Of the body (`hashOf`); null when there is none. */
  readonly bodyHash: string | null
  /** What is left of the deadline, whole ms; null: the node's own. */
  readonly leftMs: number | null
  /** The epoch under which the asked node is thought to own the session; 0n when nobody said. */
  readonly epoch: bigint
  /** It was planned for the asked node, which must take it. */
  readonly planned: boolean
}

export type SignatureFault = 'missing' | 'forged' | 'clock'

const LINE =
  /^(1 ([\w-]{1,64}) (\d{1,16}) ([\w-]{16,64}) ([1-9]\d{0,15}) ([\w-]{43}|-) (\d{1,10}|-) (p?)(\d{1,19})) ([\w-]{43})$/

/** SHA-256, base64url. */
export function hashOf(body: string | Uint8Array): string {
  return hash('sha256', body, 'base64url')
}

/** The two halves of an HMAC key (RFC 2104), each a block of SHA-256 with room for what is hashed behind it. */
interface Pads {
  readonly inner: Buffer
  readonly outer: Buffer
}

const BLOCK = 64
const DIGEST = 32
/** A request's line of what is signed is shorter; a longer one is hashed in a buffer of its own. */
const ROOM = 4_096
/** A node has one secret, a test some. */
const MOST_KEYS = 16
const pads = new Map<string, Pads>()

function padsOf(secret: string): Pads {
  const found = pads.get(secret)
  if (found !== undefined) return found
  if (pads.size >= MOST_KEYS) pads.clear()
  const given = Buffer.from(secret)
  const key = Buffer.alloc(BLOCK)
  ;(given.length > BLOCK ? hash('sha256', given, 'buffer') : given).copy(key)
  const made = { inner: Buffer.alloc(BLOCK + ROOM), outer: Buffer.alloc(BLOCK + DIGEST) }
  for (const [index, byte] of key.entries()) {
    made.inner[index] = byte ^ 0x36
    made.outer[index] = byte ^ 0x5c
  }
  pads.set(secret, made)
  return made
}

/** HMAC-SHA-256 in two single hashes: an Hmac object for each request costs more, when it is collected above all. @returns base64url */
export function hmac(secret: string, text: string): string {
  const { inner, outer } = padsOf(secret)
  const short = text.length * 3 <= ROOM
  const first = short
    ? inner.subarray(0, BLOCK + inner.write(text, BLOCK))
    : Buffer.concat([inner.subarray(0, BLOCK), Buffer.from(text)])
  // As text: a buffer for each would cost more than the hash.
  outer.write(hash('sha256', first, 'hex'), BLOCK, 'hex')
  return hash('sha256', outer, 'base64url')
}

/** The fields before the signature. The first is the version of this line. */
function lineOf({ to, time, sender, count, bodyHash, leftMs, epoch, planned }: Signed): string {
  return `1 ${to} ${time} ${sender} ${count} ${bodyHash ?? '-'} ${leftMs ?? '-'} ${planned ? 'p' : ''}${epoch}`
}

/** No field of a line and no method holds a space or the end of a line, and the path comes last: none can be shifted into another. */
function macOf(secret: string, line: string, method: string, path: string): string {
  return hmac(secret, `wa-erp ${line}\n${method} ${path}`)
}

/** The value of the header that proves a request. */
export function sign(secret: string, request: Signed): string {
  const line = lineOf(request)
  return `${line} ${macOf(secret, line, request.method, request.path)}`
}

/** A request as it arrived. The body is compared with `bodyHash` by whoever reads it. */
export interface Arrived {
  readonly method: string
  readonly path: string
  /** The value of `x-node`. */
  readonly header: unknown
}

export type Verified =
  | { readonly ok: true; readonly signed: Signed }
  | { readonly ok: false; readonly fault: SignatureFault }

/** @returns the proven request, or what is wrong with it. `clock`: rightly signed, at a time too far from ours. */
export function verify(secret: string, { method, path, header }: Arrived, now: number, skewMs: number): Verified {
  const found = typeof header === 'string' ? LINE.exec(header) : null
  if (found === null) return { ok: false, fault: 'missing' }
  const [, line = '', to = '', time, sender = '', count, bodyHash = '', leftMs, planned, epoch = '0', given = ''] =
    found
  if (!timingSafeEqual(Buffer.from(given, 'latin1'), Buffer.from(macOf(secret, line, method, path), 'latin1')))
    return { ok: false, fault: 'forged' }
  if (Math.abs(now - Number(time)) > skewMs) return { ok: false, fault: 'clock' }
  return {
    ok: true,
    signed: {
      method,
      path,
      to,
      time: Number(time),
      sender,
      count: Number(count),
      bodyHash: bodyHash === '-' ? null : bodyHash,
      leftMs: leftMs === '-' ? null : Number(leftMs),
      epoch: BigInt(epoch),
      planned: planned === 'p',
    },
  }
}
