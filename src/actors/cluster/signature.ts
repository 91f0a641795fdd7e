// How nodes know each other: an HMAC over everything that decides what a request does, made under the secret of the cluster. Pure: clock,
// nonce and secret are arguments. Whether a nonce was seen before is remembered in nonces.ts.

import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto'

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
  readonly headers: Readonly<Record<string, string | undefined>>
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

/** A node has one secret; making a key of its text costs as much as the whole signature. */
const keys = new Map<string, KeyObject>()
const MOST_KEYS = 16

function keyOf(secret: string): KeyObject {
  const found = keys.get(secret)
  if (found !== undefined) return found
  if (keys.size >= MOST_KEYS) keys.clear()
  const key = createSecretKey(secret, 'utf8')
  keys.set(secret, key)
  return key
}

function macOf(secret: string, request: Signed): Buffer {
  const headers = SIGNED_HEADERS.map((name) => `${name}:${request.headers[name] ?? ''}`)
  const { method, path, to, time, nonce, bodyHash } = request
  return createHmac('sha256', keyOf(secret))
    .update(JSON.stringify(['wa-erp node 1', method, path, to, time, nonce, bodyHash, ...headers]))
    .digest()
}

/** The headers that prove a request. */
export function sign(secret: string, request: Signed): Credentials {
  return {
    'x-node-to': request.to,
    'x-node-time': String(request.time),
    'x-node-nonce': request.nonce,
    'x-node-body': request.bodyHash,
    'x-node-signature': macOf(secret, request).toString('base64url'),
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
    headers: Object.fromEntries(SIGNED_HEADERS.map((name) => [name, header(name)])),
  }
  const wanted = macOf(secret, signed)
  const found = Buffer.from(given, 'base64url')
  if (found.length !== wanted.length || !timingSafeEqual(found, wanted)) return { ok: false, fault: 'forged' }
  return Math.abs(now - signed.time) > skewMs ? { ok: false, fault: 'clock' } : { ok: true, signed }
}
