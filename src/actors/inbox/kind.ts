// What the bot does about a message that is no text: it says that it came, not too often, and asks for a person. What it is to the shop is
// domain/bot/kinds.ts. Whether an order was paid is decided by people alone.

import { passage } from '../../domain/bot/gates.ts'
import { type Kind, kindOf, minorOfThousandths } from '../../domain/bot/kinds.ts'
import { languageFor } from '../../domain/bot/languages/index.ts'
import { type Voice, voice } from '../../domain/bot/say.ts'
import { lettersOf, stateFrom } from '../../domain/bot/state.ts'
import type { MessageContent } from '../../domain/conversation/message.ts'
import { currencyDecimals } from '../../domain/money.ts'
import { never } from '../../domain/result.ts'
import { isCurrency } from '../../domain/settings.ts'
import type { Admission } from '../../persistence/admission.ts'
import type { Database } from '../../persistence/database.ts'
import { botSaid, owesFor } from '../../persistence/kinds.ts'
import type { Organization } from '../../persistence/organization.ts'
import type { BotPolicy } from '../../policy.ts'
import { SILENT, type Turn } from './turn.ts'

export interface Sent {
  readonly deps: {
    readonly db: Database
    readonly organization: Organization
    readonly policy: { readonly bot: BotPolicy }
  }
  readonly admission: Admission
  readonly content: MessageContent
  /** When it was sent, and now. */
  readonly at: Date
  readonly now: Date
}

export async function kindTurn({ deps, admission, content, at, now }: Sent): Promise<Turn> {
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
  const text = sayOf(kind, content, voiceFor(organization, admission), organization.currency)
  if (text === null) return heard
  const since = new Date(now.getTime() - policy.bot.kindEveryMs)
  return (await botSaid(db, admission.conversationId, text, since)) ? heard : { ...heard, text }
}

function sayOf(kind: Kind, content: MessageContent, say: Voice, home: string): string | null {
  switch (kind) {
    case 'voice':
      return say.voice()
    case 'payment-proof':
      return say.proof()
    case 'cart': {
      if (content.kind !== 'cart') return null
      const currency = isCurrency(content.currency) ? content.currency : home
      return say.cart(
        content.itemCount,
        minorOfThousandths(content.totalAmount1000, currencyDecimals(currency)),
        currency,
      )
    }
    case 'location':
      return null
    default:
      return never(kind)
  }
}

function voiceFor({ name: shop, locale, timezone, settings }: Organization, admission: Admission): Voice {
  const letters = lettersOf(stateFrom(admission.botState))
  const language = languageFor(admission.language, letters, settings.languageDefault)
  return voice({ language, shop, locale, timezone, customer: admission.name, example: '' })
}
