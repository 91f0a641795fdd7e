// The audit log: who did what to what, appended in the transaction that did it, never changed. No message texts.
import type { OrgId, UserId } from '../domain/ids.ts'
import type { Queryable } from './database.ts'

export interface AuditDraft {
  readonly id: string
  readonly orgId: OrgId
  /** Null for the system itself and for people who are not logged in. */
  readonly actorId: UserId | null
  /** Dotted: `product.create`, `login.fail`. */
  readonly action: string
  readonly subject?: string | null | undefined
  readonly before?: unknown
  readonly after?: unknown
  readonly ip?: string | null | undefined
  readonly requestId?: string | null | undefined
}

export async function appendAudit(tx: Queryable, entry: AuditDraft): Promise<void> {
  await tx.run(
    `insert into audit_log (id, org_id, actor_id, action, subject, before, after, ip, request_id)
     values (?, ?, ?, ?, ?, ?::jsonb, ?::jsonb, ?, ?)`,
    [
      entry.id,
      entry.orgId,
      entry.actorId,
      entry.action,
      entry.subject ?? null,
      entry.before === undefined ? null : JSON.stringify(entry.before),
      entry.after === undefined ? null : JSON.stringify(entry.after),
      entry.ip ?? null,
      entry.requestId ?? null,
    ],
  )
}
