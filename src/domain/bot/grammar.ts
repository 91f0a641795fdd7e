// Reads what follows the verb ORDER: cuts it into items and gives each item its possible readings (name and quantity).
// Which reading is meant depends on what the shop sells: bot/resolve.ts chooses with the catalogue in hand.
import { nameKey } from '../catalogue/search.ts'
import { COUNT, type Quantity, readQuantity, UNIT } from './quantity.ts'

/** One way to read an item. */
export interface Reading {
  readonly name: string
  readonly nameKey: string
  readonly quantity: Quantity
}

/** One item as written, with its readings, the likeliest first. */
export interface OrderItemText {
  /** The reading to speak of when the shop sells none of them. */
  readonly preferred: Reading
  readonly readings: readonly [Reading, ...Reading[]]
}

const POLITE_END = /(?:[\s,]+(?:please|pls|plz|thanks|thank you|thx))+[\s.!]*$/iu
const ONLY_POLITE = /^(?:please|pls|plz|thanks|thank you|thx)[\s.!]*$/iu
const BULLET = /^(?:[-*•·>–]+ ?|\d{1,2}[.)] )/u

/** Cuts the text after the verb into items. Lines and `;` always separate; `,` `and` `&` `+` only after a quantity. */
export function readItems(rest: string): readonly OrderItemText[] {
  return rest
    .split(/[\n;]/)
    .map((line) => line.trim().replace(BULLET, '').trim())
    .flatMap(splitSoftly)
    .map((item) => item.replace(POLITE_END, '').trim())
    .filter((item) => /[\p{L}\p{N}]/u.test(item) && !ONLY_POLITE.test(item))
    .map(readItem)
}

const SOFT = /\s*,\s*(?:and |& ?|\+ ?)?|\s+(?:and|plus)\s+|\s*[&+]\s*/giu

/** A comma may be part of a name (`Mixed Nuts, Salted:2, Blue Mug:1`): it separates where an item is complete. */
function splitSoftly(line: string): readonly string[] {
  const items: string[] = []
  let start = 0
  for (const separator of line.matchAll(SOFT)) {
    const before = line.slice(start, separator.index)
    const after = line.slice(separator.index + separator[0].length)
    if (!separates(before, after, separator[0])) continue
    items.push(before)
    start = separator.index + separator[0].length
  }
  items.push(line.slice(start))
  return items
}

function separates(before: string, after: string, separator: string): boolean {
  // `Gaming Mouse:1,5` is one and a half, not two items.
  if (separator === ',' && /\d$/.test(before) && /^\d+ *(?:[,;]|$)/.test(after)) return false
  const item = before.replace(POLITE_END, '')
  if (strictReading(item)?.quantity.ok === true || trailingReading(item) !== null) return true
  return leadingReading(item) !== null && leadingReading(after) !== null
}

/** All readings of one item. The order is the rule of commerce.md 2.3: an explicit quantity, else the item is a name. */
export function readItem(item: string): OrderItemText {
  const whole = reading(item.replace(/:+ *$/, ''), { ok: false, problem: 'qty_missing' })
  const strict = strictReading(item)
  const trailing = trailingReading(item)
  const leading = leadingReading(item)
  const explicit = strict !== null && (strict.quantity.ok || strict.quantity.problem !== 'qty_unreadable')
  const doubled = strict ?? trailing
  const inner = doubled === null ? null : leadingReading(doubled.name)
  const conflict = inner === null ? null : reading(inner.name, { ok: false, problem: 'qty_conflict' })
  const found = [trailing, leading, conflict]
  const ordered = explicit ? [strict, whole, ...found] : [whole, strict, ...found]
  const [first = whole, ...others] = ordered.filter((each) => each !== null)
  return { preferred: conflict ?? strict ?? trailing ?? leading ?? whole, readings: [first, ...others] }
}

function reading(name: string, quantity: Quantity): Reading {
  const trimmed = name.trim()
  return { name: trimmed, nameKey: nameKey(trimmed), quantity }
}

/** `name:qty`. The colon that counts is the last one whose right side reads as a quantity. */
function strictReading(item: string): Reading | null {
  let unreadable: Reading | null = null
  for (let colon = item.lastIndexOf(':'); colon > 0; colon = item.lastIndexOf(':', colon - 1)) {
    const quantity = readQuantity(item.slice(colon + 1))
    const found = reading(item.slice(0, colon), quantity)
    if (quantity.ok || (quantity.problem !== 'qty_unreadable' && quantity.problem !== 'qty_missing')) return found
    if (quantity.problem === 'qty_unreadable') unreadable ??= found
  }
  return unreadable
}

const TRAILING = new RegExp(`(?: x ?(${COUNT})| ?\\* ?(${COUNT})| - (${COUNT})| (${COUNT} ?(?:x|${UNIT})))[.!]*$`, 'iu')

/** `name x2`, `name *2`, `name - 2`, `name 2 pcs`. */
function trailingReading(item: string): Reading | null {
  const match = TRAILING.exec(item)
  if (match === null || match.index === 0) return null
  const count = match[1] ?? match[2] ?? match[3] ?? match[4] ?? ''
  return reading(item.slice(0, match.index), readQuantity(count))
}

const LEADING = new RegExp(`^(?:(${COUNT}) ?(?:x |\\* ?|${UNIT} (?:of )?)|x ?(${COUNT}) )(?=\\S)`, 'iu')

/** `2 x name`, `2 pcs of name`, `x2 name`. */
function leadingReading(item: string): Reading | null {
  const match = LEADING.exec(item)
  if (match === null) return null
  return reading(item.slice(match[0].length), readQuantity(match[1] ?? match[2] ?? ''))
}
