// The statement that writes changes of auth state, of one session or of several: its parts beside the fence. Values travel as arrays, so the
// text depends only on which kinds of changes there are. What is written together, and under which fence, is decided in fenced-rounds.ts.

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

/** @param changes one a session. @returns parts that write for the sessions in `own` */
export function authParts(changes: readonly SealedChange[]): readonly Statement[] {
  return [...credsPart(changes), ...keyParts(changes), ...journalPart(changes)]
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
