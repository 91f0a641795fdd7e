// The questions the bot asks and what it keeps of them: ids, numbers and prices that were shown, never words. A chat has one open question; up to three
// before it can still be answered by quoting them. Which answer means what is interpret.ts.
import type { CategoryId, OrderId, VariantId } from '../ids.ts'
import type { Minor } from '../money.ts'
import { never } from '../result.ts'
import type { OpenPrompt } from './interpret.ts'

export interface AskedLine {
  readonly variantId: VariantId
  readonly quantity: number
}

export type Question =
  /** Shall this be ordered, for this total? */
  | {
      readonly type: 'order'
      readonly lines: readonly AskedLine[]
      readonly totalMinor: Minor
      readonly currency: string
    }
  | { readonly type: 'cancel'; readonly orderId: OrderId; readonly number: number }
  | { readonly type: 'which'; readonly choices: readonly VariantId[]; readonly quantity: number | null }
  | { readonly type: 'how-many'; readonly variantId: VariantId }
  | { readonly type: 'cancel-which'; readonly orders: readonly { readonly id: OrderId; readonly number: number }[] }
  /** Orders that were listed: a number tells more of one. */
  | { readonly type: 'details'; readonly numbers: readonly number[] }
  /** A catalogue page. `first` is the number of its first item. */
  | {
      readonly type: 'page'
      readonly page: number
      readonly first: number
      readonly variants: readonly VariantId[]
      readonly category: CategoryId | null
    }

const TYPES: readonly Question['type'][] = ['order', 'cancel', 'which', 'how-many', 'cancel-which', 'details', 'page']

/** A question and the message it was asked with. */
export interface Asked {
  readonly waMessageId: string
  /** The customer's message it was asked about; left out in what an older version stored. */
  readonly about?: string | undefined
  /** Unix milliseconds. */
  readonly until: number
  readonly question: Question
}

/** What is stored of the open question: itself, and those before it, newest first. */
export interface Payload {
  readonly question: Question
  readonly about?: string | undefined
  readonly earlier: readonly Asked[]
}

/** How many questions before the open one can be answered by quoting them. */
const EARLIER = 3

/** Reads what is stored; null for what this program does not know. */
export function payloadFrom(stored: unknown): Payload | null {
  if (typeof stored !== 'object' || stored === null) return null
  const { question, about, earlier } = stored as Partial<Payload>
  if (!isQuestion(question)) return null
  const kept = Array.isArray(earlier) ? (earlier as readonly Asked[]).filter((each) => isQuestion(each?.question)) : []
  return { question, about: typeof about === 'string' ? about : undefined, earlier: kept }
}

function isQuestion(value: unknown): value is Question {
  if (typeof value !== 'object' || value === null) return false
  const { type } = value as { readonly type?: unknown }
  return TYPES.some((each) => each === type)
}

/** How the answers to it are read. */
export function openPrompt(question: Question): OpenPrompt {
  switch (question.type) {
    case 'order':
    case 'cancel':
      return { type: 'confirm' }
    case 'which':
      return { type: 'choice', options: question.choices.length }
    case 'cancel-which':
      return { type: 'choice', options: question.orders.length }
    case 'details':
      return { type: 'choice', options: question.numbers.length }
    case 'how-many':
      return { type: 'qty' }
    case 'page':
      return { type: 'page', options: question.first + question.variants.length - 1 }
    default:
      return never(question)
  }
}

/** A list that was shown: it asks for nothing, and a question before it stays open. */
export function isList(question: Question): boolean {
  return question.type === 'page' || question.type === 'details'
}

/** Those that can still be answered once another is asked. @param now Unix milliseconds */
export function earlierOf(asked: readonly Asked[], now: number): readonly Asked[] {
  return asked.filter(({ until }) => until > now).slice(0, EARLIER)
}
