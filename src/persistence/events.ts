// The event log: what happened, for live streams and for catching up after a gap. Ids and codes only; texts, numbers
// and names are read where they are stored, under the reader's own scope.
import type { OrgId, UserId } from '../domain/ids.ts'
import type { Database, Tx } from './database.ts'

export interface EventDraft {
  readonly orgId: OrgId
  /** Past tense and dotted: `order.created`. */
  readonly type: string
  /** The id of what it happened to. */
  readonly subject: string | null
  /** The account it belongs to; null for the whole organisation. */
  readonly userId: UserId | null
  readonly payload?: Readonly<Record<string, unknown>>
}

/** Appends to the log, in the transaction of what happened. */
export async function appendEvent(tx: Tx, event: EventDraft): Promise<void> {
  await tx.run('insert into event_log (org_id, type, subject, user_id, payload) values (?, ?, ?, ?, ?::jsonb)', [
    event.orgId,
    event.type,
    event.subject,
    event.userId,
    JSON.stringify(event.payload ?? {}),
  ])
}

/** Removes what happened before, of so many oldest rows. @returns how many */
export function pruneEvents(db: Database, olderThan: Date, limit = 1_000): Promise<number> {
  return db.run(
    `delete from event_log where id in (select id from (select id, at from event_log order by id limit ?) oldest
       where at < ?)`,
    [limit, olderThan],
  )
}
