// What a customer's text asks for: the grammar as a whole. Total, pure and bounded: any text gives an intent, within a time that does not grow
// with it. Global words (STOP, an agent) come before an open question, its answers before commands, and commands before unknown.
import { readItems } from './items.ts'
import type { LanguageCode } from './languages/index.ts'
import { afterOrderVerb, hear, languageNamed, numberNamed, SAID, withoutCourtesies } from './lexicon.ts'
import type { CatalogueNames } from './names.ts'
import { normalise } from './normalise.ts'
import { type QuantityProblem, readQuantity } from './quantity.ts'
import type { OrderItem } from './resolve-item.ts'

/** A question that waits for an answer. `options`: how many there are to choose from; any number where it is left out. */
export type OpenPrompt =
  | { readonly type: 'confirm' }
  | { readonly type: 'choice'; readonly options?: number | undefined }
  | { readonly type: 'qty' }
  | { readonly type: 'page'; readonly options?: number | undefined }

/**
 * `place`: every item is exact and carries its quantity. `confirm`: something was guessed, ask YES or NO. `ask`: something is missing or unclear.
 * `usage`: nothing was named. `too_many_lines`: more than a chat can take, for a person.
 */
export type Outcome = 'place' | 'confirm' | 'ask' | 'usage' | 'too_many_lines'

export type Intent =
  | { readonly intent: 'order'; readonly outcome: Outcome; readonly items: readonly OrderItem[] }
  /** `argument`: a page number, or the words of a category. */
  | { readonly intent: 'catalog'; readonly argument: string | null }
  | { readonly intent: 'status' | 'cancel'; readonly order: number | null }
  | { readonly intent: 'hello' | 'help' | 'contact' | 'agent' | 'stop' | 'start' | 'more' }
  /** Null: no language of ours was named. */
  | { readonly intent: 'language'; readonly language: LanguageCode | null }
  /** Yes and no to the open question. */
  | { readonly intent: 'confirm' | 'reject' }
  /** Counts from 1. */
  | { readonly intent: 'select'; readonly index: number }
  | { readonly intent: 'qty'; readonly quantity: number | null; readonly problem: QuantityProblem | null }
  /** An answer, but nothing was asked. */
  | { readonly intent: 'nothing_pending' }
  | { readonly intent: 'unknown' }

export interface Situation {
  readonly names: CatalogueNames
  readonly prompt: OpenPrompt | null
}

const YES_SIGNS = /^(?:👍|✅|👌|✔)+$/u
const NO_SIGNS = /^(?:👎|❌|✖)+$/u

/** Reads a text. Never throws; looks at 1,000 characters and 21 lines at most. */
export function interpret(input: string, { names, prompt }: Situation): Intent {
  const sign = input.slice(0, 40).replace(/\s|\p{Emoji_Modifier}|\p{Cf}|\p{Mn}/gu, '')
  if (input.length <= 40 && YES_SIGNS.test(sign)) return yes(prompt)
  if (input.length <= 40 && NO_SIGNS.test(sign)) return no(prompt)
  const { text, cut } = normalise(input)
  if (/^[?؟¿]+$/.test(text)) return { intent: 'help' }
  const words = cut ? '' : hear(text)
  const global = cut ? null : globalWord(words)
  if (global !== null) return global
  const answer = cut ? null : answerTo(prompt, text, words)
  if (answer !== null) return answer
  if (!cut && SAID.hello.test(words)) return { intent: 'hello' }
  const body = withoutCourtesies(text)
  const command = cut ? null : commandOf(body)
  if (command !== null) return command
  const rest = afterOrderVerb(body)
  if (rest !== null) return order(rest, cut, names)
  return { intent: 'unknown' }
}

function globalWord(words: string): Intent | null {
  if (SAID.stop.test(words)) return { intent: 'stop' }
  if (SAID.start.test(words)) return { intent: 'start' }
  if (SAID.agent.test(words)) return { intent: 'agent' }
  return null
}

function yes(prompt: OpenPrompt | null): Intent {
  if (prompt?.type === 'confirm') return { intent: 'confirm' }
  return prompt === null ? { intent: 'nothing_pending' } : { intent: 'unknown' }
}

function no(prompt: OpenPrompt | null): Intent {
  return prompt === null || prompt.type === 'page' ? { intent: 'nothing_pending' } : { intent: 'reject' }
}

/** Whole messages that answer a question. */
function answerTo(prompt: OpenPrompt | null, text: string, words: string): Intent | null {
  if (SAID.yes.test(words)) return yes(prompt)
  if (SAID.no.test(words)) return no(prompt)
  if (prompt === null || prompt.type === 'confirm') return null
  if (prompt.type === 'qty') {
    const quantity = readQuantity(text)
    if (quantity.ok) return { intent: 'qty', quantity: quantity.count, problem: null }
    const { problem } = quantity
    return problem === 'qty_unreadable' || problem === 'qty_missing' ? null : { intent: 'qty', quantity: null, problem }
  }
  const index = /^#?\d{1,3}[.)]?$/.test(text) ? Number(words) : numberNamed(text)
  if (index === null || index < 1 || index > (prompt.options ?? 999)) return null
  return { intent: 'select', index }
}

/** The commands that are the whole message, or a word and its argument. */
function commandOf(body: string): Intent | null {
  const words = hear(body)
  const label = /^(?:ord[- ]?|#)0*(\d{1,9})$/i.exec(body)
  if (label?.[1] !== undefined) return { intent: 'status', order: Number(label[1]) }
  const catalog = SAID.catalog.exec(words)
  if (catalog !== null) return { intent: 'catalog', argument: catalog.groups?.argument ?? null }
  for (const intent of ['status', 'cancel'] as const) {
    const found = SAID[intent].exec(words)
    if (found !== null) return { intent, order: numberOf(found.groups?.number) }
  }
  for (const intent of ['agent', 'help', 'contact', 'more'] as const) if (SAID[intent].test(words)) return { intent }
  const language = SAID.language.exec(words)
  if (language !== null) return { intent: 'language', language: languageNamed(language.groups?.argument ?? '') }
  return null
}

function numberOf(digits: string | undefined): number | null {
  return digits === undefined ? null : Number(digits)
}

function order(rest: string, cut: boolean, names: CatalogueNames): Intent {
  // Nothing may be bought from the part that was seen.
  const items = cut ? null : readItems(rest, names)
  if (items === null) return { intent: 'order', outcome: 'too_many_lines', items: [] }
  if (items.length === 0) return { intent: 'order', outcome: 'usage', items: [] }
  if (items.some(({ variant, problem }) => variant === null || problem !== null))
    return { intent: 'order', outcome: 'ask', items }
  return { intent: 'order', outcome: items.some(({ guessed }) => guessed) ? 'confirm' : 'place', items }
}
