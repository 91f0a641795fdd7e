// Tells the customer what became of their order: a message of the order's account, written in the transaction of the change. It waits a moment
// (policy), and a further change within it takes its place, so that several at once are one message with the last of them. Never to who said
// STOP, nor to who is no contact. Sending it is the outbox's.
import { noticeText } from '../domain/bot/notice.ts'
import { orderSaid } from '../domain/bot/order-said.ts'
import { voice } from '../domain/bot/say.ts'
import {
  asId,
  type ConversationId,
  type CustomerId,
  type MessageId,
  type OrderId,
  type OutboxId,
  type UserId,
} from '../domain/ids.ts'
import type { Fulfillment, OrderStatus, PaymentStatus } from '../domain/order/order.ts'
import { languageOf } from './chat-language.ts'
import { ensureConversation, replyAddress } from './conversations.ts'
import type { Database, Tx } from './database.ts'
import { insertMessage, storable } from './messages.ts'
import type { OrderDeps } from './order-changes.ts'
import { linesOf } from './order-rows.ts'
import { REPLY_PAYLOAD, sealRecipient } from './outbox.ts'
import { over, TOO_LATE } from './too-late.ts'

/** `silent`: nobody wanted it told, or there is nothing to tell. The order shows the two that are problems. */
export type Told = 'queued' | 'silent' | 'opted-out' | 'unreachable'

export interface Notice {
  readonly orderId: OrderId
  /** Of the order after the change: one message a version, however often it is tried. */
  readonly version: number
  readonly notify: boolean
  readonly at: Date
}

interface About {
  readonly number: number
  readonly user_id: UserId
  readonly customer_id: CustomerId
  readonly status: OrderStatus
  readonly payment_status: PaymentStatus
  readonly fulfillment: Fulfillment
  readonly currency: string
  readonly total_minor: string
  readonly cancel_reason: string | null
  readonly placed_at: Date
  readonly opted_out: boolean
  /** The one that was chosen, if any. */
  readonly language: string | null
  readonly bot_state: unknown
  /** Null for who is no contact of the account. */
  readonly name: string | null
  readonly phone: string | null
  readonly lid: string | null
}

/** Queues the message about the order as it is now, in place of one that has not gone yet. The order must be locked. */
export async function tellCustomer(tx: Tx, deps: OrderDeps, notice: Notice): Promise<Told> {
  const { orderId, notify, at } = notice
  const about = await aboutOrder(tx, orderId)
  const before = await takeBack(tx, orderId, at)
  const text = notify ? await textOf(tx, deps, orderId, about) : null
  if (text === null) return end(tx, orderId, before, 'silent')
  if (about.opted_out) return end(tx, orderId, before, 'opted-out')
  const fallback = addressOf(about)
  if (about.name === null || fallback === null) return end(tx, orderId, before, 'unreachable')
  const conversationId = await ensureConversation(
    tx,
    { userId: about.user_id, customerId: about.customer_id },
    deps.newId,
    null,
  )
  const message = before ?? (await newMessage(tx, deps, about.user_id, conversationId, text, at))
  await tx.run('update messages set text = ?, wa_timestamp = ?, order_id = ? where id = ?', [
    storable(text),
    at,
    orderId,
    message.messageId,
  ])
  const id = asId<OutboxId>(deps.newId())
  const recipient = (await replyAddress(tx, deps.sealer, conversationId)) ?? fallback
  await tx.run(
    `insert into outbox (id, session_id, idem_key, wa_msg_id, conversation_id, message_id, recipient, payload, proactive, state, notice_of, next_at)
     values (?, ?, ?, ?, ?, ?, ?, ?, true, 'queued', ?, ?)`,
    [
      ...[
        id,
        about.user_id,
        `notice:${orderId}:${notice.version}`,
        message.waMessageId,
        conversationId,
        message.messageId,
      ],
      ...[sealRecipient(deps.sealer, about.user_id, id, recipient), REPLY_PAYLOAD, orderId],
      new Date(at.getTime() + deps.policy.noticeMergeMs),
    ],
  )
  await tx.run('update orders set notice_message_id = ?, notice_problem = null where id = ?', [
    message.messageId,
    orderId,
  ])
  return 'queued'
}

/** Locks the customer as well: who says STOP at this moment comes after us, and finds the message to be dropped. */
async function aboutOrder(tx: Tx, orderId: OrderId): Promise<About> {
  const [row] = await tx.rows<About>(
    `select o.number, o.user_id, o.customer_id, o.status, o.payment_status, o.fulfillment, o.currency, o.total_minor, o.cancel_reason,
       o.placed_at, cu.opted_out_at is not null as opted_out, cu.language, c.name,
       (select v.bot_state from conversations v where v.user_id = o.user_id and v.customer_id = o.customer_id) as bot_state,
       (select i.value from customer_identities i where i.customer_id = o.customer_id and i.kind = 'phone'
        order by i.created_at, i.value limit 1) as phone,
       (select i.value from customer_identities i where i.customer_id = o.customer_id and i.kind = 'lid'
        order by i.created_at desc, i.value limit 1) as lid
     from orders o join customers cu on cu.id = o.customer_id
     left join contacts c on c.user_id = o.user_id and c.customer_id = o.customer_id
     where o.id = ? for share of cu`,
    [orderId],
  )
  if (row === undefined) throw new Error(`order ${orderId} is gone`)
  return row
}

interface Waiting {
  readonly messageId: MessageId
  readonly waMessageId: string
}

/**
 * Takes the message back that has not gone yet. Its row goes, not its content: whoever has read it already finds nothing to send
 * (`markSending`). One that is tried already, or due, is left alone.
 */
async function takeBack(tx: Tx, orderId: OrderId, at: Date): Promise<Waiting | null> {
  const [row] = await tx.rows<Waiting>(
    `delete from outbox where notice_of = ? and state = 'queued' and attempts = 0 and next_at > ?
     returning message_id as "messageId", wa_msg_id as "waMessageId"`,
    [orderId, at],
  )
  return row ?? null
}

/** In the language of the chat, as the bot would answer there. */
async function textOf(tx: Tx, { organization }: OrderDeps, orderId: OrderId, about: About): Promise<string | null> {
  const lines = (await linesOf(tx, [orderId])).get(orderId) ?? []
  const { name: shop, locale, timezone, settings } = organization
  const language = languageOf(about.language, about.bot_state, settings.languageDefault)
  const say = voice({ language, shop, locale, timezone, customer: about.name ?? '', example: '' })
  const order = orderSaid({
    number: about.number,
    status: about.status,
    paymentStatus: about.payment_status,
    fulfillment: about.fulfillment,
    currency: about.currency,
    totalMinor: Number(about.total_minor),
    placedAt: about.placed_at,
    lines,
  })
  return noticeText(say, { ...order, reason: about.cancel_reason })
}

async function newMessage(
  tx: Tx,
  deps: OrderDeps,
  userId: UserId,
  conversationId: ConversationId,
  text: string,
  at: Date,
): Promise<Waiting> {
  const messageId = asId<MessageId>(deps.newId())
  const waMessageId = deps.newWaMessageId()
  await insertMessage(tx, {
    id: messageId,
    conversationId,
    userId,
    waMessageId,
    fromMe: true,
    author: 'system',
    type: 'text',
    text,
    status: 'queued',
    at,
  })
  return { messageId, waMessageId }
}

/** Nothing is sent: what waited is not true any more, and goes. */
async function end(tx: Tx, orderId: OrderId, before: Waiting | null, told: Exclude<Told, 'queued'>): Promise<Told> {
  const problem = told === 'opted-out' ? 'opted_out' : told === 'unreachable' ? 'unreachable' : null
  await tx.run('update orders set notice_message_id = null, notice_problem = ? where id = ?', [problem, orderId])
  if (before !== null) await removeMessages(tx, [before.messageId])
  return told
}

/** Removes messages that were never sent; a conversation whose latest one is among them shows the one before. */
async function removeMessages(tx: Tx, ids: readonly MessageId[]): Promise<void> {
  const chats = await tx.rows<{ id: ConversationId }>(
    'delete from messages where id = any(?::uuid[]) returning conversation_id as id',
    [ids],
  )
  await tx.run(
    `update conversations c set last_message_id = (select m.id from messages m where m.conversation_id = c.id order by m.id desc limit 1)
     where c.id = any(?::uuid[]) and c.last_message_id = any(?::uuid[])`,
    [chats.map(({ id }) => id), ids],
  )
}

function addressOf({ phone, lid }: About): string | null {
  if (phone !== null) return `${phone.slice(1)}@s.whatsapp.net`
  return lid === null ? null : `${lid.replace(/@.*$/, '')}@lid`
}

/**
 * After STOP: the messages about orders that wait for this customer are dropped, and the orders show why. For the transaction that notes the
 * STOP, after it has noted it. @returns how many messages
 */
export async function dropNotices(tx: Tx, customerId: CustomerId): Promise<number> {
  const dropped = await tx.rows<{ id: MessageId | null; order: OrderId | null }>(
    `delete from outbox o using conversations c
     where c.id = o.conversation_id and c.customer_id = ? and o.notice_of is not null and o.state in ('queued','held') and o.attempts = 0
     returning o.message_id as id, o.notice_of as "order"`,
    [customerId],
  )
  await tx.run(`update orders set notice_message_id = null, notice_problem = 'opted_out' where id = any(?::uuid[])`, [
    dropped.flatMap(({ order }) => order ?? []),
  ])
  await removeMessages(
    tx,
    dropped.flatMap(({ id }) => id ?? []),
  )
  return dropped.length
}

/**
 * Gives up what waits since before: messages about orders and the bot's answers, which would only confuse by now. The order shows that its customer
 * was not told. @returns how many
 */
export async function giveUpNotices(db: Database, before: Date): Promise<number> {
  const [row] = await db.rows<{ count: number }>(
    `with late as (
       update outbox set state = 'failed', last_error = ?
       where ${over('?')} and state in ('queued','sending','held')
       returning message_id
     ), told as (
       update messages m set status = 'failed', error_code = ? from late where m.id = late.message_id
     )
     select count(*)::int as count from late`,
    [TOO_LATE, before, TOO_LATE],
  )
  return row?.count ?? 0
}
