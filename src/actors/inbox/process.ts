// One message from the journal, in one transaction: who is it from, is it new, what is stored, what is answered. All of
// it is there when it commits, or nothing is and the journal still holds the message. The order of work and trying again
// is inbox.actor.ts; sending what was queued is the outbox's.
import type { Command } from '../../domain/bot/command.ts'
import {
  botText,
  type InboundMessage,
  type MessageContent,
  storedForm,
  type Translated,
} from '../../domain/conversation/message.ts'
import { dayIn } from '../../domain/day.ts'
import { asId, type ConversationId, type Fence, type MessageId, type OrderId, type OutboxId } from '../../domain/ids.ts'
import { phoneVariants } from '../../domain/phone.ts'
import { never } from '../../domain/result.ts'
import { type KnownSender, linkIdentity, recogniseSender } from '../../persistence/contacts.ts'
import { ensureConversation, sealReplyAddress } from '../../persistence/conversations.ts'
import { bump } from '../../persistence/counters.ts'
import type { Database, Tx } from '../../persistence/database.ts'
import { appendEvent } from '../../persistence/events.ts'
import { finishInbox, type InboxRow } from '../../persistence/inbox.ts'
import { sealMediaSource } from '../../persistence/media.ts'
import { editMessage, insertMessage, linkOrder, reactTo, revokeMessage } from '../../persistence/messages.ts'
import type { Organization } from '../../persistence/organization.ts'
import { enqueue } from '../../persistence/outbox.ts'
import type { Sealer } from '../../persistence/sealer.ts'
import { isOwnAccount } from '../../persistence/sessions.ts'
import type { BotPolicy } from '../../policy.ts'
import { replyTo } from './reply.ts'

export interface ProcessDeps {
  readonly db: Database
  readonly sealer: Sealer
  readonly organization: Organization
  readonly policy: { readonly bot: BotPolicy }
  readonly newId: () => string
  readonly newWaMessageId: () => string
}

export type ProcessOutcome =
  /** Done before: nothing was done again. */
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'ignored'; readonly reason: string }
  /** Not a contact of this account: counted, and nothing else. */
  | { readonly kind: 'stranger' }
  /** A stored message was edited or deleted by its author, or reacted to; null when we do not have it. */
  | { readonly kind: 'changed'; readonly conversationId: ConversationId; readonly messageId: MessageId | null }
  | {
      readonly kind: 'stored'
      readonly conversationId: ConversationId
      readonly messageId: MessageId
      /** What the bot read in it; null when it was not for the bot. */
      readonly command: Command['kind'] | null
      readonly orderId?: OrderId
      /** An answer is in the outbox. */
      readonly replied: boolean
    }

type Change = Extract<MessageContent, { kind: 'edit' | 'delete' | 'reaction' }>
type Whole = Exclude<MessageContent, { kind: 'edit' | 'delete' | 'reaction' }>

interface Work {
  readonly tx: Tx
  readonly deps: ProcessDeps
  readonly fence: Fence
  readonly inboxId: string
  readonly message: InboundMessage
  readonly now: Date
  readonly accountPhone: string | null
}

/**
 * Processes one row of the journal. `account` is who we are on WhatsApp at this moment.
 * @throws FencedError when the session is not ours any more, and whatever the database throws: then nothing was changed
 */
export async function processInbound(
  deps: ProcessDeps,
  fence: Fence,
  row: Pick<InboxRow, 'id'>,
  translated: Translated,
  now: Date,
  account: { readonly phone: string | null },
): Promise<ProcessOutcome> {
  return deps.db.transaction(async (tx) => {
    if (translated.kind === 'ignored') return ignore(tx, fence, row.id, translated.reason, translated.keepPayload)
    const { message } = translated
    const work = { tx, deps, fence, inboxId: row.id, message, now, accountPhone: account.phone }
    const orgId = deps.organization.id
    const sender = await recogniseSender(tx, { orgId, userId: fence.session, ...message.chat })
    if (sender === null) return skipStranger(work)
    const { content } = message
    // What is stored as a message need not be kept in the journal as well.
    const fresh = await finishInbox(tx, fence, row.id, 'stored', { keepPayload: false })
    if (!fresh) return { kind: 'duplicate' }
    const conversationId = await openConversation(work, sender)
    if (content.kind === 'edit' || content.kind === 'delete' || content.kind === 'reaction')
      return change(work, conversationId, content)
    return store(work, sender, conversationId, content)
  })
}

async function ignore(
  tx: Tx,
  fence: Fence,
  inboxId: string,
  reason: string,
  keepPayload: boolean,
): Promise<ProcessOutcome> {
  const fresh = await finishInbox(tx, fence, inboxId, `ignored-${reason}`, { keepPayload })
  return fresh ? { kind: 'ignored', reason } : { kind: 'duplicate' }
}

async function skipStranger({ tx, deps, fence, inboxId, message, now }: Work): Promise<ProcessOutcome> {
  const fresh = await finishInbox(tx, fence, inboxId, 'stranger', { keepPayload: false })
  if (!fresh) return { kind: 'duplicate' }
  const day = dayIn(deps.organization.timezone, now)
  // What the owner writes to strangers on their phone is nobody's business, not even as a number.
  if (!message.fromMe) await bump(tx, fence.session, day, 'skipped_non_contacts')
  return { kind: 'stranger' }
}

/** The conversation with this contact. The address the chat used is remembered: their LID, and where an answer goes. */
async function openConversation({ tx, deps, fence, message }: Work, sender: KnownSender): Promise<ConversationId> {
  const { customerId } = sender
  const { lid } = message.chat
  if (lid !== null) await linkIdentity(tx, { orgId: deps.organization.id, customerId, kind: 'lid', value: lid })
  const between = { userId: fence.session, customerId }
  return ensureConversation(tx, between, deps.newId, sealReplyAddress(deps.sealer, between, message.replyJid))
}

async function change(work: Work, conversationId: ConversationId, content: Change): Promise<ProcessOutcome> {
  const messageId = await apply(work, conversationId, content)
  if (messageId !== null) await tell(work, CHANGED[content.kind], conversationId, messageId)
  return { kind: 'changed', conversationId, messageId }
}

const CHANGED = { edit: 'message.edited', delete: 'message.deleted', reaction: 'message.reaction' } as const

function apply(work: Work, conversationId: ConversationId, content: Change): Promise<MessageId | null> {
  const { tx, message, now } = work
  const { fromMe } = message
  const target = { conversationId, fromMe, waMessageId: content.targetId }
  switch (content.kind) {
    case 'edit':
      return editMessage(tx, target, content.text, now)
    case 'delete':
      return revokeMessage(tx, target, now)
    case 'reaction':
      return reactTo(tx, target, fromMe ? 'phone' : 'customer', content.emoji)
    default:
      return never(content)
  }
}

async function store(
  work: Work,
  sender: KnownSender,
  conversationId: ConversationId,
  content: Whole,
): Promise<ProcessOutcome> {
  const { tx, deps, fence, message } = work
  const messageId = asId<MessageId>(deps.newId())
  const stored = await insertMessage(tx, {
    id: messageId,
    conversationId,
    userId: fence.session,
    waMessageId: message.waMessageId,
    fromMe: message.fromMe,
    author: message.fromMe ? 'phone' : 'customer',
    ...storedForm(content),
    mediaSource: sourceOf(work, messageId, content),
    status: message.fromMe ? 'sent' : 'received',
    at: message.at,
  })
  // The same message again under another ciphertext, or the echo of what we sent ourselves.
  if (!stored) return { kind: 'duplicate' }
  await tell(work, message.fromMe ? 'message.sent' : 'message.received', conversationId, messageId)
  const silent = { kind: 'stored', conversationId, messageId, command: null, replied: false } as const
  const text = botText(content)?.trim() ?? ''
  if (message.fromMe || text === '' || (await isOurs(work))) return silent
  const reply = await replyTo(tx, chatOf(work, sender, conversationId), text, work.now)
  // A picture with a few words is not a question to the bot.
  if (content.kind !== 'text' && reply.command === 'unknown') return silent
  if (reply.orderId !== null) await linkOrder(tx, messageId, reply.orderId)
  if (reply.text !== null) await queueReply(work, conversationId, reply.text)
  const order = reply.orderId === null ? {} : { orderId: reply.orderId }
  return { ...silent, command: reply.command, replied: reply.text !== null, ...order }
}

/** Where the file of a message is, sealed; null when it has none. */
function sourceOf({ deps }: Work, id: MessageId, content: Whole): Buffer | null {
  if (content.kind !== 'media' || content.source === undefined) return null
  return sealMediaSource(deps.sealer, id, content.source)
}

async function isOurs({ tx, message }: Work): Promise<boolean> {
  const { phone, lid } = message.chat
  return isOwnAccount(tx, { phones: phone === null ? [] : phoneVariants(phone), lid })
}

function chatOf(work: Work, sender: KnownSender, conversationId: ConversationId) {
  const { deps, fence, message, accountPhone } = work
  return {
    organization: deps.organization,
    userId: fence.session,
    customerId: sender.customerId,
    customerName: sender.name,
    conversationId,
    waMessageId: message.waMessageId,
    accountPhone,
    policy: deps.policy.bot,
    newId: deps.newId,
  }
}

/** The answer as a message and as something to send, both under the id it will have on WhatsApp. */
async function queueReply(work: Work, conversationId: ConversationId, text: string): Promise<void> {
  const { tx, deps, fence, inboxId, message, now } = work
  const messageId = asId<MessageId>(deps.newId())
  const waMessageId = deps.newWaMessageId()
  const stored = await insertMessage(tx, {
    id: messageId,
    conversationId,
    userId: fence.session,
    waMessageId,
    fromMe: true,
    author: 'bot',
    type: 'text',
    text,
    status: 'queued',
    at: now,
  })
  const queued = await enqueue(tx, deps.sealer, {
    id: asId<OutboxId>(deps.newId()),
    session: fence.session,
    idemKey: `reply:${inboxId}`,
    waMessageId,
    conversationId,
    messageId,
    recipient: message.replyJid,
    payload: { kind: 'text', text },
  })
  if (!stored || !queued) throw new Error(`inbox row ${inboxId} has an answer already`)
}

async function tell(work: Work, type: string, conversationId: ConversationId, messageId: MessageId): Promise<void> {
  const { tx, deps, fence } = work
  await appendEvent(tx, {
    orgId: deps.organization.id,
    type,
    subject: conversationId,
    userId: fence.session,
    payload: { messageId },
  })
}
