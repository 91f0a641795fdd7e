// Takes a message of ours in: finds out whom it goes to, and stores the message and its outbox row in one transaction, under a WhatsApp
// id made before. Not fenced: any node may do it at any time; who sends is decided by whose session it is.

import type { Scope } from '../../domain/access.ts'
import type { OutboundContent, Quoted } from '../../domain/conversation/message.ts'
import type { ContactId, ConversationId, CustomerId, MessageId, OutboxId, UserId } from '../../domain/ids.ts'
import { asId } from '../../domain/ids.ts'
import { parsePhone } from '../../domain/phone.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { customerContact, findContact, recogniseSender } from '../../persistence/contacts.ts'
import { staffWrote } from '../../persistence/conversation-changes.ts'
import { ensureConversation, findConversation, replyAddress } from '../../persistence/conversations.ts'
import { holdWillingness, wroteSinceOptOut } from '../../persistence/customers.ts'
import type { Tx } from '../../persistence/database.ts'
import { findMessage, insertMessage } from '../../persistence/messages.ts'
import { enqueue, messageUnder } from '../../persistence/outbox.ts'
import type { SessionDeps } from '../session/deps.ts'
import type { CommandBody, QueuedMessageView, Recipient, SessionRefusal } from '../session/protocol.ts'

const MAX_TEXT_CHARS = 4_096
const MINUTE_MS = 60_000

/** What taking a message in needs: no actor and no lease. */
export type EnqueueDeps = Pick<SessionDeps, 'db' | 'sealer' | 'organization' | 'newId' | 'newWaMessageId' | 'now'>

type Body = CommandBody<'message.send'>
type Enqueued = Result<QueuedMessageView, SessionRefusal>

/** The outbox had a row under this key already: what this transaction wrote beside it must go. */
class AlreadyTaken extends Error {}

/** The customer said STOP while this was written: all of it must go. */
class StoppedMeanwhile extends Error {}

/**
 * Stores one message of an account.
 * @returns the message as stored; under an idempotency key that was used before, the first message
 */
export async function enqueueMessage(deps: EnqueueDeps, user: UserId, body: Body): Promise<Enqueued> {
  const text = body.text.trim()
  if (text === '' && body.picture === undefined)
    return refuse('empty-message', 'The message is empty. Write something to send.')
  if (text.length > MAX_TEXT_CHARS)
    return refuse(
      'too-long',
      `The message has ${text.length} characters; WhatsApp takes ${MAX_TEXT_CHARS}. Shorten or split it.`,
    )
  const idemKey = `send:${body.idempotencyKey ?? deps.newId()}`
  const before = await storedUnder(deps, user, idemKey)
  if (before !== null) return ok(before)
  try {
    return await deps.db.transaction((tx) => store(tx, deps, user, body, text, idemKey))
  } catch (error) {
    if (error instanceof StoppedMeanwhile) return stopped
    if (!(error instanceof AlreadyTaken)) throw error
    const first = await storedUnder(deps, user, idemKey)
    if (first === null) throw new Error('an outbox key is taken by no message')
    return ok(first)
  }
}

async function store(
  tx: Tx,
  deps: EnqueueDeps,
  user: UserId,
  body: Body,
  text: string,
  idemKey: string,
): Promise<Enqueued> {
  const found = await resolve(tx, deps, user, body.recipient)
  if (!found.ok) return found
  const { customerId, optedOut, fallbackJid } = found.value
  if (optedOut && body.proactive) return stopped
  if (optedOut && body.author.kind === 'user' && body.force !== true && !(await wroteSinceOptOut(tx, user, customerId)))
    return refuse('contact-opted-out', 'This customer asked for no more messages and has not written since.')
  const conversationId = await ensureConversation(tx, { userId: user, customerId }, deps.newId, null)
  const quoted = body.quotedMessageId === undefined ? null : await quotedIn(tx, conversationId, body.quotedMessageId)
  if (quoted?.ok === false) return quoted
  const messageId = asId<MessageId>(deps.newId())
  const waMessageId = deps.newWaMessageId()
  const at = deps.now()
  await insertMessage(tx, {
    id: messageId,
    conversationId,
    userId: user,
    waMessageId,
    fromMe: true,
    author: body.author.kind,
    authorId: body.author.userId === null ? null : asId<UserId>(body.author.userId),
    ...shown(body, text),
    quotedWaId: quoted?.value.waMessageId,
    status: 'queued',
    at,
  })
  const recipient = (await replyAddress(tx, deps.sealer, conversationId)) ?? fallbackJid
  const taken = await enqueue(tx, deps.sealer, {
    id: asId<OutboxId>(deps.newId()),
    session: user,
    idemKey,
    waMessageId,
    conversationId,
    messageId,
    recipient,
    payload: { ...contentOf(body, text), ...(quoted === null ? {} : { quoted: quoted.value }) },
    proactive: body.proactive,
  })
  if (!taken) throw new AlreadyTaken()
  // Who says STOP from now on finds it and drops it.
  if (body.proactive && (await holdWillingness(tx, customerId)) !== 'willing') throw new StoppedMeanwhile()
  // A person has the chat now.
  if (body.author.kind === 'user' && !body.proactive) {
    const { id: orgId, settings } = deps.organization
    const until = new Date(at.getTime() + settings.bot.pauseMinutes * MINUTE_MS)
    await staffWrote(tx, orgId, user, conversationId, until)
  }
  return ok({
    id: messageId,
    conversationId,
    status: 'queued',
    author: body.author.kind,
    text,
    createdAt: at.toISOString(),
  })
}

/** The message that is answered: one of the same conversation. */
async function quotedIn(tx: Tx, conversation: ConversationId, id: string): Promise<Result<Quoted, SessionRefusal>> {
  const found = await findMessage(tx, asId<MessageId>(id))
  if (found === null || found.conversationId !== conversation)
    return refuse('not-found', 'The message to answer is not in this conversation.')
  return ok({ waMessageId: found.waMessageId, fromMe: found.direction === 'out', text: found.text ?? '' })
}

function contentOf({ picture }: Body, text: string): OutboundContent {
  return picture === undefined ? { kind: 'text', text } : { kind: 'image', ...picture, caption: text }
}

/** The message as it is listed. */
function shown({ picture }: Body, text: string) {
  if (picture === undefined) return { type: 'text', text }
  const media = { mime: picture.mime, bytes: Buffer.byteLength(picture.data, 'base64') }
  return { type: 'image', text: text === '' ? null : text, media }
}

interface Target {
  readonly customerId: CustomerId
  readonly optedOut: boolean
  /** Where to write to somebody who never wrote to us. */
  readonly fallbackJid: string
}

const stopped = refuse('contact-opted-out', 'This customer asked for no more automatic messages, so nothing was sent.')

const notAContact = refuse(
  'not-a-contact',
  'That number is not among your contacts. Add it with POST /api/whatsapp/contact/add, then send again.',
)

async function resolve(
  tx: Tx,
  deps: EnqueueDeps,
  user: UserId,
  to: Recipient,
): Promise<Result<Target, SessionRefusal>> {
  const own: Scope = { kind: 'users', ids: [user] }
  if ('contactId' in to) {
    const contact = await findContact(tx, own, asId<ContactId>(to.contactId))
    return contact === null ? notAContact : targetOf(contact)
  }
  if ('conversationId' in to) {
    const conversation = await findConversation(tx, own, asId<ConversationId>(to.conversationId))
    if (conversation === null) return refuse('conversation-not-found', 'There is no such conversation in this account.')
    const contact = await customerContact(tx, user, conversation.customer.id)
    return contact === null ? notAContact : targetOf(contact)
  }
  const phone = parsePhone(to.phone)
  if (!phone.ok) return notAContact
  const known = await recogniseSender(tx, { orgId: deps.organization.id, userId: user, phone: phone.value, lid: null })
  if (known === null) return notAContact
  const contact = await customerContact(tx, user, known.customerId)
  return contact === null ? notAContact : targetOf(contact)
}

function targetOf(contact: {
  readonly customerId: CustomerId
  readonly optedOut: boolean
  readonly phoneNumber: string | null
  readonly lid: string | null
}): Result<Target, SessionRefusal> {
  const { customerId, optedOut, phoneNumber, lid } = contact
  if (phoneNumber !== null) return ok({ customerId, optedOut, fallbackJid: `${phoneNumber.slice(1)}@s.whatsapp.net` })
  if (lid !== null) return ok({ customerId, optedOut, fallbackJid: `${lid.replace(/@.*$/, '')}@lid` })
  return notAContact
}

async function storedUnder(deps: EnqueueDeps, user: UserId, idemKey: string): Promise<QueuedMessageView | null> {
  const id = await messageUnder(deps.db, user, idemKey)
  const message = id === null ? null : await findMessage(deps.db, id)
  if (message === null || message.status === 'received') return null
  const { author } = message
  if (author !== 'user' && author !== 'bot' && author !== 'system') return null
  return {
    id: message.id,
    conversationId: message.conversationId,
    status: message.status,
    author,
    text: message.text ?? '',
    createdAt: message.at.toISOString(),
  }
}
