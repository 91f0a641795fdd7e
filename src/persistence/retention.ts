// Removes what is personal and past its time, in steps that lock little. Which time that is, the shop has set; in which order and how many steps,
// purge.ts decides. Orders stay: their lines, amounts and dates are of somebody who is nobody any more.

import { asId, type CustomerId } from '../domain/ids.ts'
import { eraseIn, forgetInOrders } from './customer-erase.ts'
import type { By } from './customers.ts'
import type { Database, Tx } from './database.ts'
import type { Mac } from './suppressions.ts'
import { noEarlierThan } from './uuid-time.ts'

const UNSETTLED = `('queued','sending','held')`

/** What was sent of a message goes with it; one that still waits to be sent stays. */
function deleteMessages(db: Database, which: string, params: readonly unknown[], limit: number): Promise<number> {
  return db.run(
    `with old as (
       select m.id, m.user_id, m.wa_message_id from messages m where ${which}
         and not exists (select from outbox o where o.session_id = m.user_id and o.wa_msg_id = m.wa_message_id
           and o.state in ${UNSETTLED})
       order by m.id limit ?
     ), sent as (
       delete from outbox o using old where o.session_id = old.user_id and o.wa_msg_id = old.wa_message_id
     )
     delete from messages m using old where m.id = old.id`,
    [...params, limit],
  )
}

/** Messages stored before that time. Their conversations, contacts and orders stay. */
export function pruneMessages(db: Database, olderThan: Date, limit: number): Promise<number> {
  return deleteMessages(db, 'm.id < ?', [noEarlierThan(olderThan)], limit)
}

/** Messages of chats in which they disappear. */
export function pruneExpired(db: Database, now: Date, limit: number): Promise<number> {
  return deleteMessages(db, 'm.expires_at <= ?', [now], limit)
}

/** What is known of files and places of messages stored before that time; that there was one stays. */
export function pruneMedia(db: Database, olderThan: Date, limit: number): Promise<number> {
  return db.run(
    `update messages set media = null, media_source = null where id in (
       select id from messages where id < ? and (media is not null or media_source is not null) order by id limit ?)`,
    [noEarlierThan(olderThan), limit],
  )
}

/** Questions of the bot that ran out before that time. */
export function prunePrompts(db: Database, olderThan: Date, limit: number): Promise<number> {
  return db.run(
    `delete from bot_prompts where conversation_id in (
       select conversation_id from bot_prompts where expires_at < ? limit ?)`,
    [olderThan, limit],
  )
}

export function pruneAudit(db: Database, orgId: string, olderThan: Date, limit: number): Promise<number> {
  return db.run(
    `delete from audit_log where id in (select id from audit_log where org_id = ? and at < ? order by at limit ?)`,
    [orgId, olderThan, limit],
  )
}

/**
 * Customers whose last order is older: what is personal in their orders goes. Who is nobody's contact any more and has no messages left is
 * forgotten altogether.
 */
export async function pseudonymiseOrders(
  db: Database,
  olderThan: Date,
  at: Date,
  limit: number,
  mac: Mac,
  by: () => By,
): Promise<number> {
  const rows = await db.rows<{ id: string }>(
    `select cu.id from customers cu where cu.deleted_at is null and cu.created_at < ?
       and exists (select from orders o where o.customer_id = cu.id
         and (cu.pseudonymised_at is null or o.placed_at > cu.pseudonymised_at))
       and not exists (select from orders o where o.customer_id = cu.id and o.placed_at >= ?)
     order by cu.id limit ?`,
    [olderThan, olderThan, limit],
  )
  for (const { id } of rows) await db.transaction((tx) => pseudonymise(tx, asId(id), at, mac, by()))
  return rows.length
}

async function pseudonymise(tx: Tx, id: CustomerId, at: Date, mac: Mac, by: By): Promise<void> {
  const [lives] = await tx.rows(
    `select from contacts where customer_id = ?
     union all select from conversations v join messages m on m.conversation_id = v.id where v.customer_id = ? limit 1`,
    [id, id],
  )
  if (lives === undefined) {
    const what = { id, scope: { kind: 'all' }, force: false, reason: 'retention', at } as const
    if ((await eraseIn(tx, what, mac, by)).ok) return
  }
  await forgetInOrders(tx, id)
  await tx.run('update customers set pseudonymised_at = ? where id = ?', [at, id])
}
