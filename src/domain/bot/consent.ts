// What the bot does about somebody who is no contact: it answers and remembers nothing, until they say YES to having their number and their order
// kept. Pure; the words are say.ts, what is kept and for how long is persistence/strangers.ts.

import type { VariantId } from '../ids.ts'
import type { Minor } from '../money.ts'
import { never } from '../result.ts'
import type { Intent } from './interpret.ts'

/** One line of what somebody was asked about. */
export interface PendingItem {
  readonly variantId: VariantId
  readonly quantity: number
  /** What one cost then. */
  readonly priceMinor: Minor
}

/** A question about an order that is open, ran out a moment ago, or was never asked. */
export type Pending = 'open' | 'expired' | 'none'

/** What may be said to anybody: it needs nothing to be known of them. */
export type Answer =
  | { readonly intent: 'hello' | 'help' | 'contact' | 'more' | 'status' | 'cancel' | 'language' }
  | { readonly intent: 'catalog'; readonly argument: string | null }

export type Step =
  | { readonly step: 'silence' }
  | { readonly step: 'answer'; readonly to: Answer }
  /** What was not understood: help, once in a long while. */
  | { readonly step: 'help' }
  | { readonly step: 'order'; readonly order: Extract<Intent, { readonly intent: 'order' }> }
  /** YES: from now on they are a customer. */
  | { readonly step: 'place' }
  /** NO: nothing remains. */
  | { readonly step: 'forget' }
  | { readonly step: 'expired' }
  /** No messages that were not asked for; or again. */
  | { readonly step: 'stop' | 'start' }

/** @param helped they were helped not long ago */
export function stepOf(meant: Intent, pending: Pending, helped: boolean): Step {
  const lost: Step = helped ? { step: 'silence' } : { step: 'help' }
  switch (meant.intent) {
    case 'stop':
    case 'start':
      return { step: meant.intent }
    case 'hello':
    case 'help':
    case 'contact':
    case 'more':
    case 'status':
    case 'cancel':
    case 'language':
      return { step: 'answer', to: { intent: meant.intent } }
    case 'catalog':
      return { step: 'answer', to: meant }
    case 'agent':
      // Nobody here sees what a stranger writes: they are told where to find a person.
      return { step: 'answer', to: { intent: 'contact' } }
    case 'order':
      return { step: 'order', order: meant }
    case 'confirm':
      return pending === 'open' ? { step: 'place' } : lost
    case 'reject':
      return pending === 'open' ? { step: 'forget' } : lost
    case 'nothing_pending':
      return pending === 'expired' ? { step: 'expired' } : lost
    case 'select':
    case 'qty':
    case 'unknown':
      return lost
    default:
      return never(meant)
  }
}

export interface AnswerLimits {
  /** How many answers one stranger, and all strangers of one account together, get in an hour. */
  readonly perHour: number
  readonly perHourOfAll: number
}

/** Answers since a time; null when there was none. */
export interface Answered {
  readonly since: Date
  readonly count: number
}

const HOUR_MS = 3_600_000

/** Whether one more answer is within the limits. */
export function mayAnswer(own: Answered | null, all: Answered | null, now: Date, limits: AnswerLimits): boolean {
  const lately = (answered: Answered | null) =>
    answered === null || now.getTime() - answered.since.getTime() >= HOUR_MS ? 0 : answered.count
  return lately(own) < limits.perHour && lately(all) < limits.perHourOfAll
}
