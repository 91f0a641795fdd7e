// What is wanted of a user's WhatsApp session, and who it turned out to be. What it is doing right now is known by its
// actor; who may write for it is leases.ts.
import type { Fence, UserId } from '../domain/ids.ts'
import type { Database, Queryable } from './database.ts'
import { lockFence } from './leases.ts'

const DESIRED = ['connected', 'stopped', 'suspended'] as const
export type Desired = (typeof DESIRED)[number]

export interface SessionRow {
  readonly userId: UserId
  readonly desired: Desired
  /** Why it is suspended. */
  readonly reason: string | null
  readonly phone: string | null
  readonly lid: string | null
  readonly pushName: string | null
  readonly connectedAt: Date | null
  readonly lastSeenAt: Date | null
  readonly lastErrorCode: string | null
  readonly lastErrorAt: Date | null
}

const COLUMNS = `id as "userId", desired, reason, phone, lid, push_name as "pushName", connected_at as "connectedAt",
  last_seen_at as "lastSeenAt", last_error_code as "lastErrorCode", last_error_at as "lastErrorAt"`

/** Says what is wanted from now on; makes the row when there is none. */
export async function desire(
  q: Queryable,
  userId: UserId,
  desired: Desired,
  reason: string | null = null,
): Promise<void> {
  await q.run(
    `insert into session (id, desired, reason) values (?, ?, ?)
     on conflict (id) do update set desired = excluded.desired, reason = excluded.reason, updated_at = now()`,
    [userId, desired, reason],
  )
}

/** Who the account is, as learnt when it opened. */
export async function saveIdentity(
  db: Database,
  fence: Fence,
  account: { phone: string; lid: string | null; pushName: string | null; connectedAt: Date },
): Promise<void> {
  await db.transaction(async (tx) => {
    await lockFence(tx, fence)
    await tx.run(
      `update session set phone = ?, lid = coalesce(?, lid), push_name = coalesce(?, push_name), connected_at = ?,
         last_seen_at = ?, last_error_code = null, last_error_at = null, updated_at = now() where id = ?`,
      [account.phone, account.lid, account.pushName, account.connectedAt, account.connectedAt, fence.session],
    )
  })
}

/** Forgets who the account was: after a logout its number says nothing any more. */
export async function forgetAccount(db: Database, fence: Fence): Promise<void> {
  await db.transaction(async (tx) => {
    await lockFence(tx, fence)
    await tx.run(
      `update session set phone = null, lid = null, push_name = null, connected_at = null, cold_hold_until = null,
         updated_at = now()
       where id = ?`,
      [fence.session],
    )
  })
}

/** The last trouble, as a code; null clears it. */
export async function noteError(db: Database, fence: Fence, code: string | null, at: Date): Promise<void> {
  await db.transaction(async (tx) => {
    await lockFence(tx, fence)
    await tx.run('update session set last_error_code = ?, last_error_at = ?, updated_at = now() where id = ?', [
      code,
      code === null ? null : at,
      fence.session,
    ])
  })
}

/** The row of a user's session; null when they never connected. */
export async function findSession(q: Queryable, userId: UserId): Promise<SessionRow | null> {
  const [row] = await q.rows<SessionRow>(`select ${COLUMNS} from session where id = ?`, [userId])
  return row ?? null
}
