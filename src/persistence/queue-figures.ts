// How much waits in the journal and in the outbox of all sessions, for how long, and how many sessions wait for an owner: one statement, for those who watch the whole.

import type { Queryable } from './database.ts'

export interface QueueFigures {
  readonly inbox: { readonly waiting: number; readonly oldestSeconds: number }
  /** `oldestSeconds` of those that are not held. */
  readonly outbox: { readonly pending: number; readonly oldestSeconds: number }
  /** Sessions that should be connected and have no living owner. */
  readonly orphans: number
}

interface Row {
  readonly waiting: number
  readonly waited: number | null
  readonly pending: number
  readonly delayed: number | null
  readonly orphans: number
}

/** Reads the partial indexes of what waits, whatever the tables hold besides. */
export async function queueFigures(q: Queryable): Promise<QueueFigures> {
  const [row] = await q.rows<Row>(
    `select i.waiting, i.waited, o.pending, o.delayed, f.orphans from
       (select count(*)::int as waiting, extract(epoch from now() - min(received_at))::float8 as waited
          from inbox where state = 'new') i,
       (select count(*)::int as pending,
          extract(epoch from now() - min(created_at) filter (where state <> 'held'))::float8 as delayed
          from outbox where state in ('queued','sending','held')) o,
       (select count(*)::int as orphans from session s join lease l on l.session_id = s.id
          where s.desired = 'connected'
            and (l.owner is null or l.owner in (select incarnation from node where dead_at is not null))) f`,
  )
  return {
    inbox: { waiting: row?.waiting ?? 0, oldestSeconds: Math.max(0, row?.waited ?? 0) },
    outbox: { pending: row?.pending ?? 0, oldestSeconds: Math.max(0, row?.delayed ?? 0) },
    orphans: row?.orphans ?? 0,
  }
}
