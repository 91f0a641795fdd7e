// A variant: the thing that is sold, with its price, tax and limits. A product without options has exactly one.
import type { ProductId, VariantId } from '../ids.ts'
import type { Minor } from '../money.ts'

/** A variant as chat and orders need it: what it is called, what it costs, what is left. */
export interface CatalogueHit {
  readonly variantId: VariantId
  readonly productId: ProductId
  readonly sku: string
  readonly productName: string
  /** The variant's own part of the name; empty for the single variant of a product. */
  readonly variantName: string
  readonly fullName: string
  readonly priceMinor: Minor
  readonly currency: string
  /** Tax rate in hundredths of a percent: 1900 is 19 %. */
  readonly taxRateBp: number
  /** The price contains the tax. */
  readonly taxIncluded: boolean
  readonly available: number
  readonly trackStock: boolean
  readonly lowStockThreshold: number
  readonly maxPerOrder: number
}
