// What is asked before a message that is no text is answered: whether something is still to be paid, and whether the same was said a moment ago.

import type { ConversationId, CustomerId, OrgId } from '../domain/ids.ts'
import type { Queryable } from './database.ts'
import { noEarlierThan } from './uuid-time.ts'

/** The customer has an order that was placed and is not paid in full. */
export async function owesFor(q: Queryable, orgId: OrgId, customerId: CustomerId): Promise<boolean> {
  const [row] = await q.rows(
    `select 1 as one from orders where org_id = ? and customer_id = ? and payment_status in ('unpaid', 'partially_paid')
       and status in ('pending', 'confirmed', 'processing', 'shipped', 'delivered') limit 1`,
    [orgId, customerId],
  )
  return row !== undefined
}

/** The bot has said this in the chat after that time. */
export async function botSaid(q: Queryable, chat: ConversationId | null, text: string, since: Date): Promise<boolean> {
  if (chat === null) return false
  const [row] = await q.rows(
    `select 1 as one from messages where conversation_id = ? and id > ? and author = 'bot' and text = ? limit 1`,
    [chat, noEarlierThan(since), text],
  )
  return row !== undefined
}
