// Cuts what follows the verb ORDER into items. Lines and `;` always separate. `and`, `,`, `&` and `+` separate where more of the text is then a
// name of the catalogue: the best partition is searched with exact names only, and what is left is guessed once.
import { isPolite, SOFT_SEPARATOR } from './lexicon.ts'
import type { CatalogueNames } from './names.ts'
import { MAX_QUANTITY } from './quantity.ts'
import { type Reading, readingsOf } from './reading.ts'
import { type ExactItem, exactItem, guessItem, type OrderItem, resolveExact } from './resolve-item.ts'

/** More items than this in one text are not an order by chat any more. */
export const MAX_ITEMS = 20
/** Parts between separators in one text; more are more than twenty items, or no order. */
const MAX_PARTS = 80
/** Separators within one item, at most: those of the longest name, and two in a badly written quantity. */
const MAX_JOINTS = 6

// `-2 mugs` is no bullet.
const BULLET = /^(?:[-*•·>–]+(?!\d) ?|\d{1,2}[.)] )+/u

/** Names that are guessed for one text, at most: what keeps the time of a long and senseless one bounded. */
const MAX_GUESSES = 40

/** The items in the order they were written, the same variant once; null: too many. */
export function readItems(rest: string, catalogue: CatalogueNames): readonly OrderItem[] | null {
  const names = guessingLittle(catalogue)
  const lines = rest
    .split(/[\n;]/)
    .map((line) => line.trim().replace(BULLET, '').trim())
    .filter((line) => /[\p{L}\p{N}]/u.test(line) && !isPolite(line))
    .map(partsOf)
  if (lines.length > MAX_ITEMS || lines.reduce((sum, { parts }) => sum + parts.length, 0) > MAX_PARTS) return null
  const items = lines.flatMap((line) => readLine(line, names))
  return items.length > MAX_ITEMS ? null : addUp(items)
}

/** The same catalogue, which finds nothing alike after so many guesses. */
function guessingLittle({ exactly, nearly, joints, size }: CatalogueNames): CatalogueNames {
  let left = MAX_GUESSES
  return {
    exactly,
    joints,
    size,
    nearly(words) {
      left -= 1
      return left < 0 ? { kind: 'none' } : nearly(words)
    },
  }
}

interface Part {
  readonly start: number
  readonly end: number
}

interface Line {
  readonly text: string
  readonly parts: readonly Part[]
}

function partsOf(text: string): Line {
  const parts: Part[] = []
  let start = 0
  for (const separator of text.matchAll(SOFT_SEPARATOR)) {
    parts.push({ start, end: separator.index })
    start = separator.index + separator[0].length
  }
  parts.push({ start, end: text.length })
  return { text, parts: parts.filter((part) => part.end > part.start) }
}

/** A partition of the first parts of a line: how well it reads, in how many pieces, and where its last piece begins. */
interface Best {
  readonly score: number
  readonly pieces: number
  readonly from: number
  readonly piece: ExactItem | 'polite' | null
}

function readLine({ text, parts }: Line, names: CatalogueNames): readonly OrderItem[] {
  const slice = (from: number, to: number) => text.slice(parts[from]?.start ?? 0, parts[to - 1]?.end ?? 0)
  const reach = Math.min(MAX_JOINTS, names.joints + 2) + 1
  const best: Best[] = [{ score: 0, pieces: 0, from: 0, piece: null }]
  for (let to = 1; to <= parts.length; to += 1) {
    let chosen: Best | null = null
    for (let from = to - 1; from >= Math.max(0, to - reach); from -= 1) {
      const before = best[from]
      if (before === undefined) continue
      const candidate = extend(before, slice(from, to), from, to, names)
      if (candidate !== null && (chosen === null || better(candidate, chosen))) chosen = candidate
    }
    best.push(chosen ?? { score: 0, pieces: 0, from: to - 1, piece: null })
  }
  const pieces: { readonly text: string; readonly piece: Best['piece'] }[] = []
  for (let to = parts.length; to > 0; ) {
    const last = best[to]
    if (last === undefined) break
    // What is no name on its own goes together with what is none beside it.
    let { from } = last
    while (last.piece === null && from > 0 && best[from]?.piece === null) from = best[from]?.from ?? 0
    pieces.unshift({ text: slice(from, to), piece: last.piece })
    to = from
  }
  return pieces.flatMap(({ text: written, piece }) => {
    if (piece === 'polite') return []
    return piece === null ? guessStretch(written, names) : [resolveExact(piece)]
  })
}

function extend(before: Best, text: string, from: number, to: number, names: CatalogueNames): Best | null {
  const found = exactItem(readingsOf(text), names)
  if (found !== null) {
    return { score: before.score + (to - from) * worth(found.reading), pieces: before.pieces + 1, from, piece: found }
  }
  if (to - from > 1) return null
  if (isPolite(text)) return { score: before.score + 4, pieces: before.pieces, from, piece: 'polite' }
  return { score: before.score, pieces: before.pieces + (before.piece === null && from > 0 ? 0 : 1), from, piece: null }
}

/** More of the text is names; else fewer pieces: the longest name wins. */
function better(one: Best, other: Best): boolean {
  return one.score === other.score ? one.pieces < other.pieces : one.score > other.score
}

/**
 * What a part is worth as part of this reading. A quantity that cannot be (`1,5`) is worth more than a good one beside something unknown; words
 * behind a colon (`a lot`) are worth less.
 */
function worth({ quantity }: Reading): number {
  if (quantity.ok || quantity.problem === 'qty_missing') return 4
  return quantity.problem === 'qty_unreadable' ? 1 : 3
}

/** Cuts what is no name behind each quantity, and before each that comes first. */
function guessStretch(text: string, names: CatalogueNames): readonly OrderItem[] {
  const { parts } = partsOf(text)
  const pieces: string[] = []
  let start = 0
  for (const [index, part] of parts.entries()) {
    const next = parts[index + 1]
    const own = readingsOf(text.slice(start, part.end))
    const following = next === undefined ? [] : readingsOf(text.slice(next.start, next.end))
    const complete = own.some((each) => counted(each, text.slice(start, part.end)))
    if (next !== undefined && !complete && !following.some(({ how }) => how === 'bare')) continue
    if (next !== undefined && !complete && !own.some(({ how }) => how === 'bare' || how === 'marked')) continue
    const piece = text.slice(start, part.end)
    if (/[\p{L}\p{N}]/u.test(piece) && !isPolite(piece)) pieces.push(piece)
    start = next?.start ?? text.length
  }
  return pieces.flatMap((piece) => guessPiece(piece, names))
}

/** One item, or several when each of its parts may be guessed and the whole may not. */
function guessPiece(text: string, names: CatalogueNames): readonly OrderItem[] {
  const whole = guessItem(text, names)
  const { parts } = partsOf(text)
  if (whole.variant !== null || parts.length === 1 || parts.length > MAX_JOINTS) return [whole]
  const each = parts.map(({ start, end }) => guessItem(text.slice(start, end), names))
  return each.every(({ variant }) => variant !== null) ? each : [whole]
}

/** The item ends with its quantity. */
function counted({ how, name, quantity }: Reading, text: string): boolean {
  return (
    (how === 'strict' || how === 'marked') &&
    (quantity.ok || quantity.problem !== 'qty_unreadable') &&
    text.startsWith(name)
  )
}

/** The same variant twice is one item of both quantities. */
function addUp(items: readonly OrderItem[]): readonly OrderItem[] {
  const sums = new Map<unknown, OrderItem>()
  for (const item of items) {
    const known = item.variant !== null && item.problem === null
    const key = known ? item.variant.variantId : item
    const before = sums.get(key)
    if (before === undefined || before.quantity === null || item.quantity === null) {
      sums.set(before === undefined ? key : item, item)
      continue
    }
    const quantity = before.quantity + item.quantity
    const sum = { ...before, guessed: before.guessed || item.guessed }
    sums.set(key, quantity > MAX_QUANTITY ? { ...sum, quantity: null, problem: 'qty_too_large' } : { ...sum, quantity })
  }
  return [...sums.values()]
}
