// What is wanted of a user's WhatsApp session, and who it turned out to be. What it is doing right now is known by its
// actor; who may write for it is leases.ts.
import type { Fence, UserId } from '../domain/ids.ts'
import type { Database, Queryable } from './database.ts'
import { fencedRounds } from './fenced-rounds.ts'
import { lockFence } from './leases.ts'
import type { Statement } from './statement.ts'

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

export interface Account {
  readonly phone: string
  /** Null: what was known before stays. */
  readonly lid: string | null
  readonly pushName: string | null
  readonly connectedAt: Date
}

/** Who the account is, as learnt when it opened. @throws FencedError when the session is not ours any more */
export async function saveIdentity(db: Database, fence: Fence, account: Account): Promise<void> {
  await note(db, { fence, account })
}

/** The last trouble, as a code; null clears it. @throws FencedError when the session is not ours any more */
export async function noteError(db: Database, fence: Fence, code: string | null, at: Date): Promise<void> {
  await note(db, { fence, error: { code, at: code === null ? null : at } })
}

/** What is noted of a session when its connection opens or ends. Hundreds do at once when the network goes or comes back. */
interface Note {
  readonly fence: Fence
  readonly account?: Account
  readonly error?: { readonly code: string | null; readonly at: Date | null }
}

const note = fencedRounds<Note>((notes) => [...accountsPart(notes), ...errorsPart(notes)])

function accountsPart(notes: readonly Note[]): Statement[] {
  const open = notes.flatMap(({ fence, account }) => (account === undefined ? [] : [{ ...account, id: fence.session }]))
  if (open.length === 0) return []
  const sql = `accounts as (update session s set phone = a.phone, lid = coalesce(a.lid, s.lid),
      push_name = coalesce(a.push_name, s.push_name), connected_at = a.at, last_seen_at = a.at,
      last_error_code = null, last_error_at = null, updated_at = now()
    from own join unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::timestamptz[])
      as a (session_id, phone, lid, push_name, at) using (session_id)
    where s.id = a.session_id)`
  return [
    {
      sql,
      params: [
        open.map(({ id }) => id),
        open.map(({ phone }) => phone),
        open.map(({ lid }) => lid),
        open.map(({ pushName }) => pushName),
        open.map(({ connectedAt }) => connectedAt),
      ],
    },
  ]
}

function errorsPart(notes: readonly Note[]): Statement[] {
  const errors = notes.flatMap(({ fence, error }) => (error === undefined ? [] : [{ ...error, id: fence.session }]))
  if (errors.length === 0) return []
  const sql = `errors as (update session s set last_error_code = e.code, last_error_at = e.at, updated_at = now()
    from own join unnest(?::uuid[], ?::text[], ?::timestamptz[]) as e (session_id, code, at) using (session_id)
    where s.id = e.session_id)`
  return [{ sql, params: [errors.map(({ id }) => id), errors.map(({ code }) => code), errors.map(({ at }) => at)] }]
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

/** The row of a user's session; null when they never connected. */
export async function findSession(q: Queryable, userId: UserId): Promise<SessionRow | null> {
  const [row] = await q.rows<SessionRow>(`select ${COLUMNS} from session where id = ?`, [userId])
  return row ?? null
}
