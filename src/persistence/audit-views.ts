// The audit log as admins read it: who did what to what, the latest first.

import type { OrgId, UserId } from '../domain/ids.ts'
import type { Queryable } from './database.ts'
import { conditions, type Page, type Paged, paged } from './page.ts'

export interface AuditEntry {
  readonly id: string
  readonly actorId: UserId | null
  readonly action: string
  readonly subject: string | null
  readonly before: unknown
  readonly after: unknown
  readonly ip: string | null
  readonly requestId: string | null
  readonly at: Date
}

export interface AuditFilter {
  readonly actor?: UserId | undefined
  /** An action, or with a dot at its end all that begin so. */
  readonly action?: string | undefined
  readonly subject?: string | undefined
  /** At or after, before. */
  readonly from?: Date | undefined
  readonly to?: Date | undefined
}

type Row = AuditEntry & { readonly sort_key: string }

export async function listAudit(
  q: Queryable,
  orgId: OrgId,
  filter: AuditFilter,
  page: Page,
): Promise<Paged<AuditEntry>> {
  const where = conditions()
  where.add('org_id = ?', orgId)
  if (filter.actor !== undefined) where.add('actor_id = ?', filter.actor)
  if (filter.action !== undefined)
    where.add(filter.action.endsWith('.') ? 'starts_with(action, ?)' : 'action = ?', filter.action)
  if (filter.subject !== undefined) where.add('subject = ?', filter.subject)
  if (filter.from !== undefined) where.add('at >= ?', filter.from)
  if (filter.to !== undefined) where.add('at < ?', filter.to)
  if (page.cursor !== undefined) where.add('(at, id) < (?::timestamptz, ?::uuid)', page.cursor.key, page.cursor.id)
  const rows = await q.rows<Row>(
    `select id, actor_id as "actorId", action, subject, before, after, ip, request_id as "requestId", at,
       at::text as sort_key from audit_log where ${where.sql()} order by at desc, id desc limit ?`,
    [...where.params, page.limit + 1],
  )
  return paged(
    rows,
    page.limit,
    (row) => ({ key: row.sort_key, id: row.id }),
    ({ sort_key: _, ...entry }) => entry,
  )
}
