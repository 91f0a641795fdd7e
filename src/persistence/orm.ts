// How MikroORM is set up: entities, pool, types. Decides nothing about statements or migrations; database.ts is its only caller.

import { MikroORM } from '@mikro-orm/postgresql'
import { ENTITIES } from './entities/index.ts'
import { type PreparingClient, prepareOn } from './prepared.ts'

/** Object identifier of `timestamptz` in PostgreSQL's catalogue. */
const TIMESTAMPTZ = 1184

const DEFAULT_POOL_MAX = 10
const CONNECT_TIMEOUT_MS = 10_000
/** A process that froze in a transaction must not keep its locks: they would keep others from taking over its sessions. */
const IDLE_TRANSACTION_MS = 5_000
/** The client gives a statement this much longer than the server does, so that the server's own answer comes first. */
const CLIENT_GRACE_MS = 1_000

export interface OrmOptions {
  /** postgres://user:password@host:port/name */
  readonly url: string
  /** Most connections at once; 10 when not given. */
  readonly poolMax?: number
  /** A statement that takes longer is ended by the server; no limit when not given. Milliseconds. */
  readonly statementTimeoutMs?: number
  /** Told what MikroORM has to say by itself: dropped connections, mostly. */
  readonly onMessage?: (message: string) => void
}

/** What we need of the pg driver's pool, which comes without types. */
interface Pool {
  readonly options: { readonly types: { setTypeParser(oid: number, parse: (text: string) => unknown): void } }
  on(event: 'release', listener: (error: unknown, client: PoolClient) => void): void
  on(event: 'connect', listener: (client: PreparingClient) => void): void
}

interface PoolClient {
  /** False while a statement is under way. */
  readonly readyForQuery: boolean | null
  /** `I` outside a transaction. */
  getTransactionStatus(): string | null
  end(): Promise<void>
}

/** Makes the ORM without connecting. Instants are read as Date, days stay text, 64-bit numbers stay text. */
export function makeOrm(options: OrmOptions): Promise<MikroORM> {
  const timeout = options.statementTimeoutMs
  return MikroORM.init({
    clientUrl: options.url,
    entities: [...ENTITIES],
    ensureDatabase: false,
    debug: false,
    logger: (message) => options.onMessage?.(message),
    colors: false,
    pool: { min: 0, max: options.poolMax ?? DEFAULT_POOL_MAX },
    driverOptions: {
      application_name: 'whatsapp-erp',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_TRANSACTION_MS,
      ...(timeout === undefined ? {} : { statement_timeout: timeout, query_timeout: timeout + CLIENT_GRACE_MS }),
      onPoolCreated: (pool: Pool) => {
        pool.options.types.setTypeParser(TIMESTAMPTZ, parseInstant)
        pool.on('connect', prepareOn)
        pool.on('release', (_, client) => discardUnclean(client))
      },
    },
  })
}

/** `2026-01-31 12:00:00.123456+00` → Date (milliseconds; the rest is cut). */
function parseInstant(text: string): Date {
  return new Date(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'))
}

/**
 * A connection that comes back in the middle of a statement (ours ran out of time) or of a transaction (its end was not
 * heard of) is closed: the pool sees that and makes a new one.
 */
function discardUnclean(client: PoolClient): void {
  if (client.readyForQuery === true && client.getTransactionStatus() === 'I') return
  client.end().catch(() => {})
}
