// What the bot does about one message, as a value: what it says, what it asks, what it orders, what it leaves to a person. A turn is decided by what is
// true now and carried out by process.ts, all of it or nothing. What a message means is domain/bot/; the kinds of turns are the files beside this one.
import type { LanguageCode } from '../../domain/bot/languages/index.ts'
import type { Asked, Question } from '../../domain/bot/question.ts'
import type { Voice } from '../../domain/bot/say.ts'
import type { BotState } from '../../domain/bot/state.ts'
import type { Attention } from '../../domain/conversation/attention.ts'
import { isOpen, nextOpening } from '../../domain/hours.ts'
import type { ConversationId, CustomerId, UserId } from '../../domain/ids.ts'
import type { Database, Tx } from '../../persistence/database.ts'
import type { OrderDeps } from '../../persistence/order-changes.ts'
import type { OrderDraft } from '../../persistence/order-statement.ts'
import type { Organization } from '../../persistence/organization.ts'
import type { BotPolicy } from '../../policy.ts'

/** Who wrote what, to which account, and what is known of their chat. */
export interface Talk {
  readonly db: Database
  readonly organization: Organization
  readonly policy: BotPolicy
  readonly orders: OrderDeps
  readonly userId: UserId
  readonly customerId: CustomerId
  readonly conversationId: ConversationId | null
  readonly waMessageId: string
  /** When it was written, and now. */
  readonly at: Date
  readonly now: Date
  /** It waited while we were away: nothing is bought by it without asking. */
  readonly late: boolean
  /** Of what was written, for this chat. */
  readonly hash: string
  /** The account's own number, told to who asks how to reach us. */
  readonly accountPhone: string | null
  /** This message has placed its order before. */
  readonly ordered: boolean
  readonly optedOut: boolean
  readonly state: BotState
  readonly language: LanguageCode
  /** The question this may answer. */
  readonly asked: Asked | null
  readonly say: Voice
  /** The same with a product to show how to buy with. */
  readonly sayWithExample: () => Promise<Voice>
  readonly newId: () => string
}

export interface Turn {
  /** Null: nothing is said. The id of the order stands where its number will. */
  readonly text: string | null
  /** What the text asks. */
  readonly ask?: Question
  /** The question that was answered is answered for good. */
  readonly closes?: boolean
  readonly order?: OrderDraft
  /** It does something that stays, beside an order. */
  readonly lasting?: true
  /** Rare, so it takes its own steps in the transaction of the message; what it returns is said instead. */
  readonly act?: (tx: Tx) => Promise<string>
  readonly attention?: readonly Attention[]
  readonly pause?: { readonly until: Date; readonly reason: string }
}

export const SILENT: Turn = { text: null }

export const answer = (text: string | null): Turn => ({ text })

/** When the shop opens, as the clock on its wall shows it; null while it is open or when nobody knows. */
export function opensAt({ organization, now }: Pick<Talk, 'organization' | 'now'>): string | null {
  const { timezone, settings } = organization
  if (isOpen(settings.hours, timezone, now)) return null
  const opening = nextOpening(settings.hours, timezone, now)
  if (opening === null) return null
  return clock(timezone, opening, opening.getTime() - now.getTime() > DAY_MS)
}

const DAY_MS = 86_400_000

/** A time of the day, `09:00`, with its date when that is not clear. */
export function clock(timezone: string, at: Date, dated: boolean): string {
  const day = dated ? ({ day: '2-digit', month: '2-digit' } as const) : {}
  const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: timezone } as const
  return new Intl.DateTimeFormat('en-GB', { ...day, ...time }).format(at)
}
