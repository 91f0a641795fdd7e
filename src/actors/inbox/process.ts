// One message from the journal: who is it from, is it new, what is stored, what is answered. It is looked at and decided upon first, and
// carried out in one statement that checks again what it stands on: all of it is there then, or nothing is and the journal still holds the
// message. The order of work and trying again is inbox.actor.ts; sending what was queued is the outbox's.
import { type Intent, interpret } from '../../domain/bot/interpret.ts'
import { variantsOf } from '../../domain/bot/weigh.ts'
import type { CatalogueHit } from '../../domain/catalogue/variant.ts'
import {
  botText,
  type InboundMessage,
  type MessageContent,
  storedForm,
  type Translated,
} from '../../domain/conversation/message.ts'
import { asId, type ConversationId, type Fence, type MessageId, type OrderId } from '../../domain/ids.ts'
import type { Admission } from '../../persistence/admission.ts'
import { type Database, isDuplicate } from '../../persistence/database.ts'
import type { InboundWriter } from '../../persistence/inbound-writer.ts'
import { finishInbox, type InboxRow } from '../../persistence/inbox.ts'
import type { Look } from '../../persistence/looks.ts'
import { sealMediaSource } from '../../persistence/media.ts'
import { type FormerText, findEditable } from '../../persistence/message-edits.ts'
import type { Organization } from '../../persistence/organization.ts'
import type { Sealer } from '../../persistence/sealer.ts'
import type { TalkChange } from '../../persistence/talk-statement.ts'
import type { BotPolicy, OrderPolicy, StrangerPolicy } from '../../policy.ts'
import type { Told } from './away.ts'
import { carryOut, chatOf, type Decision, type Draft, decideOrLeave } from './carry-out.ts'
import type { CatalogueIndex } from './catalogue-index.ts'
import { change } from './change.ts'
import { converse } from './converse.ts'
import { kindTurn } from './kind.ts'
import { lateFile, withoutFile } from './late-file.ts'
import { revise } from './revise.ts'
import { strangerWrote } from './stranger.ts'
import { SILENT } from './turn.ts'

export interface ProcessDeps {
  readonly db: Database
  readonly sealer: Sealer
  readonly look: Look
  readonly writeInbound: InboundWriter
  readonly organization: Organization
  readonly catalogue: CatalogueIndex
  readonly policy: { readonly bot: BotPolicy; readonly orders: OrderPolicy; readonly strangers: StrangerPolicy }
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
  | ({
      readonly kind: 'changed'
      readonly conversationId: ConversationId | null
      readonly messageId: MessageId | null
    } & Partial<Heard>)
  | ({ readonly kind: 'stored'; readonly conversationId: ConversationId; readonly messageId: MessageId } & Heard)

/** What the bot did about it. */
interface Heard {
  /** What it read; null when it was not for the bot. */
  readonly command: Intent['intent'] | null
  readonly orderId?: OrderId
  /** An answer is in the outbox. */
  readonly replied: boolean
  /** Why the bot could not decide, and left it to a person. */
  readonly error?: unknown
}

export type Change = Extract<MessageContent, { kind: 'edit' | 'delete' | 'reaction' }>
type Edit = Extract<MessageContent, { kind: 'edit' }>
type Whole = Exclude<MessageContent, { kind: 'edit' | 'delete' | 'reaction' }>

export interface Work {
  readonly deps: ProcessDeps
  readonly fence: Fence
  readonly inboxId: string
  readonly message: InboundMessage
  readonly now: Date
  readonly accountPhone: string | null
}

/** How often what was decided may turn out to stand on something old before the message waits for a while. */
const LOOKS = 3
/** How far back the bot's last answer is looked for. */
const LATELY_MS = 60_000
const MINUTE_MS = 60_000

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
function saidToBot({ fromMe, content }: InboundMessage): string | null {
  if (fromMe || content.kind === 'delete' || content.kind === 'reaction') return null
  const text = (content.kind === 'edit' ? content.text : botText(content)) ?? ''
  return text.trim() === '' ? null : text
}

/** @returns null when something it stood on has changed meanwhile: then nothing was written */
async function processOnce(work: Work): Promise<ProcessOutcome | null> {
  const { deps, fence, message, now } = work
  const { content } = message
  const text = saidToBot(message)
  // By the names that are here: if they are still those of the catalogue, what they mean is looked at with everything else.
  const guess = text === null ? null : interpret(text, { names: deps.catalogue.known.names, prompt: null })
  const { admission, hits } = await deps.look(
    {
      orgId: deps.organization.id,
      userId: fence.session,
      chat: message.chat,
      waMessageId: content.kind === 'edit' ? content.targetId : message.waMessageId,
      fromMe: message.fromMe,
      lately: new Date(now.getTime() - LATELY_MS),
    },
    guess?.intent === 'order' ? variantsOf(guess.items) : [],
  )
  if (admission === null) return strangerWrote(work)
  if (content.kind === 'delete' || content.kind === 'reaction') return change(work, admission, content)
  try {
    if (content.kind === 'edit') return await edited(work, { admission, hits, text }, content)
    // The same message again under another ciphertext, or the echo of what we sent ourselves.
    if (admission.stored && content.kind === 'media') return await lateFile(work, admission, content)
    if (admission.stored) return await duplicate(work)
    return await store(work, { admission, hits, text }, content)
  } catch (error) {
    if (isDuplicate(error)) return null
    throw error
  }
}

/**
 * What comes before the message it changes is that message: when that comes at last, it is known, and only its file is new (late-file.ts).
 * Nothing is bought by it without asking.
 */
async function edited(work: Work, known: Known, content: Edit): Promise<ProcessOutcome | null> {
  const { deps, fence, message } = work
  const { admission, hits } = known
  const { conversationId, stored } = admission
  const { targetId: waMessageId, text, caption: media } = content
  const { fromMe } = message
  const of = stored && conversationId !== null ? { userId: fence.session, conversationId, fromMe, waMessageId } : null
  if (of !== null || fromMe)
    return revise(work, { admission, hits, stored: of === null ? null : await findEditable(deps.db, of) }, content)
  const first: Whole = media === undefined ? { kind: 'text', text, quotedId: null } : withoutFile(media, text)
  const unseen = { text: null, until: message.at.toISOString(), id: message.waMessageId }
  return store(
    { ...work, message: { ...message, waMessageId, content: first } },
    { ...known, asks: true, unseen },
    first,
  )
}

async function duplicate({ deps, fence, inboxId }: Work): Promise<ProcessOutcome> {
  await finishInbox(deps.db, fence, inboxId, 'stored', { keepPayload: false })
  return { kind: 'duplicate' }
}

/** What is known when a message is decided upon. */
interface Known {
  readonly admission: Admission
  /** What the bot hears; null: nothing. */
  readonly text: string | null
  /** What it may mean of the catalogue. */
  readonly hits: readonly CatalogueHit[]
  /** Nothing is bought without asking. */
  readonly asks?: boolean
  /** The change it came with before it came itself. */
  readonly unseen?: FormerText
}

function store(work: Work, known: Known, content: Whole): Promise<ProcessOutcome | null> {
  return decideOrLeave(() => decide(work, known, content)).then((decision) =>
    carryOut(work, { ...draftOf(work, known.admission, content), unseen: known.unseen }, decision),
  )
}

/** What the bot makes of it; nothing of what is not for the bot. */
async function decide(work: Work, known: Known, content: Whole): Promise<Decision> {
  const { deps, fence, message, accountPhone, now } = work
  const { admission, text, hits, asks = false } = known
  if (message.fromMe) return { command: null, turn: SILENT, change: () => typedOnPhone(work) }
  const sent = () => kindTurn({ deps, admission, content, at: message.at, now })
  if (text === null) return beside({ command: null, turn: SILENT, change: () => ({}) }, await sent())
  const names = await deps.catalogue.at(admission.namesVersion)
  const quotedId = content.kind === 'text' ? content.quotedId : null
  const { waMessageId, at } = message
  const caption = content.kind !== 'text'
  const conversed = await converse({
    ...{ deps, fence, admission, names, hits, text, caption, quotedId },
    ...{ waMessageId, at, now, accountPhone, asks },
  })
  return caption && conversed.command === null ? beside(conversed, await sent()) : conversed
}

/** What is done about words, and about what came with them. */
function beside({ command, turn, change: changed }: Decision, { turn: kind, state }: Told): Decision {
  const attention = [...(turn.attention ?? []), ...(kind.attention ?? [])]
  if (attention.length === 0 && kind.text === null) return { command, turn, change: changed }
  const { act = turn.act } = kind
  const { awayAt } = state
  return {
    command,
    turn: { ...turn, text: turn.text ?? kind.text, attention, ...(act === undefined ? {} : { act }) },
    change: (replyId) => {
      const talk = changed(replyId)
      return { ...talk, attention, botState: { ...(talk.botState ?? state), awayAt } }
    },
  }
}

/** The owner answered on the phone: the bot stays out of the chat for a while, and what waited for a person has one. */
function typedOnPhone({ deps, message, now }: Work): TalkChange {
  const until = new Date(message.at.getTime() + deps.organization.settings.bot.pauseMinutes * MINUTE_MS)
  return until.getTime() <= now.getTime() ? { attended: true } : { attended: true, pause: { until, reason: 'phone' } }
}

function draftOf(work: Work, admission: Admission, content: Whole): Draft {
  const { deps, fence, message } = work
  const id = asId<MessageId>(deps.newId())
  const source = content.kind === 'media' ? content.source : undefined
  return {
    ...chatOf(work, admission),
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
