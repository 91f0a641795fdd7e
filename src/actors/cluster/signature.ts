// How nodes know each other: an HMAC over everything that decides what a request does, made under the secret of the cluster. Pure: clock,
// nonce and secret are arguments. Whether a nonce was seen before is remembered in nonces.ts.

import { hash, timingSafeEqual } from 'node:crypto'

/** Headers that change what a request does: they are signed with it. */
export const SIGNED_HEADERS = ['x-proto', 'x-deadline', 'x-epoch', 'x-planned'] as const

export interface Signed {
  readonly method: string
  /** With its query. */
  readonly path: string
  /** The incarnation this is meant for: elsewhere, or after its restart, the same bytes mean nothing. */
  readonly to: string
  /** Milliseconds since 1970, by the sender's clock. */
  readonly time: number
  readonly nonce: string
  /** SHA-256 of the body, hex. */
  readonly bodyHash: string
  readonly headers: { readonly [name in (typeof SIGNED_HEADERS)[number]]?: string | undefined }
}

/** What of a request proves who sent it. */
export interface Credentials {
  readonly 'x-node-to': string
  readonly 'x-node-time': string
  readonly 'x-node-nonce': string
  readonly 'x-node-body': string
  readonly 'x-node-signature': string
}

export type SignatureFault = 'missing' | 'forged' | 'clock'

const NONCE = /^[\w-]{16,64}$/
const TIME = /^\d{1,16}$/
const HASH = /^[0-9a-f]{64}$/

export function hashOf(body: string | Uint8Array): string {
  return hash('sha256', body, 'hex')
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
  hash('sha256', first, 'buffer').copy(outer, BLOCK)
  return hash('sha256', outer, 'base64url')
}

/** base64url */
function macOf(secret: string, request: Signed): string {
  const { method, path, to, time, nonce, bodyHash, headers } = request
  const signed = SIGNED_HEADERS.map((name) => `${name}:${headers[name] ?? ''}`)
  return hmac(secret, JSON.stringify(['wa-erp node 1', method, path, to, time, nonce, bodyHash, ...signed]))
}

/** The headers that prove a request. */
export function sign(secret: string, request: Signed): Credentials {
  return {
    'x-node-to': request.to,
    'x-node-time': String(request.time),
    'x-node-nonce': request.nonce,
    'x-node-body': request.bodyHash,
    'x-node-signature': macOf(secret, request),
  }
}

/** A request as it arrived. The body is compared with `bodyHash` by whoever reads it. */
export interface Arrived {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** @returns the proven request, or what is wrong with it. `clock`: rightly signed, at a time too far from ours. */
export function verify(
  secret: string,
  request: Arrived,
  now: number,
  skewMs: number,
): { readonly ok: true; readonly signed: Signed } | { readonly ok: false; readonly fault: SignatureFault } {
  const header = (name: string): string | undefined => {
    const value = request.headers[name]
    return typeof value === 'string' ? value : undefined
  }
  const time = header('x-node-time') ?? ''
  const nonce = header('x-node-nonce') ?? ''
  const bodyHash = header('x-node-body') ?? ''
  const to = header('x-node-to')
  const given = header('x-node-signature')
  if (to === undefined || given === undefined || !NONCE.test(nonce) || !TIME.test(time) || !HASH.test(bodyHash))
    return { ok: false, fault: 'missing' }
  const signed: Signed = {
    method: request.method,
    path: request.path,
    to,
    time: Number(time),
    nonce,
    bodyHash,
    headers: {
      'x-proto': header('x-proto'),
      'x-deadline': header('x-deadline'),
      'x-epoch': header('x-epoch'),
      'x-planned': header('x-planned'),
    },
  }
  const wanted = Buffer.from(macOf(secret, signed), 'latin1')
  const found = Buffer.from(given, 'latin1')
  if (found.length !== wanted.length || !timingSafeEqual(found, wanted)) return { ok: false, fault: 'forged' }
  return Math.abs(now - signed.time) > skewMs ? { ok: false, fault: 'clock' } : { ok: true, signed }
}
