// What belongs to a request rather than to a command: its id, its trace, and whether its caller still waits. It follows the calls by itself,
// so that a session's port need not name it; only what leaves the node reads it.

import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'

export interface CallContext {
  readonly requestId: string
  /** W3C trace context. */
  readonly traceparent: string
  /** Aborted when the caller has gone. */
  readonly signal: AbortSignal
}

const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

const storage = new AsyncLocalStorage<CallContext>()

/** Runs something for a caller. */
export function runWith<T>(context: CallContext, run: () => T): T {
  return storage.run(context, run)
}

/** The caller this is done for; null outside of any request. */
export function callContext(): CallContext | null {
  return storage.getStore() ?? null
}

/** Asking the system for a few random bytes costs as much as for many. */
const POOL_BYTES = 4_096
let pool = Buffer.alloc(0)
let used = 0

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    pool = randomBytes(POOL_BYTES)
    used = 0
  }
  used += bytes
  return pool.toString('hex', used - bytes, used)
}

/** The trace a request carries, when it carries a good one; a new one otherwise. */
export function traceOf(header: unknown): string {
  if (typeof header === 'string' && TRACEPARENT.test(header) && !header.startsWith('ff')) return header
  return `00-${randomHex(16)}-${randomHex(8)}-01`
}
