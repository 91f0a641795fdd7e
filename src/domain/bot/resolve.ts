// Finds what an order's items mean in the catalogue, by exact names only, and says what is wrong with the rest.
// Pure: the variants that may be meant are handed in. Guessing (plural, typo, part of a name) will stand on this.
import { nameKey } from '../catalogue/search.ts'
import type { CatalogueHit } from '../catalogue/variant.ts'
import type { OrderItemText, Reading } from './grammar.ts'
import type { QuantityProblem } from './quantity.ts'

export interface ResolvedLine {
  readonly variant: CatalogueHit
  readonly quantity: number
}

export type ItemProblem =
  | { readonly kind: 'not-found'; readonly name: string }
  | { readonly kind: 'ambiguous'; readonly name: string; readonly choices: readonly CatalogueHit[] }
  /** `variant` is null when neither the name nor the quantity could be read. */
  | { readonly kind: 'quantity'; readonly problem: QuantityProblem; readonly variant: CatalogueHit | null }
  | { readonly kind: 'short'; readonly variant: CatalogueHit; readonly wanted: number; readonly available: number }

export interface ResolvedOrder {
  /** Items that are fine, the same variant added up, in the order they were first named. */
  readonly lines: readonly ResolvedLine[]
  readonly problems: readonly ItemProblem[]
}

/** Every key that resolving these items may ask for. */
export function keysOf(items: readonly OrderItemText[]): readonly string[] {
  const keys = items.flatMap((item) => item.readings.map((each) => each.nameKey))
  return [...new Set(keys)].filter((key) => key !== '')
}

/** Resolves items against the variants found for their keys. Nothing may be placed unless `problems` is empty. */
export function resolveOrder(items: readonly OrderItemText[], hits: readonly CatalogueHit[]): ResolvedOrder {
  const quantities = new Map<CatalogueHit, number>()
  const problems: ItemProblem[] = []
  for (const item of items) {
    const outcome = resolveItem(item, hits)
    if ('kind' in outcome) problems.push(outcome)
    else quantities.set(outcome.variant, (quantities.get(outcome.variant) ?? 0) + outcome.quantity)
  }
  const lines: ResolvedLine[] = []
  for (const [variant, quantity] of quantities) {
    const problem = limits(variant, quantity)
    if (problem === null) lines.push({ variant, quantity })
    else problems.push(problem)
  }
  return { lines, problems }
}

function resolveItem(item: OrderItemText, hits: readonly CatalogueHit[]): ResolvedLine | ItemProblem {
  for (const reading of item.readings) {
    const matches = bestMatches(reading, hits)
    const [variant] = matches
    if (variant === undefined) continue
    if (matches.length > 1) return { kind: 'ambiguous', name: reading.name, choices: matches }
    if (!reading.quantity.ok) return { kind: 'quantity', problem: reading.quantity.problem, variant }
    return { variant, quantity: reading.quantity.count }
  }
  const { name, quantity } = item.preferred
  // No name and no number: probably prose, which is answered with how to order.
  if (!quantity.ok && quantity.problem === 'qty_missing')
    return { kind: 'quantity', problem: 'qty_missing', variant: null }
  return { kind: 'not-found', name }
}

/** SKU before full name before alias or product; several of the same rank are a question. */
function bestMatches(reading: Reading, hits: readonly CatalogueHit[]): readonly CatalogueHit[] {
  const named = hits.filter((hit) => reading.nameKey !== '' && hit.searchKeys.includes(reading.nameKey))
  const bySku = named.filter((hit) => nameKey(hit.sku) === reading.nameKey)
  if (bySku.length > 0) return bySku
  const byName = named.filter((hit) => nameKey(hit.fullName) === reading.nameKey)
  return byName.length > 0 ? byName : named
}

function limits(variant: CatalogueHit, quantity: number): ItemProblem | null {
  if (variant.trackStock && quantity > variant.available) {
    return { kind: 'short', variant, wanted: quantity, available: Math.max(0, variant.available) }
  }
  if (quantity > variant.maxPerOrder) return { kind: 'quantity', problem: 'qty_too_large', variant }
  return null
}
