// Tells "the database is away" (wait, try again) from a bug (tell the developer). Decides nothing about what to do then.

/** Nobody can use the database now. The message is one sentence for the operator, without the password. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable'
}

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const SQL_STATES = new Set([
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '57014', // query_canceled: the statement's time was up
  '25P03', // idle_in_transaction_session_timeout
  '53300', // too_many_connections
  '25006', // read_only_sql_transaction: this is a standby now
])
const CONNECTION_CLASS = '08'

// What the pg driver throws without a code.
const MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client was closed|not queryable|Client has encountered a connection error|timeout expired/i

/** The five-character SQLSTATE (or the system's error code) of what a statement threw; null when it has none. */
export function errorCode(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  const code: unknown = 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : null
}

/** True when the statement broke a unique rule, of that name when one is given. */
export function isDuplicate(error: unknown, constraint?: string): boolean {
  if (errorCode(error) !== '23505') return false
  return (
    constraint === undefined || (error instanceof Error && 'constraint' in error && error.constraint === constraint)
  )
}

/** True when the cause is the database being away, restarting, full or too slow; false for what is a mistake of ours. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseUnavailable) return true
  if (error instanceof AggregateError) return error.errors.some(isUnavailable)
  const code = errorCode(error)
  // The socket file of a server that is down.
  if (code === 'ENOENT' && error instanceof Error && 'syscall' in error && error.syscall === 'connect') return true
  if (code !== null && (NETWORK.has(code) || SQL_STATES.has(code) || code.startsWith(CONNECTION_CLASS))) return true
  if (!(error instanceof Error)) return false
  return MESSAGES.test(error.message) || (error.cause !== undefined && isUnavailable(error.cause))
}

/** What failed to connect, as one sentence with the next step. */
export function unavailableSentence(error: unknown, url: string): string {
  const { hostname, port, pathname, username } = new URL(url)
  const place = `${decodeURIComponent(hostname)}:${port === '' ? '5432' : port}`
  const first = error instanceof AggregateError ? error.errors[0] : error
  switch (errorCode(first)) {
    case 'ECONNREFUSED':
    case 'ENOENT':
      return `No PostgreSQL answers at ${place}: start it, or correct DATABASE_URL, or leave DATABASE_URL out to use the bundled one.`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The host ${hostname} of DATABASE_URL cannot be found: correct DATABASE_URL.`
    case '28P01':
    case '28000':
      return `PostgreSQL at ${place} refused the login of ${username}: correct the user and password in DATABASE_URL.`
    case '3D000':
      return `PostgreSQL at ${place} has no database ${pathname.slice(1)}: create it, or correct DATABASE_URL.`
    default:
      return `PostgreSQL at ${place} cannot be used: ${first instanceof Error ? first.message : String(first)}`
  }
}
