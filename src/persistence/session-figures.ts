// Figures about sessions for the people who look at them: read-only sums over messages, outbox, counters and leases.

import { dayIn } from '../domain/day.ts'
import type { UserId } from '../domain/ids.ts'
import { readCounter } from './counters.ts'
import type { Queryable } from './database.ts'
import { heldUntil } from './holds.ts'

export interface SessionFigures {
  readonly lastMessageAt: Date | null
  readonly queuedOutbound: number
  /** Messages of people who are not contacts, on the organisation's present day. */
  readonly skippedNonContactsToday: number
  /** Until then nothing goes to customers who never wrote; null when nothing is held. */
  readonly sendingHeldUntil: Date | null
}

/** The figures of one session. */
export async function sessionFigures(q: Queryable, user: UserId, now: Date, timezone: string): Promise<SessionFigures> {
  const [rows, skippedNonContactsToday, sendingHeldUntil] = await Promise.all([
    q.rows<{ last: Date | null; queued: number }>(
      `select (select max(last_message_at) from conversations where user_id = ?) as last,
         (select count(*)::int from outbox where session_id = ? and state in ('queued','sending','held')) as queued`,
      [user, user],
    ),
    readCounter(q, user, dayIn(timezone, now), 'skipped_non_contacts'),
    heldUntil(q, user, now),
  ])
  return {
    lastMessageAt: rows[0]?.last ?? null,
    queuedOutbound: rows[0]?.queued ?? 0,
    skippedNonContactsToday,
    sendingHeldUntil,
  }
}

export interface SessionOverview {
  readonly userId: UserId
  readonly email: string
  readonly phone: string | null
  readonly connectedAt: Date | null
  readonly lastSeenAt: Date | null
  /** Until when the owning node holds its sessions without renewing; null when nobody owns it. */
  readonly leaseUntil: Date | null
  readonly messagesIn24h: number
  readonly queuedOutbound: number
}

const DAY_MS = 86_400_000

/** What the database knows of these users' sessions, by user id. Users that do not exist are left out. */
export async function sessionOverview(
  q: Queryable,
  users: readonly UserId[],
  now: Date,
): Promise<ReadonlyMap<string, SessionOverview>> {
  const rows = await q.rows<SessionOverview>(
    `select u.id as "userId", u.email, s.phone, s.connected_at as "connectedAt", s.last_seen_at as "lastSeenAt",
       (select n.expires_at from lease l join node n on n.incarnation = l.owner where l.session_id = u.id) as "leaseUntil",
       (select count(*)::int from messages m join conversations c on c.id = m.conversation_id
          where c.user_id = u.id and m.created_at > ?) as "messagesIn24h",
       (select count(*)::int from outbox o where o.session_id = u.id and o.state in ('queued','sending','held'))
         as "queuedOutbound"
     from users u left join session s on s.id = u.id
     where u.id = any(?::uuid[])`,
    [new Date(now.getTime() - DAY_MS), users],
  )
  return new Map(rows.map((row) => [row.userId, row]))
}
