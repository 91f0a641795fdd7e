// Reads how many: digits, a number word, either with a unit. What cannot be a quantity gets a problem code, so that
// the answer can say what is wrong with it.
import { NUMBER_WORD, numberNamed, UNIT_WORD } from './lexicon.ts'

/** The most of one product in one order, unless the variant says less. */
export const MAX_QUANTITY = 999

export const QUANTITY_PROBLEMS = [
  'qty_missing',
  'qty_zero',
  'qty_negative',
  'qty_not_whole',
  'qty_too_large',
  'qty_unreadable',
  'qty_conflict',
] as const
export type QuantityProblem = (typeof QUANTITY_PROBLEMS)[number]

export type Quantity =
  | { readonly ok: true; readonly count: number }
  | { readonly ok: false; readonly problem: QuantityProblem }

/** Sources for larger patterns; neither has a capturing group. */
export const UNIT = UNIT_WORD
export const COUNT = `(?:\\+?\\d+|${NUMBER_WORD})`

const COUNT_WITH_UNIT = new RegExp(`^(${COUNT}) ?(?:x|${UNIT})?$`, 'iu')
const NUMERIC = new RegExp(`^([+-]?) ?(?:\\d[\\d.,/ ]*|[.,]\\d+)(?: ?(?:x|${UNIT}))?$`, 'iu')

/** Reads a normalised text that should be a quantity and nothing else. */
export function readQuantity(text: string): Quantity {
  const trimmed = text.trim().replace(/ ?[.!]+$/, '')
  if (trimmed === '') return { ok: false, problem: 'qty_missing' }
  const match = COUNT_WITH_UNIT.exec(trimmed)
  if (match?.[1] !== undefined) return countOf(match[1])
  const numeric = NUMERIC.exec(trimmed)
  if (numeric === null) return { ok: false, problem: 'qty_unreadable' }
  return { ok: false, problem: numeric[1] === '-' ? 'qty_negative' : 'qty_not_whole' }
}

function countOf(text: string): Quantity {
  const word = numberNamed(text)
  if (word !== null) return { ok: true, count: word }
  const digits = text.replace(/^\+?0*/, '')
  if (digits === '') return { ok: false, problem: 'qty_zero' }
  if (digits.length > 3) return { ok: false, problem: 'qty_too_large' }
  return { ok: true, count: Number(digits) }
}
