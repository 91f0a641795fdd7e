// The lease table as admins see it: who owns which session, and whether that node lives. Nothing is decided by it.

import type { SessionId } from '../domain/ids.ts'
import type { Queryable } from './database.ts'

export interface LeaseRow {
  readonly session: SessionId
  /** Incarnation. */
  readonly owner: string
  readonly epoch: bigint
  /** It should be connected. */
  readonly wanted: boolean
}

/** Every session somebody owns, oldest epoch first. */
export async function leaseTable(q: Queryable): Promise<readonly LeaseRow[]> {
  const rows = await q.rows<{ session: SessionId; owner: string; epoch: string; wanted: boolean }>(
    `select l.session_id as session, l.owner, l.epoch, coalesce(s.desired = 'connected', false) as wanted
     from lease l left join session s on s.id = l.session_id
     where l.owner is not null order by l.epoch`,
  )
  return rows.map((row) => ({ ...row, epoch: BigInt(row.epoch) }))
}
