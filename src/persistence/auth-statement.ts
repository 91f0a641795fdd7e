// The one statement that writes changes of auth state: of one session or of several, each behind its own fence. Values travel as arrays, so the
// text depends only on which kinds of changes there are. When to write what together is decided in auth-state.ts.

import type { Fence } from '../domain/ids.ts'
import type { Statement } from './statement.ts'

/** A change as the tables hold it: encrypted, its ids hidden. */
export interface SealedChange {
  readonly fence: Fence
  readonly creds: Uint8Array | null
  /** Each key once. */
  readonly keys: readonly SealedKey[]
  readonly journal: { readonly hash: Uint8Array; readonly messageKey: Uint8Array; readonly payload: Uint8Array } | null
}

export interface SealedKey {
  readonly type: string
  readonly id: Uint8Array
  /** null deletes. */
  readonly value: Uint8Array | null
}

/**
 * @param changes one a session
 * @param waiting whether it waits for a claim of one of the sessions, or fails at once
 * @returns a statement whose rows are the `session_id`s whose fence holds: of the others nothing is written
 */
export function authStatement(changes: readonly SealedChange[], waiting: boolean): Statement {
  const parts = [
    ownPart(
      changes.map(({ fence }) => fence),
      waiting,
    ),
    ...credsPart(changes),
    ...keyParts(changes),
    ...journalPart(changes),
  ]
  return {
    sql: `with ${parts.map(({ sql }) => sql).join(',\n')}\nselect session_id from own`,
    params: parts.flatMap(({ params }) => params),
  }
}

/** In one order, as claims lock them: nobody waits in a circle. */
function ownPart(fences: readonly Fence[], waiting: boolean): Statement {
  const sql = `own as (select l.session_id from lease l
    join unnest(?::uuid[], ?::uuid[], ?::bigint[]) as f (session_id, owner, epoch)
      on l.session_id = f.session_id and l.owner = f.owner and l.epoch = f.epoch
    order by l.session_id for share of l${waiting ? '' : ' nowait'})`
  return { sql, params: [fences.map((f) => f.session), fences.map((f) => f.owner), fences.map((f) => String(f.epoch))] }
}

function credsPart(changes: readonly SealedChange[]): Statement[] {
  const set = changes.flatMap(({ fence, creds }) => (creds === null ? [] : [{ session: fence.session, creds }]))
  if (set.length === 0) return []
  const sql = `creds_set as (insert into creds (session_id, data)
    select session_id, data from own join unnest(?::uuid[], ?::bytea[]) as c (session_id, data) using (session_id)
    on conflict (session_id) do update set data = excluded.data, updated_at = now())`
  return [{ sql, params: [set.map((c) => c.session), set.map((c) => c.creds)] }]
}

function keyParts(changes: readonly SealedChange[]): Statement[] {
  const keys = changes.flatMap(({ fence, keys }) => keys.map((key) => ({ ...key, session: fence.session })))
  const [set, gone] = [keys.filter(({ value }) => value !== null), keys.filter(({ value }) => value === null)]
  const where = (some: typeof keys) => [some.map((k) => k.session), some.map((k) => k.type), some.map((k) => k.id)]
  const parts: Statement[] = []
  if (set.length > 0) {
    const sql = `keys_set as (insert into key (session_id, type, id, value)
      select session_id, type, id, value from own
      join unnest(?::uuid[], ?::text[], ?::bytea[], ?::bytea[]) as k (session_id, type, id, value) using (session_id)
      order by session_id, type, id
      on conflict (session_id, type, id) do update set value = excluded.value)`
    parts.push({ sql, params: [...where(set), set.map((k) => k.value)] })
  }
  if (gone.length > 0) {
    const sql = `keys_gone as (delete from key
      using own join unnest(?::uuid[], ?::text[], ?::bytea[]) as k (session_id, type, id) using (session_id)
      where key.session_id = k.session_id and key.type = k.type and key.id = k.id)`
    parts.push({ sql, params: where(gone) })
  }
  return parts
}

function journalPart(changes: readonly SealedChange[]): Statement[] {
  const rows = changes.flatMap(({ fence, journal }) => (journal === null ? [] : [{ ...journal, fence }]))
  if (rows.length === 0) return []
  const sql = `journal as (insert into inbox (session_id, hash, message_key, payload, state)
    select session_id, hash, message_key, payload, 'new' from own
    join unnest(?::uuid[], ?::bytea[], ?::bytea[], ?::bytea[]) as j (session_id, hash, message_key, payload)
      using (session_id)
    on conflict (session_id, hash) do nothing)`
  const params = [
    rows.map((row) => row.fence.session),
    rows.map((row) => row.hash),
    rows.map((row) => row.messageKey),
    rows.map((row) => row.payload),
  ]
  return [{ sql, params }]
}
