// An intent in the words of the chat samples and of POST /api/bot/preview: names of fields and codes that are stable. Codes inside a parse are
// written with underscores, as in the samples.

import { never } from '../result.ts'
import type { Intent, Outcome } from './interpret.ts'
import type { LanguageCode } from './languages/index.ts'
import type { QuantityProblem } from './quantity.ts'
import type { OrderItem } from './resolve-item.ts'

export interface MeantItem {
  /** Null: not known which. */
  readonly sku: string | null
  /** Null: not known how many. */
  readonly qty: number | null
  readonly err?: QuantityProblem
  readonly match: OrderItem['match']
  /** SKUs of what may be meant. */
  readonly suggest?: readonly string[]
}

export interface Meaning {
  readonly intent: Intent['intent']
  readonly outcome?: Outcome
  readonly items?: readonly MeantItem[]
  readonly arg?: string
  readonly order?: number
  readonly index?: number
  readonly qty?: number | null
  readonly err?: QuantityProblem
  readonly language?: LanguageCode
}

/** What is not there is left out. */
export function meaningOf(meant: Intent): Meaning {
  const { intent } = meant
  switch (intent) {
    case 'order':
      return { intent, outcome: meant.outcome, items: meant.items.map(itemOf) }
    case 'catalog':
      return meant.argument === null ? { intent } : { intent, arg: meant.argument }
    case 'status':
    case 'cancel':
      return meant.order === null ? { intent } : { intent, order: meant.order }
    case 'language':
      return meant.language === null ? { intent } : { intent, language: meant.language }
    case 'select':
      return { intent, index: meant.index }
    case 'qty':
      return { intent, qty: meant.quantity, ...(meant.problem === null ? {} : { err: meant.problem }) }
    case 'hello':
    case 'help':
    case 'contact':
    case 'agent':
    case 'stop':
    case 'start':
    case 'more':
    case 'confirm':
    case 'reject':
    case 'nothing_pending':
    case 'unknown':
      return { intent }
    default:
      return never(intent)
  }
}

function itemOf({ variant, quantity, problem, match, choices }: OrderItem): MeantItem {
  return {
    sku: variant?.sku ?? null,
    qty: quantity,
    ...(problem === null ? {} : { err: problem }),
    match,
    ...(choices.length === 0 ? {} : { suggest: choices.map(({ sku }) => sku) }),
  }
}
