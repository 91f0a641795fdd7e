// Requests that carry an Idempotency-Key: the first one runs, the others get its answer. A key belongs to a user and a
// route; what counts as the same request is its hash, made by the HTTP layer.
import type { UserId } from '../domain/ids.ts'
import type { Queryable } from './database.ts'

export interface IdempotencyKey {
  readonly userId: UserId
  readonly route: string
  readonly key: string
}

export type Begun =
  /** Ours to run: then `finish` or `abandon`. */
  | { readonly kind: 'fresh' }
  | { readonly kind: 'replay'; readonly status: number; readonly response: unknown }
  /** The key was used for another request. */
  | { readonly kind: 'mismatch' }
  | { readonly kind: 'running' }

/** Keys older than this count no more. */
const KEEP = `interval '24 hours'`
/** A request that has not finished in this time never will: another may run. */
const RUNNING_AT_MOST = `interval '2 minutes'`

interface KeyRow {
  readonly request_hash: Uint8Array
  readonly status: number | null
  readonly response: unknown
}

/**
 * Takes the key for this request, or says what became of the one before. What died with its node may be run again at once.
 * @param node the incarnation of the node that runs the request
 */
export async function begin(q: Queryable, id: IdempotencyKey, requestHash: Uint8Array, node: string): Promise<Begun> {
  const taken = await q.run(
    `insert into idempotency_keys as mine (user_id, route, key, request_hash, node) values (?, ?, ?, ?, ?)
     on conflict (user_id, route, key) do update
       set request_hash = excluded.request_hash, node = excluded.node, status = null, response = null, created_at = now()
       where mine.created_at < now() - ${KEEP}
          or (mine.status is null and mine.created_at < now() - ${RUNNING_AT_MOST})
          or (mine.status is null and mine.request_hash = excluded.request_hash
              and exists (select from node n where n.incarnation = mine.node and n.dead_at is not null))`,
    [id.userId, id.route, id.key, requestHash, node],
  )
  if (taken > 0) return { kind: 'fresh' }
  const [row] = await q.rows<KeyRow>(
    'select request_hash, status, response from idempotency_keys where user_id = ? and route = ? and key = ?',
    [id.userId, id.route, id.key],
  )
  // Abandoned in this very moment: the caller may simply try again.
  if (row === undefined) return { kind: 'running' }
  if (!Buffer.from(row.request_hash).equals(Buffer.from(requestHash))) return { kind: 'mismatch' }
  return row.status === null ? { kind: 'running' } : { kind: 'replay', status: row.status, response: row.response }
}

/** Keeps the answer for those who come with the same key. */
export async function finish(q: Queryable, id: IdempotencyKey, status: number, response: unknown): Promise<void> {
  await q.run(
    'update idempotency_keys set status = ?, response = ?::jsonb where user_id = ? and route = ? and key = ?',
    [status, JSON.stringify(response ?? null), id.userId, id.route, id.key],
  )
}

/** Gives the key back: the request failed on our side and may be tried again. @param node the one that `begin` was told */
export async function abandon(q: Queryable, id: IdempotencyKey, node: string): Promise<void> {
  await q.run(
    'delete from idempotency_keys where user_id = ? and route = ? and key = ? and node = ? and status is null',
    [id.userId, id.route, id.key, node],
  )
}

/** Deletes old keys, so many at most. @returns how many. */
export async function pruneIdempotency(q: Queryable, olderThan: Date, limit = 1_000): Promise<number> {
  return q.run(
    'delete from idempotency_keys where ctid in (select ctid from idempotency_keys where created_at < ? limit ?)',
    [olderThan, limit],
  )
}
