// The demo catalogue as orders see it, without a database: active variants with what they cost and what is left.
import { readFileSync } from 'node:fs'
import type { CatalogueHit } from '../../src/domain/catalogue/variant.ts'
import { asId } from '../../src/domain/ids.ts'

interface DemoVariant {
  readonly sku: string
  readonly name: string
  readonly priceMinor: number
  readonly currency: string
  readonly onHand: number
  readonly lowStockThreshold: number
  readonly active: boolean
}

/** A hit with everything but its name and SKU at an ordinary value. */
export function hit(name: string, sku: string, more: Partial<CatalogueHit> = {}): CatalogueHit {
  return {
    variantId: asId(`variant-of-${sku}`),
    productId: asId(`product-of-${sku}`),
    sku,
    productName: name,
    variantName: '',
    fullName: name,
    priceMinor: 1_000,
    currency: 'USD',
    taxRateBp: 0,
    taxIncluded: true,
    available: 100,
    trackStock: true,
    lowStockThreshold: 0,
    maxPerOrder: 999,
    ...more,
  }
}

/** All active variants of data/demo-catalog.json. */
export function demoHits(): readonly CatalogueHit[] {
  const file = new URL('../../data/demo-catalog.json', import.meta.url)
  const { variants } = JSON.parse(readFileSync(file, 'utf8')) as { variants: readonly DemoVariant[] }
  return variants
    .filter((each) => each.active)
    .map((each) =>
      hit(each.name, each.sku, {
        priceMinor: each.priceMinor,
        currency: each.currency,
        available: each.onHand,
        lowStockThreshold: each.lowStockThreshold,
      }),
    )
}
