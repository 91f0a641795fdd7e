// The journal of what was decrypted: written with the ratchet step (auth-state.ts), processed once, kept as a hash so that a
// redelivery is recognised. What a payload says is not read here.

import type { Fence, SessionId } from '../domain/ids.ts'
import type { Database, Queryable } from './database.ts'
import { FencedError, fenceValues, OWN } from './leases.ts'
import type { Sealer } from './sealer.ts'

export interface JournalEntry {
  /** SHA-256 of the ciphertext. */
  readonly hash: Uint8Array
  /** `${chat}|${sender}|${id}`; kept as a keyed hash. */
  readonly messageKey: string
  readonly payload: Uint8Array
}

export interface InboxRow {
  readonly id: string
  readonly hash: Uint8Array
  readonly messageKeyMac: Uint8Array
  readonly payload: Uint8Array
  readonly receivedAt: Date
}

/** An entry as the table holds it. */
export function sealEntry(
  sealer: Sealer,
  session: SessionId,
  entry: JournalEntry,
): { hash: Uint8Array; messageKey: Buffer; payload: Buffer } {
  return {
    hash: entry.hash,
    messageKey: sealer.mac(`message|${session}|${entry.messageKey}`),
    payload: sealer.seal(entry.payload, place(session, entry.hash)),
  }
}

/** What a ciphertext was when it came before; null when it never came. The payload is null once it was dropped. */
export async function journaled(
  db: Database,
  sealer: Sealer,
  session: SessionId,
  hash: Uint8Array,
): Promise<{ state: 'new' | 'done'; payload: Uint8Array | null } | null> {
  const [row] = await db.rows<{ state: 'new' | 'done'; payload: Buffer | null }>(
    'select state, payload from inbox where session_id = ? and hash = ?',
    [session, hash],
  )
  if (row === undefined) return null
  return { state: row.state, payload: row.payload === null ? null : sealer.open(row.payload, place(session, hash)) }
}

/** The oldest entries that wait to be processed. */
export async function nextInbox(db: Database, sealer: Sealer, session: SessionId, limit: number): Promise<InboxRow[]> {
  const rows = await db.rows<{ id: string; hash: Buffer; message_key: Buffer; payload: Buffer; received_at: Date }>(
    `select id, hash, message_key, payload, received_at from inbox
     where session_id = ? and state = 'new' order by id limit ?`,
    [session, limit],
  )
  return rows.map((row) => ({
    id: row.id,
    hash: row.hash,
    messageKeyMac: row.message_key,
    payload: sealer.open(row.payload, place(session, row.hash)),
    receivedAt: row.received_at,
  }))
}

/**
 * Closes an entry that does nothing else, or whose work is done in the same transaction.
 * @param outcome a short word for the statistics, never a customer's
 * @param keep whether the payload stays until it is pruned; a stranger's is dropped now
 * @returns false when it was done already: then nothing may be done again
 * @throws FencedError
 */
export async function finishInbox(
  q: Queryable,
  fence: Fence,
  inboxId: string,
  outcome: string,
  keep: { readonly keepPayload: boolean },
): Promise<boolean> {
  const [row] = await q.rows<{ own: string; done: string }>(
    `with ${OWN}, done as (
       update inbox set state = 'done', outcome = ?, done_at = now(), payload = case when ? then payload end
       from own where id = ? and session_id = ? and state = 'new' returning 1
     ) select (select count(*) from own) as own, (select count(*) from done) as done`,
    [...fenceValues(fence), outcome, keep.keepPayload, inboxId, fence.session],
  )
  if (row?.own !== '1') throw new FencedError(fence)
  return row.done === '1'
}

/** Deletes what was processed before that time, hashes included, of so many oldest rows. @returns how many. */
export function pruneInbox(db: Database, olderThan: Date, limit = 1_000): Promise<number> {
  return db.run(
    `delete from inbox where id in (select id from (select id, state, done_at from inbox order by id limit ?) oldest
       where state = 'done' and done_at < ?)`,
    [limit, olderThan],
  )
}

function place(session: SessionId, hash: Uint8Array): string {
  return `inbox|${session}|${Buffer.from(hash).toString('hex')}`
}
