// What waits because WhatsApp lets an account start no new chats for a while (error 463): messages to customers who never wrote are held
// until a time, the rest goes on. Whether a refusal means that, and for how long, is decided in actors/outbox/.

import type { Fence, MessageId, SessionId } from '../domain/ids.ts'
import type { Database, Queryable, Tx } from './database.ts'
import { appendEvent, type EventDraft } from './events.ts'
import { lockFence } from './leases.ts'
import { COLD } from './outbox.ts'

/** Shown with a message that is held. */
export const REACH_OUT_LIMIT = 'reach-out-limit'

export interface Held {
  /** The row is held; false when the customer has written before, or when it is settled already. */
  readonly held: boolean
  /** The hold began with this refusal; false when there was one already. */
  readonly begun: boolean
}

/**
 * WhatsApp refused this message because the account may start no new chats: holds it if it is to somebody who never wrote, and holds
 * the account until that time. A hold that lasts already is left as it is.
 * @param tell what is put into the event log when the hold begins
 * @throws FencedError
 */
export function beginHold(
  db: Database,
  fence: Fence,
  waMessageId: string,
  until: Date,
  now: Date,
  tell: EventDraft,
): Promise<Held> {
  return db.transaction(async (tx) => {
    await lockFence(tx, fence)
    const held = await hold(tx, fence.session, `o.state in ('queued','sending','held') and o.wa_msg_id = ?`, [
      waMessageId,
    ])
    const begun = await tx.run(
      'update session set cold_hold_until = ? where id = ? and (cold_hold_until is null or cold_hold_until <= ?)',
      [until, fence.session, now],
    )
    if (begun > 0) await appendEvent(tx, tell)
    return { held: held > 0, begun: begun > 0 }
  })
}

/**
 * Brings the rows of an account in line with its hold: while it lasts, those to people who never wrote are held and those whose customer
 * wrote meanwhile are free; once it is over all are free and the hold is gone.
 * @returns until when it lasts; null when there is none any more
 * @throws FencedError
 */
export function tendHold(db: Database, fence: Fence, now: Date): Promise<Date | null> {
  return db.transaction(async (tx) => {
    await lockFence(tx, fence)
    const { session } = fence
    const until = await heldUntil(tx, session, now)
    if (until !== null) {
      await hold(tx, session, `o.state in ('queued','sending')`, [])
      await release(tx, session, `not (${COLD})`, now)
      return until
    }
    await release(tx, session, 'true', now)
    await tx.run('update session set cold_hold_until = null where id = ? and cold_hold_until is not null', [session])
    return null
  })
}

/** Until when the account's messages to people who never wrote are held; null when they are not. */
export async function heldUntil(q: Queryable, session: SessionId, now: Date): Promise<Date | null> {
  const [row] = await q.rows<{ until: Date }>(
    'select cold_hold_until as until from session where id = ? and cold_hold_until > ?',
    [session, now],
  )
  return row?.until ?? null
}

async function hold(tx: Tx, session: SessionId, which: string, values: readonly unknown[]): Promise<number> {
  const rows = await tx.rows<{ message_id: MessageId | null }>(
    `update outbox o set state = 'held', last_error = ?
     where o.session_id = ? and ${which} and ${COLD} returning message_id`,
    [REACH_OUT_LIMIT, session, ...values],
  )
  await say(tx, rows, REACH_OUT_LIMIT)
  return rows.length
}

async function release(tx: Tx, session: SessionId, which: string, now: Date): Promise<void> {
  const rows = await tx.rows<{ message_id: MessageId | null }>(
    `update outbox o set state = 'queued', next_at = least(next_at, ?), last_error = null
     where o.session_id = ? and o.state = 'held' and ${which} returning message_id`,
    [now, session],
  )
  await say(tx, rows, null)
}

async function say(tx: Tx, rows: readonly { message_id: MessageId | null }[], code: string | null): Promise<void> {
  const ids = rows.flatMap(({ message_id }) => (message_id === null ? [] : [message_id]))
  if (ids.length > 0) await tx.run('update messages set error_code = ? where id = any(?::uuid[])', [code, ids])
}
