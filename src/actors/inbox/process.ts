// One message from the journal: who is it from, is it new, what is stored, what is answered. It is looked at and decided upon first, and
// carried out in one statement that checks again what it stands on: all of it is there then, or nothing is and the journal still holds the
// message. The order of work and trying again is inbox.actor.ts; sending what was queued is the outbox's.
import { type Command, parseCommand } from '../../domain/bot/command.ts'
import { UNKNOWN_HINT } from '../../domain/bot/phrases.ts'
import { keysOf } from '../../domain/bot/resolve.ts'
import type { CatalogueHit } from '../../domain/catalogue/variant.ts'
import {
  botText,
  type InboundMessage,
  type MessageContent,
  storedForm,
  type Translated,
} from '../../domain/conversation/message.ts'
import { asId, type ConversationId, type Fence, type MessageId, type OrderId, type OutboxId } from '../../domain/ids.ts'
import { never } from '../../domain/result.ts'
import type { Admission } from '../../persistence/admission.ts'
import { linkIdentity } from '../../persistence/contacts.ts'
import { ensureConversation, sealReplyAddress } from '../../persistence/conversations.ts'
import { type Database, isDuplicate, type Tx } from '../../persistence/database.ts'
import { appendEvent } from '../../persistence/events.ts'
import type { InboundDraft, Reply } from '../../persistence/inbound-statement.ts'
import type { InboundWriter } from '../../persistence/inbound-writer.ts'
import { finishInbox, type InboxRow } from '../../persistence/inbox.ts'
import type { Look } from '../../persistence/looks.ts'
import { sealMediaSource } from '../../persistence/media.ts'
import { editMessage, reactTo, revokeMessage } from '../../persistence/messages.ts'
import type { OrderDraft } from '../../persistence/order-statement.ts'
import type { Organization } from '../../persistence/organization.ts'
import type { Sealer } from '../../persistence/sealer.ts'
import type { BotPolicy, StrangerPolicy } from '../../policy.ts'
import type { CatalogueIndex } from './catalogue-index.ts'
import { type Decision, replyTo } from './reply.ts'
import { strangerWrote } from './stranger.ts'

export interface ProcessDeps {
  readonly db: Database
  readonly sealer: Sealer
  readonly look: Look
  readonly writeInbound: InboundWriter
  readonly organization: Organization
  readonly catalogue: CatalogueIndex
  readonly policy: { readonly bot: BotPolicy; readonly strangers: StrangerPolicy }
  readonly newId: () => string
  readonly newWaMessageId: () => string
}

export type ProcessOutcome =
  /** Done before: nothing was done again. */
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'ignored'; readonly reason: string }
  /** Not a contact of this account: counted, perhaps answered, and nothing else. */
  | { readonly kind: 'stranger'; readonly replied: boolean }
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
  readonly deps: ProcessDeps
  readonly fence: Fence
  readonly inboxId: string
  readonly message: InboundMessage
  readonly now: Date
  readonly accountPhone: string | null
}

/** How often what was decided may turn out to stand on something old before the message waits for a while. */
const LOOKS = 3

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
  if (translated.kind === 'ignored') {
    const { reason, keepPayload } = translated
    const fresh = await finishInbox(deps.db, fence, row.id, `ignored-${reason}`, { keepPayload })
    return fresh ? { kind: 'ignored', reason } : { kind: 'duplicate' }
  }
  const work = { deps, fence, inboxId: row.id, message: translated.message, now, accountPhone: account.phone }
  for (let look = 0; look < LOOKS; look += 1) {
    const outcome = await processOnce(work)
    if (outcome !== null) return outcome
  }
  throw new Error(`inbox row ${row.id} changes faster than it can be worked on`)
}

/** What is said to the bot; null when nothing is. */
function commandOf({ fromMe, content }: InboundMessage): Command | null {
  if (fromMe || content.kind === 'edit' || content.kind === 'delete' || content.kind === 'reaction') return null
  const text = botText(content)?.trim() ?? ''
  return text === '' ? null : parseCommand(text)
}

/** @returns null when something it stood on has changed meanwhile: then nothing was written */
async function processOnce(work: Work): Promise<ProcessOutcome | null> {
  const { deps, fence, message, now } = work
  const command = commandOf(message)
  const { admission, hits } = await deps.look(
    {
      orgId: deps.organization.id,
      userId: fence.session,
      chat: message.chat,
      waMessageId: message.waMessageId,
      fromMe: message.fromMe,
      said: { text: UNKNOWN_HINT, since: new Date(now.getTime() - deps.policy.bot.hintEveryMs) },
    },
    command?.kind === 'order' ? keysOf(command.items) : [],
  )
  if (admission === null) return strangerWrote(work)
  const { content } = message
  if (content.kind === 'edit' || content.kind === 'delete' || content.kind === 'reaction')
    return change(work, admission, content)
  // The same message again under another ciphertext, or the echo of what we sent ourselves.
  if (admission.stored) return duplicate(work)
  try {
    return await store(work, { admission, hits, command }, content)
  } catch (error) {
    if (isDuplicate(error)) return null
    throw error
  }
}

async function duplicate({ deps, fence, inboxId }: Work): Promise<ProcessOutcome> {
  await finishInbox(deps.db, fence, inboxId, 'stored', { keepPayload: false })
  return { kind: 'duplicate' }
}

/** An edit, a deletion, a reaction. Rare, so it takes its steps one after the other, in a transaction. */
async function change(work: Work, admission: Admission, content: Change): Promise<ProcessOutcome> {
  const { deps, fence, inboxId, message } = work
  return deps.db.transaction(async (tx) => {
    const fresh = await finishInbox(tx, fence, inboxId, 'stored', { keepPayload: false })
    if (!fresh) return { kind: 'duplicate' }
    const { customerId } = admission
    const { lid } = message.chat
    if (lid !== null) await linkIdentity(tx, { orgId: deps.organization.id, customerId, kind: 'lid', value: lid })
    const between = { userId: fence.session, customerId }
    const address = sealReplyAddress(deps.sealer, between, message.replyJid)
    const conversationId = await ensureConversation(tx, between, deps.newId, address)
    const messageId = await apply(tx, work, conversationId, content)
    if (messageId !== null)
      await appendEvent(tx, {
        orgId: deps.organization.id,
        type: CHANGED[content.kind],
        subject: conversationId,
        userId: fence.session,
        payload: { messageId },
      })
    return { kind: 'changed', conversationId, messageId }
  })
}

const CHANGED = { edit: 'message.edited', delete: 'message.deleted', reaction: 'message.reaction' } as const

function apply(tx: Tx, work: Work, conversationId: ConversationId, content: Change): Promise<MessageId | null> {
  const { message, now } = work
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

/** What is known when a message is decided upon. */
interface Known {
  readonly admission: Admission
  readonly command: Command | null
  /** What the command may mean of the catalogue. */
  readonly hits: readonly CatalogueHit[]
}

const SILENT = { command: null, text: null, order: null } as const

async function store(work: Work, known: Known, content: Whole): Promise<ProcessOutcome | null> {
  const { deps, fence } = work
  const decision = await decide(work, known, content)
  const draft = draftOf(work, known.admission, content)
  const write = (text: string | null, order: OrderDraft | null) =>
    deps.writeInbound(fence, { ...draft, order, reply: text === null ? null : replyOf(work, text) })
  let order = decision.order
  let written = await write(decision.text, order?.draft ?? null)
  if (written.kind === 'short') {
    // Another customer was faster between our look and our grip.
    const instead = (await order?.instead(written.short)) ?? null
    order = null
    written = await write(instead, null)
  }
  switch (written.kind) {
    case 'outdated':
    case 'short':
      return null
    case 'done':
      return { kind: 'duplicate' }
    case 'stored':
      return {
        kind: 'stored',
        conversationId: written.conversationId,
        messageId: draft.message.id,
        command: decision.command,
        replied: decision.text !== null,
        ...(order === null ? {} : { orderId: asId<OrderId>(order.draft.orderId) }),
      }
    default:
      return never(written)
  }
}

/** What the bot makes of it; nothing of what is not for the bot. */
async function decide(work: Work, known: Known, content: Whole): Promise<Decision | typeof SILENT> {
  const { deps, fence, message, accountPhone, now } = work
  const { admission, command, hits } = known
  if (command === null || admission.ownAccount) return SILENT
  const chat = {
    organization: deps.organization,
    userId: fence.session,
    customerId: admission.customerId,
    customerName: admission.name,
    waMessageId: message.waMessageId,
    accountPhone,
    hinted: admission.said,
    ordered: admission.placed,
    newId: deps.newId,
  }
  const decision = await replyTo(deps.db, chat, command, hits, now)
  // A picture with a few words is not a question to the bot.
  return content.kind !== 'text' && decision.command === 'unknown' ? SILENT : decision
}

function draftOf(work: Work, admission: Admission, content: Whole): Omit<InboundDraft, 'order' | 'reply'> {
  const { deps, fence, inboxId, message } = work
  const { customerId } = admission
  const id = asId<MessageId>(deps.newId())
  const source = content.kind === 'media' ? content.source : undefined
  return {
    inboxId,
    orgId: deps.organization.id,
    customerId,
    newConversationId: deps.newId(),
    replyAddress: sealReplyAddress(deps.sealer, { userId: fence.session, customerId }, message.replyJid),
    newLid: admission.lidKnown ? null : message.chat.lid,
    event: message.fromMe ? 'message.sent' : 'message.received',
    message: {
      id,
      userId: fence.session,
      waMessageId: message.waMessageId,
      fromMe: message.fromMe,
      author: message.fromMe ? 'phone' : 'customer',
      ...storedForm(content),
      mediaSource: source === undefined ? null : sealMediaSource(deps.sealer, id, source),
      status: message.fromMe ? 'sent' : 'received',
      at: message.at,
    },
  }
}

/** The answer, under the id it will have on WhatsApp. */
function replyOf({ deps, message, now }: Work, text: string): Reply {
  return {
    messageId: asId<MessageId>(deps.newId()),
    outboxId: asId<OutboxId>(deps.newId()),
    waMessageId: deps.newWaMessageId(),
    recipient: message.replyJid,
    text,
    at: now,
  }
}
