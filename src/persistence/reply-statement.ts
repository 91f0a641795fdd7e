// The answer to a message: stored in its chat and queued to be sent. Parts of the statement that writes the message (inbound-statement.ts), on which
// they stand: `said`, `talk (n, id)`, and `placed` where an order is placed with it.

import type { Fence, MessageId, OutboxId } from '../domain/ids.ts'
import { storable } from './messages.ts'
import type { OrderDraft, Ordered } from './order-statement.ts'
import { REPLY_PAYLOAD, sealRecipient } from './outbox.ts'
import type { Sealer } from './sealer.ts'
import { given, hex, type Part } from './statement.ts'

export interface Reply {
  readonly messageId: MessageId
  readonly outboxId: OutboxId
  readonly waMessageId: string
  /** The address (JID) it goes to. */
  readonly recipient: string
  /** Where the id of the order stands in it, its number will. */
  readonly text: string
  readonly at: Date
}

/** As much of a message's write as matters here. */
interface Answered {
  readonly fence: Fence
  readonly draft: { readonly inboxId: string; readonly order: OrderDraft | null; readonly reply: Reply | null }
}

const ANSWERS = {
  n: 'int',
  id: 'uuid',
  outbox_id: 'uuid',
  idem_key: 'text',
  wa_id: 'text',
  recipient: 'bytea',
  text: 'text',
  at: 'timestamptz',
  order_id: 'uuid',
} as const

/** The answers to messages, stored and queued. */
export function replyParts(sealer: Sealer, writes: readonly Answered[], orders: readonly Ordered[]): readonly Part[] {
  const rows = writes.flatMap(({ fence, draft }, n) =>
    draft.reply === null ? [] : [answerRow(sealer, fence, draft, draft.reply, n)],
  )
  if (rows.length === 0) return []
  // The label of domain/order/order.ts, written where the order's id stands.
  const label = `'ORD-' || lpad(placed.number::text, greatest(6, length(placed.number::text)), '0')`
  const numbered = `case when a.order_id is null then a.text else replace(a.text, a.order_id::text, ${label}) end`
  const [text, numbers] =
    orders.length === 0 ? ['a.text', ''] : [numbered, 'left join placed on placed.id = a.order_id']
  return [
    given('answers', ANSWERS, rows),
    {
      name: 'answered',
      sql: `insert into messages (id, conversation_id, user_id, wa_message_id, from_me, author, type, text, status, wa_timestamp)
     select a.id, talk.id, said.session_id, a.wa_id, true, 'bot', 'text', ${text}, 'queued', a.at
     from talk join said using (n) join answers a using (n) ${numbers} returning id, conversation_id`,
      params: [],
    },
    {
      name: 'queued',
      sql: `insert into outbox (id, session_id, idem_key, wa_msg_id, conversation_id, message_id, recipient, payload, proactive, state)
     select a.outbox_id, said.session_id, a.idem_key, a.wa_id, answered.conversation_id, a.id, a.recipient, '${hex(REPLY_PAYLOAD)}'::bytea, false,
       'queued'
     from answered join answers a using (id) join said using (n) order by n`,
      params: [],
    },
  ]
}

function answerRow(sealer: Sealer, fence: Fence, draft: Answered['draft'], reply: Reply, n: number) {
  const recipient = sealRecipient(sealer, fence.session, reply.outboxId, reply.recipient)
  return {
    ...{
      n,
      id: reply.messageId,
      outbox_id: reply.outboxId,
      idem_key: `reply:${draft.inboxId}`,
      wa_id: reply.waMessageId,
    },
    ...{ recipient: hex(recipient), text: storable(reply.text), at: reply.at, order_id: draft.order?.orderId ?? null },
  }
}
