// What one item of an order means in this catalogue: an exact name places, a guess asks, a number is never guessed. Cutting a text into items is
// items.ts; whether there is enough in stock is asked later, of the database.
import type { CatalogueNames, Exact, Match, NamedVariant, Near } from './names.ts'
import type { QuantityProblem } from './quantity.ts'
import { preferred, type Reading, readingsOf } from './reading.ts'

export interface OrderItem {
  /** As the customer wrote it. */
  readonly name: string
  /** Null: not known which. */
  readonly variant: NamedVariant | null
  /** Null: not known how many, see `problem`. */
  readonly quantity: number | null
  readonly problem: QuantityProblem | null
  readonly match: Match | 'ambiguous' | 'suggest' | 'none'
  /** What may be meant, when `variant` is null. */
  readonly choices: readonly NamedVariant[]
  /** Something was guessed: ask before anything is bought. */
  readonly guessed: boolean
}

/** An item whose name is one of the catalogue's. */
export interface ExactItem {
  readonly reading: Reading
  readonly exact: Exact
}

/** The first reading with an exact name. */
export function exactItem(readings: readonly Reading[], names: CatalogueNames): ExactItem | null {
  for (const reading of readings) {
    const exact = names.exactly(reading.words)
    if (exact !== null) return { reading, exact }
  }
  return null
}

export function resolveExact({ reading, exact }: ExactItem): OrderItem {
  const [variant] = exact.variants
  const several = exact.variants.length > 1 || variant === undefined
  return {
    ...quantityOf(reading),
    name: reading.name,
    variant: several ? null : variant,
    match: several ? 'ambiguous' : exact.match,
    choices: several ? exact.variants : [],
    guessed: reading.how === 'whole' || reading.how === 'bare' || exact.siblingNear,
  }
}

/** An item whose name is none of the catalogue's, guessed. Looks for alike names at most three times. */
export function guessItem(item: string, names: CatalogueNames): OrderItem {
  const readings = readingsOf(item)
  const main = preferred(readings)
  if (main === undefined) return unknown(item, null, null)
  const near = names.nearly(main.words)
  if (main.how !== 'whole' && (main.how !== 'unreadable' || near.kind === 'one')) return guessed(main, near)
  // Digits of the whole are the name's own if a name has them; else a number beside the name may be how many.
  if (near.kind === 'one') return guessed(main, near)
  for (const bare of readings.filter(({ how }) => how === 'bare')) {
    const found = names.nearly(bare.words)
    // `iPhone 16` is not sixteen of `iPhone 15 Case`.
    if (found.kind === 'none' || found.moreNumbers) continue
    if (found.kind === 'one' || found.match === 'ambiguous') return guessed(bare, found)
  }
  return guessed(main, near)
}

function guessed(reading: Reading, near: Near): OrderItem {
  const { name } = reading
  const quantity = quantityOf(reading)
  switch (near.kind) {
    case 'one':
      return { ...quantity, name, variant: near.variant, match: near.match, choices: [], guessed: true }
    case 'several':
      return { ...quantity, name, variant: null, match: near.match, choices: near.variants, guessed: true }
    case 'none':
      return unknown(name, quantity.quantity, quantity.problem)
  }
}

function unknown(name: string, quantity: number | null, problem: QuantityProblem | null): OrderItem {
  return { name, variant: null, quantity, problem, match: 'none', choices: [], guessed: true }
}

function quantityOf({ quantity }: Reading): Pick<OrderItem, 'quantity' | 'problem'> {
  if (quantity.ok) return { quantity: quantity.count, problem: null }
  if (quantity.problem === 'qty_missing') return { quantity: 1, problem: null }
  return { quantity: null, problem: quantity.problem }
}
