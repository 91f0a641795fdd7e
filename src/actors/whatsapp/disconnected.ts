// Why a connection ended, as one code of domain/session/disconnect.ts and a sentence for the log. What the session does about it is not here.

import { SIGNATURE_INVALID } from '../../domain/session/disconnect.ts'
import { SignatureInvalid } from './signature.ts'

export interface Ending {
  readonly code: number
  readonly detail: string
}

const CLOSED = 428
const UNKNOWN = 500
const UNAVAILABLE = 503
const RATE_LIMITED = 429

/** Baileys' own refusals of a server or an account that proves nothing. */
const UNPROVEN = [
  /^invalid noise (leaf|intermediate) certificate$/,
  /^noise (intermediate )?certificate signature invalid$/,
  /^certification match failed$/,
  /^Invalid account signature$/,
  /^Failed to verify account signature$/,
]

/** The ending that Baileys reported with this error. */
export function endingOf(error: unknown): Ending {
  if (error === undefined || error === null) return { code: CLOSED, detail: 'ended on this side' }
  const detail = masked(error instanceof Error ? error.message : String(error))
  const unproven = error instanceof SignatureInvalid || UNPROVEN.some((pattern) => pattern.test(detail))
  if (unproven) return { code: SIGNATURE_INVALID, detail }
  // Baileys throws Boom errors, which carry the code like this.
  const status = (error as { output?: { statusCode?: unknown } }).output?.statusCode
  return { code: typeof status === 'number' ? status : UNKNOWN, detail }
}

/** The ending for an HTTP answer in place of a WebSocket. A proxy's 401 or 403 says nothing about the account. */
export function endingOfHttp(status: number): Ending {
  return { code: status === RATE_LIMITED ? RATE_LIMITED : UNAVAILABLE, detail: `HTTP ${status} instead of a WebSocket` }
}

/** Texts of errors quote numbers of people: long runs of digits are taken out. */
export function masked(text: string): string {
  return text.replace(/\d{5,}/g, '…').slice(0, 200)
}
