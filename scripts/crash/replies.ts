// Which answer belongs to which message, read from the texts alone, as a customer would: a question's own word comes back in its answer, an
// order's number belongs to one message, and what has no such mark is told apart by its kind.

import type { Intent } from '../../src/domain/bot/interpret.ts'

/** A word that only one text of a trial has. */
const MARK = /zz[a-z0-9]+zz/
const LABEL = /We got (ORD-\d+)/

/** The beginnings of the bot's answers; see domain/bot/say.ts, in English. */
const KINDS: readonly (readonly [string, RegExp])[] = [
  ['hello', /^👋/],
  ['help', /^ℹ️/],
  ['contact', /^📍/],
  ['catalog', /^🛍️ Page/],
  ['status', /^📦/],
  ['refused', /^⚠️ (Sold out|Only \d+ left)/],
]

export const orderKey = (label: string): string => `order ${label}`
export const REFUSED = 'refused'

/** What an answer is, by its text. Two answers with one key in one chat answer the same thing, or things of the same kind. */
export function keyOfReply(text: string): string {
  const label = LABEL.exec(text)?.[1]
  if (label !== undefined) return orderKey(label)
  const mark = MARK.exec(text)?.[0]
  if (mark !== undefined) return mark
  return KINDS.find(([, pattern]) => pattern.test(text))?.[0] ?? `unknown: ${text.slice(0, 40)}`
}

/** The answer a text must have, when the text itself decides it; null for orders, whose answer is known only from the database. */
export function keyOfQuestion(text: string, intent: Intent['intent']): string | null {
  const mark = MARK.exec(text)?.[0]
  if (mark !== undefined) return mark
  return intent === 'order' ? null : intent
}
