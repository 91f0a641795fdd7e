// The door to PostgreSQL: statements, transactions, opening and closing. What the statements say is the stores' business.

import type { EntityManager, Kysely, MikroORM } from '@mikro-orm/postgresql'
import { migrate, upToDate } from './migrate.ts'
import { makeOrm } from './orm.ts'
import { numbered } from './placeholders.ts'
import { DatabaseUnavailable, unavailableSentence } from './unavailable.ts'

export { DatabaseUnavailable, errorCode, isDuplicate, isUnavailable } from './unavailable.ts'

/**
 * Runs statements. `?` stands for a value; an array is one value (`= any(?)`), bytes are Buffer or Uint8Array, instants are
 * Date, JSON is passed as text (`JSON.stringify`). Columns come back under their SQL names: instants as Date, days and 64-bit
 * numbers as text, JSON parsed.
 */
export interface Queryable {
  rows<R extends object>(sql: string, params?: readonly unknown[]): Promise<R[]>
  /** @returns the number of rows written (of rows read, for a select). */
  run(sql: string, params?: readonly unknown[]): Promise<number>
  /** MikroORM's own door, bound to this transaction when there is one; a fresh one each time when there is none. */
  readonly em: EntityManager
}

export interface Tx extends Queryable {
  readonly inTransaction: true
}

export interface Database extends Queryable {
  /** Runs the work in one transaction (read committed): committed when it returns, rolled back when it throws. Never retried. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** One round trip. @returns milliseconds. */
  ping(): Promise<number>
  close(): Promise<void>
}

export interface DatabaseLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface DatabaseOptions {
  /** postgres://user:password@host:port/name */
  readonly url: string
  readonly poolMax?: number
  readonly statementTimeoutMs?: number
  readonly log?: DatabaseLog
}

const OLDEST_SERVER = 15

/**
 * Connects and brings the tables up to date (safe when several nodes start at once).
 * @throws DatabaseUnavailable with one sentence for the operator when there is nothing to connect to.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const db = await connect(options)
  try {
    await requireServer(db)
    if (!(await upToDate(db))) await prepare(options)
    return db
  } catch (error) {
    await db.close()
    throw error
  }
}

/** On a connection of its own, without the limit on a statement's time: a migration may be long. */
async function prepare({ statementTimeoutMs: _, ...options }: DatabaseOptions): Promise<void> {
  const db = await connect({ ...options, poolMax: 1 })
  try {
    const applied = await migrate(db)
    if (applied.length > 0) options.log?.info({ applied }, 'database migrated')
  } finally {
    await db.close()
  }
}

/** Connects and nothing else: for what must not change the tables (creating databases, a control pool beside the work pool). */
export async function connect(options: DatabaseOptions): Promise<Database> {
  const { log, ...rest } = options
  const orm = await makeOrm({
    ...rest,
    onMessage: (message) => log?.warn({ message }, 'database connection'),
  })
  const db = databaseOf(orm)
  try {
    await db.ping()
    return db
  } catch (error) {
    await db.close()
    throw new DatabaseUnavailable(unavailableSentence(error, options.url), { cause: error })
  }
}

async function requireServer(db: Database): Promise<void> {
  const [row] = await db.rows<{ number: string }>(`select current_setting('server_version_num') as number`)
  const major = Math.floor(Number(row?.number ?? 0) / 10_000)
  if (major >= OLDEST_SERVER) return
  throw new DatabaseUnavailable(
    `PostgreSQL ${major} is too old: version ${OLDEST_SERVER} or newer is needed. Leave DATABASE_URL out to use the bundled one.`,
  )
}

function databaseOf(orm: MikroORM): Database {
  let closed = false
  const under = new Set<Promise<unknown>>()
  const tracked = <T>(work: Promise<T>): Promise<T> => {
    under.add(work)
    const gone = () => under.delete(work)
    work.then(gone, gone)
    return work
  }
  // MikroORM would open a new pool, which nobody closes, for a statement that comes after the end.
  const pool = (): Kysely<unknown> => {
    if (closed) throw new DatabaseUnavailable('The connection to the database was closed: the node is stopping.')
    return orm.em.getConnection().getClient()
  }
  return {
    rows: async (sql, params) => tracked(rowsOf(pool(), sql, params)),
    run: async (sql, params) => tracked(affectedOf(pool(), sql, params)),
    get em() {
      pool()
      return orm.em.fork()
    },
    transaction: async (work) => tracked(inTransaction(orm, pool(), work)),
    async ping() {
      const from = performance.now()
      await rowsOf(pool(), 'select 1', [])
      return performance.now() - from
    },
    async close() {
      if (closed) return
      closed = true
      // A connection that is being made for a statement when the pool ends is never given back, and the end waits for it for ever (kysely
      // 0.29.6, pg-pool 3).
      await Promise.allSettled(under)
      await orm.close(true)
    },
  }
}

// Not MikroORM's own `transactional`: below it, Kysely never gives back a connection on which the commit or the rollback
// failed, so every connection that drops in a transaction would be one less in the pool for ever (kysely 0.29.6,
// ControlledTransaction). `connection()` gives it back in any case, and orm.ts closes it when it is not clean.
function inTransaction<T>(orm: MikroORM, pool: Kysely<unknown>, work: (tx: Tx) => Promise<T>): Promise<T> {
  return pool.connection().execute(async (client) => {
    const open = { value: true }
    // Made when it is asked for: most work uses statements alone, and this costs more than one of them.
    const door: { em?: EntityManager } = {}
    const em = () => {
      if (door.em === undefined) {
        door.em = orm.em.fork()
        door.em.setTransactionContext(client)
      }
      return door.em
    }
    await affectedOf(client, 'begin')
    try {
      const result = await work(transactionOn(client, em, open))
      await door.em?.flush()
      open.value = false
      await affectedOf(client, 'commit')
      return result
    } catch (error) {
      open.value = false
      // One that fails says nothing new: the connection is gone, and the server rolls back by itself.
      await affectedOf(client, 'rollback').catch(() => {})
      throw error
    }
  })
}

/** Statements after the end would run on a connection that is somebody else's by then: they are a bug, and refused. */
function transactionOn(client: Kysely<unknown>, em: () => EntityManager, open: { readonly value: boolean }): Tx {
  const whileOpen = () => {
    if (!open.value) throw new Error('the transaction has ended: a statement was not awaited')
    return client
  }
  return {
    inTransaction: true,
    get em() {
      whileOpen()
      return em()
    },
    rows: async (sql, params) => rowsOf(whileOpen(), sql, params),
    run: async (sql, params) => affectedOf(whileOpen(), sql, params),
  }
}

async function rowsOf<R extends object>(
  client: Kysely<unknown>,
  sql: string,
  params: readonly unknown[] = [],
): Promise<R[]> {
  const result = await client.executeQuery<R>(statement(sql, params))
  return result.rows
}

async function affectedOf(client: Kysely<unknown>, sql: string, params: readonly unknown[] = []): Promise<number> {
  const result = await client.executeQuery(statement(sql, params))
  return Number(result.numAffectedRows ?? result.rows.length)
}

type Query = Parameters<Kysely<unknown>['executeQuery']>[0]

/** A statement whose values travel beside it: MikroORM's own `execute` would write them into the text. */
function statement(sql: string, params: readonly unknown[]): Query {
  const text = numbered(sql, params.length)
  return {
    sql: text,
    parameters: params,
    query: { kind: 'RawNode', sqlFragments: [text], parameters: [] },
    queryId: { queryId: '' },
  }
}
