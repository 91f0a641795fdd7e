// What happens to a message of somebody who is no contact: it is answered and nothing of it is kept, as far as the shop's policy goes. A YES that
// makes them a customer is stranger-order.ts; what is understood and when it is silent is domain/bot/consent.ts.

import { mayAnswer, type PendingItem, type Step, stepOf } from '../../domain/bot/consent.ts'
import { interpret } from '../../domain/bot/interpret.ts'
import { languageFor } from '../../domain/bot/languages/index.ts'
import { type Voice, voice } from '../../domain/bot/say.ts'
import { basketOf, offerOf, variantsOf, type WeighedLine, weigh } from '../../domain/bot/weigh.ts'
import { botText, type InboundMessage } from '../../domain/conversation/message.ts'
import { dayIn } from '../../domain/day.ts'
import { asId, type ConversationId, type Fence, type OutboxId } from '../../domain/ids.ts'
import { mergeVariants } from '../../domain/order/place.ts'
import { never } from '../../domain/result.ts'
import { exampleName, findActiveVariants } from '../../persistence/catalogue-search.ts'
import { bump } from '../../persistence/counters.ts'
import type { Database, Tx } from '../../persistence/database.ts'
import { finishInbox } from '../../persistence/inbox.ts'
import type { Organization } from '../../persistence/organization.ts'
import { enqueue } from '../../persistence/outbox.ts'
import type { Sealer } from '../../persistence/sealer.ts'
import {
  chatOfStranger,
  countAnswer,
  forgetIntent,
  hashesOf,
  rememberIntent,
  type StrangerHashes,
  type StrangerSeen,
  seeStranger,
} from '../../persistence/strangers.ts'
import { suppress, unsuppress } from '../../persistence/suppressions.ts'
import type { BotPolicy, StrangerPolicy } from '../../policy.ts'
import type { CatalogueIndex } from './catalogue-index.ts'
import { answerAnybody } from './stranger-answers.ts'
import { type Become, becomeCustomer } from './stranger-order.ts'

export interface StrangerDeps {
  readonly db: Database
  readonly sealer: Sealer
  readonly organization: Organization
  readonly catalogue: CatalogueIndex
  readonly policy: { readonly bot: BotPolicy; readonly strangers: StrangerPolicy }
  readonly newId: () => string
  readonly newWaMessageId: () => string
}

export interface StrangerWork {
  readonly deps: StrangerDeps
  readonly fence: Fence
  readonly inboxId: string
  readonly message: InboundMessage
  readonly now: Date
  readonly accountPhone: string | null
}

export type StrangerOutcome =
  | { readonly kind: 'duplicate' }
  /** Counted, perhaps answered, and nothing else. */
  | { readonly kind: 'stranger'; readonly replied: boolean }
  | Become

/** What is said, and what changes beside it. */
interface Doing {
  readonly text: string | null
  readonly helped?: true
  readonly change?: (tx: Tx) => Promise<void>
}

interface Known {
  readonly hashes: StrangerHashes
  readonly seen: StrangerSeen
  readonly say: Voice
}

/** @returns null when somebody made them a contact meanwhile: look again */
export async function strangerWrote(work: StrangerWork): Promise<StrangerOutcome | null> {
  const { deps, fence, message, now } = work
  const { db, sealer, organization } = deps
  const { bot } = organization.settings
  const heard = heardOf(message)
  if (heard === null || !bot.enabled || bot.unknownSenderPolicy === 'strict') return leave(work, { text: null })
  const hashes = hashesOf(sealer.mac, fence.session, message.chat)
  if (hashes.length === 0) return leave(work, { text: null })
  const seen = await seeStranger(db, sealer.mac, fence.session, message.chat)
  if (seen.ownAccount || !mayAnswer(seen.own, seen.all, now, deps.policy.strangers)) return leave(work, { text: null })
  const step = await stepFor(work, heard, seen)
  const known = { hashes, seen, say: await voiceFor(work, heard) }
  const done = await doingOf(work, known, step)
  if (done !== null && 'kind' in done) return done
  return done === null ? null : leave(work, done, hashes)
}

/** What the bot reads; empty for a cart, which needs a word of help. Null: nothing is said to it. */
function heardOf({ fromMe, content }: InboundMessage): string | null {
  if (fromMe) return null
  if (content.kind === 'cart') return ''
  const text = botText(content)?.trim() ?? ''
  return text === '' ? null : text
}

async function stepFor({ deps, message, now }: StrangerWork, heard: string, seen: StrangerSeen): Promise<Step> {
  const { helpEveryMs, oldAfterMs } = deps.policy.strangers
  const asked = seen.expiresAt === null ? 'none' : seen.expiresAt.getTime() > now.getTime() ? 'open' : 'expired'
  const names = await deps.catalogue.current()
  const meant = interpret(heard, { names, prompt: asked === 'open' ? { type: 'confirm' } : null })
  const helped = seen.helpedAt !== null && now.getTime() - seen.helpedAt.getTime() < helpEveryMs
  const step = stepOf(meant, asked, helped)
  // It waited for long: only what they want to buy or not to get is still worth an answer.
  const old = now.getTime() - message.at.getTime() > oldAfterMs
  return old && (step.step === 'answer' || step.step === 'help') ? { step: 'silence' } : step
}

async function voiceFor({ deps }: StrangerWork, heard: string, customer = ''): Promise<Voice> {
  const { id, name: shop, locale, timezone, settings } = deps.organization
  const language = languageFor(null, [heard], settings.languageDefault)
  const example = (await exampleName(deps.db, id)) ?? ''
  return voice({ language, shop, locale, timezone, customer, example })
}

async function doingOf(work: StrangerWork, known: Known, step: Step): Promise<Doing | Become | null> {
  const { deps, fence, now } = work
  const { say, hashes } = known
  const { mac } = deps.sealer
  const orgId = deps.organization.id
  const forget = async (tx: Tx) => void (await forgetIntent(tx, fence.session, hashes))
  const identities = () => identitiesToStop(work)
  switch (step.step) {
    case 'silence':
      return { text: null }
    case 'help':
      return { text: say.help(), helped: true }
    case 'answer':
      return { text: await answerAnybody(deps.db, deps.organization, say, step.to, work.accountPhone) }
    case 'order':
      return order(work, known, step.order)
    case 'place':
      return place(work, known)
    case 'forget':
      return { text: say.dropped(), change: forget }
    case 'expired':
      return { text: say.expired(), change: forget }
    case 'stop':
      return {
        text: say.stopped(),
        change: async (tx) => {
          await forget(tx)
          await suppress(tx, mac, orgId, identities(), now)
        },
      }
    case 'start':
      return { text: say.started(), change: (tx) => unsuppress(tx, mac, orgId, identities()) }
    default:
      return never(step)
  }
}

function identitiesToStop({ message: { chat } }: StrangerWork) {
  return [
    ...(chat.phone === null ? [] : [{ kind: 'phone', value: chat.phone } as const]),
    ...(chat.lid === null ? [] : [{ kind: 'lid', value: chat.lid } as const]),
  ]
}

async function order(
  work: StrangerWork,
  known: Known,
  meant: Extract<Step, { step: 'order' }>['order'],
): Promise<Doing | Become | null> {
  const { deps } = work
  const { say } = known
  const verdict = weigh(meant, await findActiveVariants(deps.db, deps.organization.id, variantsOf(meant.items)))
  switch (verdict.kind) {
    case 'usage':
    case 'too-many':
      return { text: say.usage() }
    case 'place':
    case 'confirm':
    case 'review': {
      const lines = mergeVariants(verdict.lines)
      const auto = deps.organization.settings.bot.unknownSenderPolicy === 'auto'
      if (auto && verdict.kind !== 'confirm') return become(work, known, lines, false, 'order')
      const basket = basketOf(lines)
      return ask(work, known, lines, auto ? say.confirm(basket) : say.consent(basket))
    }
    // Nothing that needs another answer is asked: it would have to be remembered.
    case 'which': {
      const kind = verdict.sure ? 'which' : 'perhaps'
      return { text: say.troubles([{ kind, name: verdict.name, choices: verdict.choices.map(offerOf) }], null, 1) }
    }
    case 'how-many':
      return { text: say.usage() }
    case 'only-left':
      return {
        text: say.troubles([{ kind: 'only-left', name: verdict.variant.fullName, left: verdict.left }], null, 1),
      }
    case 'troubles':
      return { text: say.troubles(verdict.troubles, null, verdict.of) }
    default:
      return never(verdict)
  }
}

function ask({ deps, fence, now }: StrangerWork, known: Known, lines: readonly WeighedLine[], text: string): Doing {
  const items = lines.map(({ variant, quantity }): PendingItem => {
    const { variantId, priceMinor } = variant
    return { variantId, quantity, priceMinor }
  })
  const until = new Date(now.getTime() + deps.policy.strangers.intentMs)
  return { text, change: (tx) => rememberIntent(tx, fence.session, known.hashes, items, until) }
}

/** They said YES: what they were asked about is looked at again as it is now. */
async function place(work: StrangerWork, known: Known): Promise<Doing | Become | null> {
  const { deps, fence } = work
  const { say, seen, hashes } = known
  const ids = seen.items.map(({ variantId }) => variantId)
  const hits = new Map(
    (await findActiveVariants(deps.db, deps.organization.id, ids)).map((hit) => [hit.variantId, hit]),
  )
  const lines: WeighedLine[] = []
  for (const { variantId, quantity } of seen.items) {
    const variant = hits.get(variantId)
    // What is not sold any more is not named either: its name is not kept.
    if (variant === undefined)
      return { text: say.expired(), change: async (tx) => void (await forgetIntent(tx, fence.session, hashes)) }
    lines.push({ variant, quantity })
  }
  const dearer = seen.items.some(({ variantId, priceMinor }) => hits.get(variantId)?.priceMinor !== priceMinor)
  if (dearer) return ask(work, known, lines, say.changed(basketOf(lines)))
  return become(
    work,
    known,
    lines,
    true,
    deps.organization.settings.bot.unknownSenderPolicy === 'auto' ? 'order' : 'self',
  )
}

async function become(
  work: StrangerWork,
  known: Known,
  lines: readonly WeighedLine[],
  asked: boolean,
  source: 'self' | 'order',
): Promise<Doing | Become | null> {
  const made = await becomeCustomer(work, known.hashes, lines, asked, source, (name) =>
    voiceFor(work, heardOf(work.message) ?? '', name),
  )
  if (made === null || made.kind !== 'short') return made
  // Others were faster: they stay a stranger.
  const troubles = made.short.flatMap(({ variantId, available }) => {
    const line = lines.find(({ variant }) => variant.variantId === variantId)
    if (line === undefined) return []
    const name = line.variant.fullName
    return [
      available > 0 ? ({ kind: 'only-left', name, left: available } as const) : ({ kind: 'sold-out', name } as const),
    ]
  })
  const { fence } = work
  return {
    text: known.say.troubles(troubles, null, lines.length),
    change: async (tx) => void (await forgetIntent(tx, fence.session, known.hashes)),
  }
}

/** Closes the journal row; counts; and says what is to be said, in a row that is emptied when it has arrived. */
async function leave(work: StrangerWork, doing: Doing, hashes: StrangerHashes = []): Promise<StrangerOutcome> {
  const { deps, fence, inboxId, message, now } = work
  const { text, change, helped } = doing
  return deps.db.transaction(async (tx): Promise<StrangerOutcome> => {
    const fresh = await finishInbox(tx, fence, inboxId, 'stranger', { keepPayload: false })
    if (!fresh) return { kind: 'duplicate' }
    const day = dayIn(deps.organization.timezone, now)
    // What the owner writes to strangers on their phone is nobody's business, not even as a number.
    if (!message.fromMe) await bump(tx, fence.session, day, 'skipped_non_contacts')
    await change?.(tx)
    if (text === null) return { kind: 'stranger', replied: false }
    await countAnswer(tx, deps.sealer.mac, fence.session, hashes, now, helped === true)
    await enqueue(tx, deps.sealer, {
      id: asId<OutboxId>(deps.newId()),
      session: fence.session,
      idemKey: `reply:${inboxId}`,
      waMessageId: deps.newWaMessageId(),
      conversationId: asId<ConversationId>(chatOfStranger(hashes)),
      messageId: null,
      recipient: message.replyJid,
      payload: { kind: 'text', text },
      stranger: true,
    })
    return { kind: 'stranger', replied: true }
  })
}
