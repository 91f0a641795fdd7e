// A stranger becomes a customer with their first order: contact, the message that agreed to it, the order and its answer are written in one
// transaction, or nothing is and they stay a stranger. From the next message on they are a contact like any other.

import type { Voice } from '../../domain/bot/say.ts'
import { basketOf, type WeighedLine } from '../../domain/bot/weigh.ts'
import { contactName } from '../../domain/contact.ts'
import { storedForm } from '../../domain/conversation/message.ts'
import { isOpen, nextOpening } from '../../domain/hours.ts'
import {
  asId,
  type ConversationId,
  type CustomerId,
  type MessageId,
  type OrderId,
  type OutboxId,
} from '../../domain/ids.ts'
import { maskPhone } from '../../domain/phone.ts'
import { sealReplyAddress } from '../../persistence/conversations.ts'
import { isDuplicate, type Tx } from '../../persistence/database.ts'
import { createDraft } from '../../persistence/draft-orders.ts'
import {
  type InboundDraft,
  type InboundStored,
  inboundStatement,
  outcomesOf,
} from '../../persistence/inbound-statement.ts'
import { draftOrder, type OrderDraft } from '../../persistence/order-statement.ts'
import type { PlaceOrder } from '../../persistence/orders.ts'
import { addSelf } from '../../persistence/self-contact.ts'
import type { ShortLine } from '../../persistence/stock.ts'
import { forgetStranger, type StrangerHashes } from '../../persistence/strangers.ts'
import type { StrangerWork } from './stranger.ts'

export type Become =
  | { readonly kind: 'duplicate' }
  | {
      readonly kind: 'stored'
      readonly conversationId: ConversationId
      readonly messageId: MessageId
      readonly command: 'order'
      readonly orderId?: OrderId
      readonly replied: true
    }

/** Takes everything back. */
class NotWritten extends Error {
  readonly outcome: Exclude<InboundStored, { kind: 'stored' }>
  constructor(outcome: Exclude<InboundStored, { kind: 'stored' }>) {
    super(outcome.kind)
    this.outcome = outcome
  }
}

/**
 * @param asked they answer a question that is open
 * @returns `short` when others were faster; null when they are a contact meanwhile
 */
export async function becomeCustomer(
  work: StrangerWork,
  hashes: StrangerHashes,
  lines: readonly WeighedLine[],
  asked: boolean,
  source: 'self' | 'order',
  voiceFor: (customer: string) => Promise<Voice>,
): Promise<Become | { readonly kind: 'short'; readonly short: readonly ShortLine[] } | null> {
  const name = nameOf(work)
  const say = await voiceFor(name)
  try {
    return await work.deps.db.transaction((tx) => write(tx, work, hashes, lines, asked, source, name, say))
  } catch (error) {
    if (isDuplicate(error)) return null
    if (!(error instanceof NotWritten)) throw error
    const { outcome } = error
    if (outcome.kind === 'short') return outcome
    return outcome.kind === 'done' ? { kind: 'duplicate' } : null
  }
}

async function write(
  tx: Tx,
  work: StrangerWork,
  hashes: StrangerHashes,
  lines: readonly WeighedLine[],
  asked: boolean,
  source: 'self' | 'order',
  name: string,
  say: Voice,
): Promise<Become> {
  const { deps, fence, message, now } = work
  const { organization, sealer, newId } = deps
  // One question, one answer: of two YES the second finds nothing to take.
  const taken = await forgetStranger(tx, fence.session, hashes)
  if (asked && taken === 0) throw new NotWritten({ kind: 'outdated' })
  const customerId = await addSelf(
    tx,
    { orgId: organization.id, userId: fence.session, chat: message.chat, name, source, at: now },
    newId,
    sealer.mac,
  )
  const input: PlaceOrder = {
    orgId: organization.id,
    userId: fence.session,
    customerId,
    channel: 'whatsapp',
    lines,
    source: { conversationId: null, waMessageId: message.waMessageId },
    actor: { type: 'customer', id: customerId },
  }
  const basket = basketOf(lines)
  const above = organization.settings.bot.confirmAboveMinor
  const review =
    (above !== null && basket.totalMinor > above) ||
    lines.some(({ variant, quantity }) => quantity > variant.maxPerOrder)
  const order = review ? null : draftOrder(input, newId(), newId, now)
  const text = order === null ? say.review() : say.thanks(basket, order.orderId, order.orderId, opensAt(work))
  const draft = draftOf(work, customerId, order, text)
  const { sql, params } = inboundStatement(sealer, [{ fence, draft }], true)
  const [outcome] = outcomesOf([{ fence, draft }], await tx.rows(sql, params))
  if (outcome?.status !== 'fulfilled') throw outcome?.reason
  const stored = outcome.value
  if (stored.kind !== 'stored') throw new NotWritten(stored)
  const { conversationId } = stored
  if (order === null) await handOver(tx, work, { ...input, source: { ...input.source, conversationId } })
  return {
    kind: 'stored',
    conversationId,
    messageId: draft.message.id,
    command: 'order',
    replied: true,
    ...(order === null ? {} : { orderId: asId<OrderId>(order.orderId) }),
  }
}

/** More than the shop sells without looking: a draft, and a person. */
async function handOver(
  tx: Tx,
  { deps, message, now }: StrangerWork,
  input: Omit<PlaceOrder, 'source'> & { readonly source: { readonly conversationId: ConversationId } },
): Promise<void> {
  const { conversationId } = input.source
  const source = { conversationId, waMessageId: message.waMessageId }
  await createDraft(tx, { ...input, source }, deps.newId, now, deps.policy.bot.reviewMs)
}

/** As they call themselves; else what may be shown of the number. */
function nameOf({ message: { pushName, chat } }: StrangerWork): string {
  const name = contactName((pushName ?? '').slice(0, 100))
  if (name.ok) return name.value
  return chat.phone === null ? 'Customer' : maskPhone(chat.phone)
}

/** When the shop opens, while it is closed; null while it is open. */
function opensAt({ deps, now }: StrangerWork): string | null {
  const { locale, timezone, settings } = deps.organization
  if (isOpen(settings.hours, timezone, now)) return null
  const opens = nextOpening(settings.hours, timezone, now)
  if (opens === null) return null
  return new Intl.DateTimeFormat(locale, {
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: timezone,
  }).format(opens)
}

function draftOf(
  { deps, fence, inboxId, message, now }: StrangerWork,
  customerId: CustomerId,
  order: OrderDraft | null,
  text: string,
): InboundDraft {
  const { organization, sealer, newId } = deps
  return {
    inboxId,
    orgId: organization.id,
    customerId,
    newConversationId: newId(),
    replyAddress: sealReplyAddress(sealer, { userId: fence.session, customerId }, message.replyJid),
    newLid: null,
    event: 'message.received',
    message: {
      id: asId<MessageId>(newId()),
      userId: fence.session,
      waMessageId: message.waMessageId,
      fromMe: false,
      author: 'customer',
      ...storedForm(message.content),
      mediaSource: null,
      status: 'received',
      at: message.at,
    },
    order,
    talk: order === null ? { attention: ['over-limit', 'handoff'] } : {},
    reply: {
      messageId: asId<MessageId>(newId()),
      outboxId: asId<OutboxId>(newId()),
      waMessageId: deps.newWaMessageId(),
      recipient: message.replyJid,
      text,
      at: now,
    },
  }
}
