// The ways to read one item of an order: which part is the name and which the quantity. Which of them is meant depends on what the shop sells:
// resolve-item.ts tries them in this order.
import { wordsOf } from '../catalogue/search.ts'
import { NUMBER_WORD, OF_WORD, withoutPoliteEnd } from './lexicon.ts'
import { type Quantity, readQuantity, UNIT } from './quantity.ts'

/**
 * `strict`: `name:2`. `marked`: `name x2`, `2 pcs of name` and the like. `bare`: a number beside the name, without a sign. `whole`: no quantity.
 * `conflict`: a quantity on both ends. `unreadable`: a colon, and behind it no quantity.
 */
export type How = 'strict' | 'marked' | 'bare' | 'whole' | 'conflict' | 'unreadable'

export interface Reading {
  readonly how: How
  /** As written. */
  readonly name: string
  /** Normal words; never empty. */
  readonly words: string
  readonly quantity: Quantity
}

/** Longer right sides of a colon are no attempt at a quantity. */
const MAX_QUANTITY_CHARS = 24

const COUNT = `(?:[+-]?\\d+(?:[.,/]\\d+)?|${NUMBER_WORD})`
const MARKED_END = new RegExp(
  `(?: x ?(${COUNT})| ?\\* ?(${COUNT})| - (${COUNT})| (${COUNT} ?(?:x|${UNIT})))[.!]*$`,
  'iu',
)
const MARKED_START = new RegExp(`^(?:(${COUNT}) ?(?:x |\\* ?|${UNIT} (?:${OF_WORD} )?)|x ?(${COUNT}) )(?=\\S)`, 'iu')
const BARE_END = new RegExp(` (?:(${COUNT})|\\((${COUNT})\\))[.!]*$`, 'iu')
const BARE_START = new RegExp(`^(${COUNT}) (?=\\S)`, 'iu')

/** All readings of an item, the one that wins first when the shop sells several. Empty when there is nothing sayable in it. */
export function readingsOf(item: string): readonly Reading[] {
  const written = item.trim()
  const polite = withoutPoliteEnd(written)
  const found = readingsAsWritten(written)
  if (polite === written) return found
  const both = [...found, ...readingsAsWritten(polite)]
  const unreadable = (each: Reading) => each.how === 'unreadable'
  return [...both.filter((each) => !unreadable(each)), ...both.filter(unreadable)]
}

function readingsAsWritten(item: string): readonly Reading[] {
  const strict = strictReading(item)
  const readable = strict?.how === 'strict' ? strict : null
  const markedEnd = ending(item, MARKED_END, 'marked')
  const markedStart = beginning(item, MARKED_START, 'marked')
  const bareEnd = ending(item, BARE_END, 'bare')
  const bareStart = beginning(item, BARE_START, 'bare')
  const doubled = [readable, markedEnd, bareEnd].flatMap((outer) => (outer === null ? [] : inner(outer.name)))
  return [
    readable,
    reading('whole', item.replace(/[:\s]+$/, ''), { ok: false, problem: 'qty_missing' }),
    markedEnd,
    markedStart,
    ...doubled,
    bareEnd,
    bareStart,
    readable === null ? strict : null,
  ].filter((each) => each !== null)
}

/** The reading to guess with when no name is exact: the likeliest way to write an item. */
export function preferred(readings: readonly Reading[]): Reading | undefined {
  const order: readonly How[] = ['strict', 'marked', 'unreadable', 'whole']
  return order.flatMap((how) => readings.filter((each) => each.how === how)).at(0)
}

function reading(how: How, name: string, quantity: Quantity): Reading | null {
  const trimmed = name.trim()
  const words = wordsOf(trimmed)
  return words === '' ? null : { how, name: trimmed, words, quantity }
}

/** The colon that counts is the last one whose right side reads as a quantity; without one, the first with words behind it. */
function strictReading(item: string): Reading | null {
  let unreadable: Reading | null = null
  for (let colon = item.lastIndexOf(':'); colon > 0; colon = item.lastIndexOf(':', colon - 1)) {
    const right = item.slice(colon + 1).trim()
    if (right.length > MAX_QUANTITY_CHARS || right.includes(':')) break
    const quantity = readQuantity(right)
    if (quantity.ok || (quantity.problem !== 'qty_unreadable' && quantity.problem !== 'qty_missing'))
      return reading('strict', item.slice(0, colon), quantity)
    if (quantity.problem === 'qty_unreadable') unreadable ??= reading('unreadable', item.slice(0, colon), quantity)
  }
  return unreadable
}

function ending(item: string, pattern: RegExp, how: How): Reading | null {
  const match = pattern.exec(item)
  if (match === null || match.index === 0) return null
  return reading(how, item.slice(0, match.index), readQuantity(match.slice(1).find((each) => each !== undefined) ?? ''))
}

function beginning(item: string, pattern: RegExp, how: How): Reading | null {
  const match = pattern.exec(item)
  if (match === null) return null
  return reading(
    how,
    item.slice(match[0].length),
    readQuantity(match.slice(1).find((each) => each !== undefined) ?? ''),
  )
}

/** A quantity at the beginning of what has one at its end as well. */
function inner(name: string): readonly Reading[] {
  const found = beginning(name, MARKED_START, 'conflict') ?? beginning(name, BARE_START, 'conflict')
  return found === null ? [] : [{ ...found, quantity: { ok: false, problem: 'qty_conflict' } }]
}
