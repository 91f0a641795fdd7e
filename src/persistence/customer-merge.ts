// Makes one customer of two: everything of the one becomes the other's, nothing twice. What is being written in their chats meanwhile is waited
// for; what was looked up before and is written after finds that the one is gone, and looks again (migration 0011).

import { inScope, type Scope } from '../domain/access.ts'
import type { ConversationId, CustomerId, UserId } from '../domain/ids.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import { appendAudit } from './audit.ts'
import {
  accountsOfCustomer,
  type By,
  type CustomerView,
  findCustomer,
  lockCustomer,
  noCustomer,
  tellAccounts,
} from './customers.ts'
import type { Database, Tx } from './database.ts'

export interface Merge {
  /** Is no more afterwards. */
  readonly from: CustomerId
  readonly into: CustomerId
  readonly scope: Scope
  readonly at: Date
}

type Refused = 'not-found' | 'same-customer' | 'forbidden'

export function mergeCustomers(db: Database, merge: Merge, by: By): Promise<Result<CustomerView, Refused>> {
  return db.transaction(async (tx): Promise<Result<CustomerView, Refused>> => {
    const { from, into, scope, at } = merge
    if (from === into) return refuse('same-customer', 'A customer cannot be merged with themselves.')
    // In one order, whichever way round two merges of the same pair are asked for; chats first, as a message does.
    await tx.run('select from conversations where customer_id in (?, ?) order by id for update', [from, into])
    for (const id of [from, into].sort()) if ((await lockCustomer(tx, scope, id)) === null) return noCustomer
    const accounts = [...(await accountsOfCustomer(tx, from)), ...(await accountsOfCustomer(tx, into))]
    if (scope.kind !== 'all' && !accounts.every((userId) => inScope(scope, { userId })))
      return refuse('forbidden', 'Other teams know one of the two as well. Ask an admin to merge them.')
    await tellAccounts(tx, by.orgId, from, 'customer.merged')
    await tx.run('update customer_identities set customer_id = ? where customer_id = ?', [into, from])
    await moveContacts(tx, from, into)
    await moveConversations(tx, from, into)
    await moveRest(tx, from, into)
    await joinPeople(tx, from, into, at)
    await appendAudit(tx, { ...by, action: 'customer.merge', subject: into, after: { from } })
    await tellAccounts(tx, by.orgId, into, 'customer.updated')
    const merged = await findCustomer(tx, scope, into)
    return merged === null ? noCustomer : ok(merged)
  })
}

/** An account that knows both keeps its name for the one that stays, with the tags of both. */
async function moveContacts(tx: Tx, from: CustomerId, into: CustomerId): Promise<void> {
  await tx.run(
    `update contacts kept set tags = (select array(select distinct unnest(kept.tags || gone.tags)))
     from contacts gone where kept.customer_id = ? and gone.customer_id = ? and gone.user_id = kept.user_id`,
    [into, from],
  )
  await tx.run(
    `delete from contacts gone using contacts kept
     where gone.customer_id = ? and kept.customer_id = ? and kept.user_id = gone.user_id`,
    [from, into],
  )
  await tx.run('update contacts set customer_id = ? where customer_id = ?', [into, from])
}

async function moveConversations(tx: Tx, from: CustomerId, into: CustomerId): Promise<void> {
  const both = await tx.rows<{ gone: ConversationId; kept: ConversationId; user_id: UserId }>(
    `select gone.id as gone, kept.id as kept, gone.user_id from conversations gone
     join conversations kept on kept.user_id = gone.user_id and kept.customer_id = ?
     where gone.customer_id = ? order by gone.id`,
    [into, from],
  )
  for (const { gone, kept, user_id } of both) await joinChats(tx, gone, kept, user_id)
  // The address is sealed for the customer it belongs to: the next message brings it again, until then the number does.
  await tx.run(
    'update conversations set customer_id = ?, reply_address = null, version = version + 1 where customer_id = ?',
    [into, from],
  )
}

/** Makes one conversation of two of the same account. */
export async function joinChats(tx: Tx, gone: ConversationId, kept: ConversationId, user: UserId): Promise<void> {
  await tx.run(
    `delete from messages m using messages k where m.conversation_id = ? and k.conversation_id = ?
       and k.from_me = m.from_me and k.wa_message_id = m.wa_message_id`,
    [gone, kept],
  )
  await tx.run('update messages set conversation_id = ? where conversation_id = ?', [kept, gone])
  await tx.run('update outbox set conversation_id = ? where session_id = ? and conversation_id = ?', [kept, user, gone])
  await tx.run(
    `update orders o set source_conversation_id = ? where user_id = ? and source_conversation_id = ?
       and not exists (select from orders k where k.user_id = o.user_id and k.source_conversation_id = ?
         and k.source_wa_id = o.source_wa_id)`,
    [kept, user, gone, kept],
  )
  // Of two questions that are open the later one is meant; neither is answered by accident.
  await tx.run('delete from bot_prompts where conversation_id in (?, ?)', [gone, kept])
  await tx.run(
    `update conversations k set unread = k.unread + g.unread, last_message_at = greatest(k.last_message_at, g.last_message_at),
       last_message_id = case when k.last_message_at >= g.last_message_at or g.last_message_at is null
         then k.last_message_id else g.last_message_id end,
       bot_paused_until = greatest(k.bot_paused_until, g.bot_paused_until),
       bot_pause_reason = coalesce(k.bot_pause_reason, g.bot_pause_reason),
       handoff_at = greatest(k.handoff_at, g.handoff_at), loop_strikes = greatest(k.loop_strikes, g.loop_strikes),
       assignee_id = coalesce(k.assignee_id, g.assignee_id),
       attention = array(select distinct unnest(k.attention || g.attention)), version = k.version + 1
     from conversations g where k.id = ? and g.id = ?`,
    [kept, gone],
  )
  await tx.run('delete from conversations where id = ?', [gone])
}

async function moveRest(tx: Tx, from: CustomerId, into: CustomerId): Promise<void> {
  await tx.run('update orders set customer_id = ? where customer_id = ?', [into, from])
  await tx.run('update lost_sales set customer_id = ? where customer_id = ?', [into, from])
  await tx.run(`update order_events set actor_id = ? where actor_type = 'customer' and actor_id = ?`, [into, from])
  await tx.run('update users set customer_id = ?, version = version + 1 where customer_id = ?', [into, from])
  await tx.run('update customers set merged_into = ? where merged_into = ?', [into, from])
}

/** Who said STOP once has said it; what one is known to have agreed to, the other has. */
async function joinPeople(tx: Tx, from: CustomerId, into: CustomerId, at: Date): Promise<void> {
  await tx.run(
    `update customers k set tags = array(select distinct unnest(k.tags || g.tags)),
       notes = concat_ws(E'\\n', nullif(k.notes, ''), nullif(g.notes, '')),
       display_name = coalesce(nullif(k.display_name, ''), g.display_name), language = coalesce(k.language, g.language),
       opted_out_at = least(k.opted_out_at, g.opted_out_at),
       consent_source = coalesce(k.consent_source, g.consent_source), consent_at = least(k.consent_at, g.consent_at),
       created_at = least(k.created_at, g.created_at), version = k.version + 1
     from customers g where k.id = ? and g.id = ?`,
    [into, from],
  )
  await tx.run(
    `update customers set display_name = '', language = null, notes = '', tags = '{}', deleted_at = ?, merged_into = ?,
       version = version + 1 where id = ?`,
    [at, into, from],
  )
}
