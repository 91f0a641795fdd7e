// What the bot does about a message that is no text: it says that it came, not too often, and asks for a person. What it is to the shop is
// domain/bot/kinds.ts. Whether an order was paid is decided by people alone.

import { passage } from '../../domain/bot/gates.ts'
import { type Kind, kindOf, minorOfThousandths } from '../../domain/bot/kinds.ts'
import { languageFor } from '../../domain/bot/languages/index.ts'
import { type Voice, voice } from '../../domain/bot/say.ts'
import { lettersOf, stateFrom } from '../../domain/bot/state.ts'
import { oneLine } from '../../domain/contact.ts'
import type { MessageContent } from '../../domain/conversation/message.ts'
import { currencyDecimals } from '../../domain/money.ts'
import { never } from '../../domain/result.ts'
import { isCurrency } from '../../domain/settings.ts'
import type { Admission } from '../../persistence/admission.ts'
import type { Database } from '../../persistence/database.ts'
import { botSaid, owesFor } from '../../persistence/kinds.ts'
import type { OrderDeps } from '../../persistence/order-changes.ts'
import { notePlace, orderWithoutPlace } from '../../persistence/order-place.ts'
import type { Organization } from '../../persistence/organization.ts'
import type { BotPolicy, OrderPolicy } from '../../policy.ts'
import { type Told, withAway } from './away.ts'
import { SILENT, type Turn } from './turn.ts'

const MAX_PLACE_CHARS = 400

export interface Sent {
  readonly deps: Omit<OrderDeps, 'policy'> & {
    readonly db: Database
    readonly policy: { readonly bot: BotPolicy; readonly orders: OrderPolicy }
  }
  readonly admission: Admission
  readonly content: MessageContent
  /** When it was sent, and now. */
  readonly at: Date
  readonly now: Date
}

/** What the bot does about it, with what there is to say about the hours, and what it remembers of that. */
export async function kindTurn(sent: Sent): Promise<Told> {
  const { organization, policy } = sent.deps
  const told = { turn: await turnOf(sent), state: stateFrom(sent.admission.botState) }
  const say = voiceFor(organization, sent.admission)
  return withAway(told, { organization, say, now: sent.now, awayEveryMs: policy.bot.awayEveryMs })
}

async function turnOf({ deps, admission, content, at, now }: Sent): Promise<Turn> {
  const { db, organization, policy } = deps
  const kind = kindOf(content)
  if (kind === null || admission.ownAccount) return SILENT
  if (kind === 'payment-proof' && !(await owesFor(db, organization.id, admission.customerId))) return SILENT
  const heard: Turn = { text: null, attention: kind === 'voice' ? ['voice', 'handoff'] : [kind] }
  const gate = passage({
    ownAccount: false,
    consents: false,
    enabled: organization.settings.bot.enabled,
    pausedUntil: admission.pausedUntil,
    ...{ at, now, oldAfterMs: policy.bot.oldAfterMs },
  })
  if (gate === 'paused' || gate === 'off') return heard
  // Beside words that are no command it is not for the bot to answer.
  if (content.kind === 'media' && content.caption !== null) return heard
  const say = voiceFor(organization, admission)
  const noted =
    content.kind === 'location' && content.live !== true ? await noting(deps, admission, content, say, now) : {}
  const text = noted.text ?? sayOf(kind, content, say, organization.currency)
  const since = new Date(now.getTime() - policy.bot.kindEveryMs)
  const turn = { ...noted, ...heard }
  return (await botSaid(db, admission.conversationId, text, since)) ? turn : { ...turn, text }
}

function sayOf(kind: Kind, content: MessageContent, say: Voice, home: string): string {
  switch (kind) {
    case 'voice':
      return say.voice()
    case 'payment-proof':
      return say.proof()
    case 'cart': {
      if (content.kind !== 'cart') throw new Error(`a ${content.kind} is no cart`)
      const currency = isCurrency(content.currency) ? content.currency : home
      return say.cart(
        content.itemCount,
        minorOfThousandths(content.totalAmount1000, currencyDecimals(currency)),
        currency,
      )
    }
    case 'location':
      return say.place(null)
    default:
      return never(kind)
  }
}

/** A place is the address of the order it can only be meant for. */
async function noting(
  deps: Sent['deps'],
  { customerId }: Admission,
  place: Extract<MessageContent, { kind: 'location' }>,
  say: Voice,
  now: Date,
): Promise<Pick<Turn, 'act'> & { readonly text?: string }> {
  const { db, organization, policy } = deps
  const of = { orgId: organization.id, customerId }
  const order = await orderWithoutPlace(db, of)
  if (order === null) return {}
  const words = [place.name, place.address, place.comment].filter((each) => each !== null && each !== undefined)
  const where = oneLine(words.join(', ')).slice(0, MAX_PLACE_CHARS).toWellFormed()
  const text = `${where} (${place.latitude}, ${place.longitude})`.trim()
  const act: Turn['act'] = async (tx) =>
    say.place(await notePlace(tx, { ...deps, policy: policy.orders }, of, { text, at: now }))
  return { text: say.place(order.number), act }
}

function voiceFor({ name: shop, locale, timezone, settings }: Organization, admission: Admission): Voice {
  const letters = lettersOf(stateFrom(admission.botState))
  const language = languageFor(admission.language, letters, settings.languageDefault)
  return voice({ language, shop, locale, timezone, customer: admission.name, example: '' })
}
