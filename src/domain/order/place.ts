// Turns resolved items into the lines of an order: snapshots of names, prices and tax that are never read again from
// the catalogue. Reserving stock and giving a number is persistence/orders.ts.
import type { CatalogueHit } from '../catalogue/variant.ts'
import type { VariantId } from '../ids.ts'
import type { Minor } from '../money.ts'
import { type LineTotals, type OrderTotals, type PricedLine, priceOrder, type Terms } from './totals.ts'

export interface WantedLine {
  readonly variant: CatalogueHit
  readonly quantity: number
  /** Off the whole line. */
  readonly discountMinor?: Minor | undefined
}

/** What was sold, as it was called and priced then. */
export interface SoldLine {
  readonly sku: string
  readonly productName: string
  readonly variantName: string
  readonly quantity: number
  readonly unitPriceMinor: Minor
  readonly taxRateBp: number
}

export interface LineSnapshot extends SoldLine, LineTotals {
  readonly variantId: VariantId
}

export interface Bill {
  readonly currency: string
  readonly lines: readonly LineSnapshot[]
  readonly totals: OrderTotals
}

/**
 * The bill of these items, the same variant in one line. Throws on no items, mixed currencies, a bad quantity or a discount larger than
 * the goods: bugs.
 */
export function billOf(wanted: readonly WantedLine[], terms: Terms = {}): Bill {
  const merged = mergeVariants(wanted)
  const [first] = merged
  if (first === undefined) throw new Error('an order has at least one line')
  const { currency } = first.variant
  for (const { variant, quantity } of merged) {
    if (variant.currency !== currency) throw new Error('one order has one currency')
    if (!Number.isSafeInteger(quantity) || quantity < 1) throw new Error(`not a quantity: ${quantity}`)
  }
  const priced = priceOrder(merged.map(pricedLine), terms)
  if (!priced.ok) throw new Error(priced.refusal.message)
  const lines = merged.map((line, index): LineSnapshot => {
    const figures = priced.value.lines[index]
    if (figures === undefined) throw new Error('a line without its figures')
    const { variantId, sku, productName, variantName, priceMinor: unitPriceMinor, taxRateBp } = line.variant
    return { variantId, sku, productName, variantName, quantity: line.quantity, unitPriceMinor, taxRateBp, ...figures }
  })
  return { currency, lines, totals: priced.value.totals }
}

/** What a line costs is computed from this. */
export function pricedLine({ variant, quantity, discountMinor }: WantedLine): PricedLine {
  const { priceMinor: unitPriceMinor, taxRateBp, taxIncluded } = variant
  return { unitPriceMinor, quantity, taxRateBp, taxIncluded, discountMinor }
}

/** The same variant in one line: quantities and discounts are added up. */
export function mergeVariants(wanted: readonly WantedLine[]): readonly WantedLine[] {
  const byVariant = new Map<VariantId, WantedLine>()
  for (const { variant, quantity, discountMinor = 0 } of wanted) {
    const before = byVariant.get(variant.variantId)
    byVariant.set(variant.variantId, {
      variant,
      quantity: (before?.quantity ?? 0) + quantity,
      discountMinor: (before?.discountMinor ?? 0) + discountMinor,
    })
  }
  return [...byVariant.values()]
}
