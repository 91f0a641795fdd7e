// How products look from outside. What is for staff alone is there only when the store gave it.

import { asId, type CategoryId } from '../domain/ids.ts'
import type { ProductView, VariantView } from '../persistence/catalogue-views.ts'
import { imageView } from './image-view.ts'
import { moneyView } from './views.ts'

export function productOut(row: ProductView, locale: string) {
  const { id, name, slug, description, category, status, availability, sku, stock, version, currency } = row
  return {
    id,
    name,
    slug,
    description,
    category,
    status,
    price: moneyView(row.priceMinor, currency, locale),
    ...(row.priceToMinor === null ? {} : { priceTo: moneyView(row.priceToMinor, currency, locale) }),
    availability,
    sku,
    ...(stock === null ? {} : { stock }),
    images: row.images.map((each) => imageView(id, each)),
    variants: row.variants.map((variant) => variantOut(variant, locale)),
    version,
  }
}

export function variantOut({ terms, stock, ...variant }: VariantView, locale: string) {
  const { id, sku, name, options, priceMinor, currency, availability } = variant
  return {
    id,
    sku,
    name,
    options: { ...options },
    price: moneyView(priceMinor, currency, locale),
    availability,
    ...(stock === null ? {} : { stock }),
    ...(terms === null ? {} : termsOut(terms)),
  }
}

function termsOut({ aliases, taxRateBp, ...terms }: NonNullable<VariantView['terms']>) {
  const { taxIncluded, trackStock, lowStockThreshold, maxPerOrder, version } = terms
  return {
    aliases: [...aliases],
    taxRate: taxRateBp / 100,
    taxIncluded,
    trackStock,
    lowStockThreshold,
    maxPerOrder,
    version,
  }
}

/** The category a body names, null for none; nothing when it says nothing. */
export function categoryIn(id: string | null | undefined): CategoryId | null | undefined {
  return typeof id === 'string' ? asId<CategoryId>(id) : id
}
