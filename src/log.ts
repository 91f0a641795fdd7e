// The log: one pino root, a child per user. It redacts what must never be read there: message texts, credentials, numbers in full.

import { type Logger, pino } from 'pino'

export type { Logger } from 'pino'

const REDACTED = [
  'text',
  'message.text',
  'body',
  'password',
  'token',
  'authorization',
  'req.headers.authorization',
  'req.headers["x-setup-token"]',
  'phone',
  'phoneNumber',
  'recipient',
  'qr',
  'creds',
  'payload',
]

/**
 * Makes the root logger. Lines are JSON, one decision each, to standard output.
 * @param level a pino level or `silent`
 */
export function makeLog(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: REDACTED, censor: '[redacted]' },
    serializers: { err: errorSerializer, error: errorSerializer },
  })
}

/** Type, message and stack of an error and of its causes, nothing of what it carries: database errors quote parameters. */
function errorSerializer(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? {} : { cause: errorSerializer(error.cause) }
  return { type: error.name, message: error.message, stack: error.stack, ...cause }
}
