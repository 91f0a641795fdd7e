// The one statement that does all a customer's message does: under the fence, the journal row is closed, the message stored, its order placed
// and its answer queued. It commits by itself, so that a row everybody waits for (the order number's) is held for no turn of ours. What it
// stood on when it was decided is checked again here; when something else is true now, nothing is written and the answer says so.

import type { ConversationId, CustomerId, Fence, MessageId, OrgId, OutboxId } from '../domain/ids.ts'
import { FencedError, fenceValues, OWN_ROW } from './leases.ts'
import { type MessageDraft, storable, storableJson } from './messages.ts'
import { type OrderDraft, orderParts, SHORT, stockParts } from './order-statement.ts'
import { REPLY_PAYLOAD, sealRecipient } from './outbox.ts'
import type { Sealer } from './sealer.ts'
import { type Part, type Statement, withParts } from './statement.ts'
import type { ShortLine } from './stock.ts'

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

export interface InboundDraft {
  readonly inboxId: string
  readonly orgId: OrgId
  readonly customerId: CustomerId
  /** For the conversation, if there is none yet. */
  readonly newConversationId: string
  /** Sealed: where the next answer in this chat goes. */
  readonly replyAddress: Uint8Array
  /** A LID that becomes one of the customer's identities; null when there is nothing new. */
  readonly newLid: string | null
  readonly message: Omit<MessageDraft, 'conversationId'>
  /** What the event log calls it. */
  readonly event: string
  readonly order: OrderDraft | null
  readonly reply: Reply | null
}

export type InboundStored =
  | { readonly kind: 'stored'; readonly conversationId: ConversationId }
  /** The journal row was done before. */
  | { readonly kind: 'done' }
  /** The sender is no contact any more: look again. */
  | { readonly kind: 'outdated' }
  /** Others were faster: nothing is written. */
  | { readonly kind: 'short'; readonly short: readonly ShortLine[] }

/** The statement; what it answers is for `outcomeOf`. A duplicate key (see `isDuplicate`) says that the same message is stored meanwhile. */
export function inboundStatement(sealer: Sealer, fence: Fence, draft: InboundDraft): Statement {
  const { order } = draft
  const stock = order === null ? [] : stockParts(order)
  const parts = [
    ...gate(fence, draft, stock),
    ...chatParts(fence, draft),
    ...(order === null ? [] : orderParts(order, { sql: '(select id from chat)', params: [] })),
    ...(draft.reply === null ? [] : replyParts(sealer, fence, draft, draft.reply)),
  ]
  return withParts(
    parts,
    `select (select count(*) from own)::int as own, exists (select from known) as known, (select id from chat) as chat,
  ${order === null ? 'null' : SHORT} as short`,
  )
}

interface Answer {
  readonly own: number
  readonly known: boolean
  readonly chat: ConversationId | null
  readonly short: readonly ShortLine[] | null
}

/** @throws FencedError */
export function outcomeOf(fence: Fence, rows: readonly object[]): InboundStored {
  const row = rows[0] as Answer | undefined
  if (row === undefined || row.own === 0) throw new FencedError(fence)
  if (row.chat !== null) return { kind: 'stored', conversationId: row.chat }
  if (row.short !== null) return { kind: 'short', short: row.short }
  return { kind: row.known ? 'done' : 'outdated' }
}

/** `go` has one row when everything is as it was when it was decided, and closes the journal row; else none, and nothing is written. */
function gate(fence: Fence, draft: InboundDraft, stock: readonly Part[]): readonly Part[] {
  const enough = stock.length === 0 ? '' : ' and not exists (select from short)'
  return [
    { name: 'own', sql: OWN_ROW, params: fenceValues(fence) },
    {
      name: 'known',
      sql: 'select from own, contacts where user_id = ? and customer_id = ?',
      params: [fence.session, draft.customerId],
    },
    ...stock,
    {
      name: 'go',
      // What was stored need not be kept in the journal as well.
      sql: `update inbox set state = 'done', outcome = 'stored', done_at = now(), payload = null
     where id = ? and session_id = ? and state = 'new' and exists (select from known)${enough} returning 1`,
      params: [draft.inboxId, fence.session],
    },
  ]
}

function chatParts(fence: Fence, draft: InboundDraft): readonly Part[] {
  const { message, reply } = draft
  const last = reply === null ? { id: message.id, at: message.at } : { id: reply.messageId, at: reply.at }
  const latestAt = new Date(Math.max(message.at.getTime(), last.at.getTime()))
  const lid: Part = {
    name: 'identity',
    sql: `insert into customer_identities (org_id, kind, value, customer_id)
     select ?::uuid, 'lid', ?::text, ?::uuid from go on conflict do nothing`,
    params: [draft.orgId, draft.newLid, draft.customerId],
  }
  return [
    ...(draft.newLid === null ? [] : [lid]),
    {
      name: 'chat',
      sql: `insert into conversations (id, user_id, customer_id, reply_address, last_message_id, last_message_at, unread)
     select ?::uuid, ?::uuid, ?::uuid, ?::bytea, ?::uuid, ?::timestamptz, ?::int from go
     on conflict (user_id, customer_id) do update set reply_address = excluded.reply_address,
       last_message_id = excluded.last_message_id,
       last_message_at = greatest(conversations.last_message_at, excluded.last_message_at),
       unread = conversations.unread + excluded.unread
     returning id`,
      params: [
        ...[draft.newConversationId, fence.session, draft.customerId, draft.replyAddress],
        ...[last.id, latestAt, message.fromMe ? 0 : 1],
      ],
    },
    {
      name: 'message',
      sql: `insert into messages (id, conversation_id, user_id, wa_message_id, from_me, author, type, text, media, media_source,
       quoted_wa_id, status, wa_timestamp, order_id)
     select ?::uuid, chat.id, ?::uuid, ?::text, ?::boolean, ?::text, ?::text, ?::text, ?::jsonb, ?::bytea, ?::text, ?::text,
       ?::timestamptz, ?::uuid from chat returning id`,
      params: [
        ...[message.id, message.userId, message.waMessageId, message.fromMe, message.author, message.type],
        ...[
          storable(message.text),
          storableJson(message.media),
          message.mediaSource ?? null,
          message.quotedWaId ?? null,
        ],
        ...[message.status, message.at, draft.order?.orderId ?? null],
      ],
    },
    {
      name: 'told',
      sql: `insert into event_log (org_id, type, subject, user_id, payload)
     select ?::uuid, ?::text, chat.id, ?::uuid, ?::jsonb from chat`,
      params: [draft.orgId, draft.event, fence.session, JSON.stringify({ messageId: message.id })],
    },
  ]
}

function replyParts(sealer: Sealer, fence: Fence, draft: InboundDraft, reply: Reply): readonly Part[] {
  const { order } = draft
  const text = storable(reply.text)
  // The label of domain/order/order.ts, written where the order's id stands.
  const numbered = `replace(?::text, ?::text, 'ORD-' || lpad(placed.number::text, greatest(6, length(placed.number::text)), '0'))`
  const answer = {
    columns: `select ?::uuid, chat.id, ?::uuid, ?::text, true, 'bot', 'text', ${order === null ? '?::text' : numbered}, 'queued', ?::timestamptz`,
    from: order === null ? 'from chat' : 'from chat, placed',
    params: order === null ? [text] : [text, order.orderId],
  }
  return [
    {
      name: 'answer',
      sql: `insert into messages (id, conversation_id, user_id, wa_message_id, from_me, author, type, text, status, wa_timestamp)
     ${answer.columns} ${answer.from} returning id, conversation_id`,
      params: [reply.messageId, fence.session, reply.waMessageId, ...answer.params, reply.at],
    },
    {
      name: 'queued',
      sql: `insert into outbox (id, session_id, idem_key, wa_msg_id, conversation_id, message_id, recipient, payload, proactive, state)
     select ?::uuid, ?::uuid, ?::text, ?::text, answer.conversation_id, answer.id, ?::bytea, ?::bytea, false, 'queued' from answer`,
      params: [
        ...[reply.outboxId, fence.session, `reply:${draft.inboxId}`, reply.waMessageId],
        ...[sealRecipient(sealer, fence.session, reply.outboxId, reply.recipient), REPLY_PAYLOAD],
      ],
    },
  ]
}
