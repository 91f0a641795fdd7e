// Turns resolved items into the lines of an order: snapshots of names, prices and tax that are never read again from
// the catalogue. Reserving stock and giving a number is persistence/orders.ts.
import type { CatalogueHit } from '../catalogue/variant.ts'
import type { VariantId } from '../ids.ts'
import type { Minor } from '../money.ts'
import { type LineTotals, lineTotals, type OrderTotals, orderTotals } from './totals.ts'

export interface WantedLine {
  readonly variant: CatalogueHit
  readonly quantity: number
}

export interface LineSnapshot extends LineTotals {
  readonly variantId: VariantId
  readonly sku: string
  readonly productName: string
  readonly variantName: string
  readonly quantity: number
  readonly unitPriceMinor: Minor
  readonly taxRateBp: number
}

export interface Bill {
  readonly currency: string
  readonly lines: readonly LineSnapshot[]
  readonly totals: OrderTotals
}

/** The bill of these items, the same variant in one line. Throws on no items, mixed currencies or a bad quantity: bugs. */
export function billOf(wanted: readonly WantedLine[]): Bill {
  const merged = mergeVariants(wanted)
  const [first] = merged
  if (first === undefined) throw new Error('an order has at least one line')
  const { currency } = first.variant
  const lines = merged.map((line) => {
    if (line.variant.currency !== currency) throw new Error('one order has one currency')
    return snapshot(line)
  })
  return { currency, lines, totals: orderTotals(lines) }
}

function mergeVariants(wanted: readonly WantedLine[]): readonly WantedLine[] {
  const byVariant = new Map<VariantId, WantedLine>()
  for (const line of wanted) {
    const before = byVariant.get(line.variant.variantId)?.quantity ?? 0
    byVariant.set(line.variant.variantId, { variant: line.variant, quantity: before + line.quantity })
  }
  return [...byVariant.values()]
}

function snapshot({ variant, quantity }: WantedLine): LineSnapshot {
  if (!Number.isSafeInteger(quantity) || quantity < 1) throw new Error(`not a quantity: ${quantity}`)
  const { variantId, sku, productName, variantName, priceMinor: unitPriceMinor, taxRateBp, taxIncluded } = variant
  const totals = lineTotals({ unitPriceMinor, quantity, taxRateBp, taxIncluded })
  return { variantId, sku, productName, variantName, quantity, unitPriceMinor, taxRateBp, ...totals }
}
