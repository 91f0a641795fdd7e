// The demo catalogue's names as chat looks them up, without a database: active variants, grouped by their products.
import { readFileSync } from 'node:fs'
import { type NamedVariant, namesOf } from '../../src/domain/bot/names.ts'
import { asId } from '../../src/domain/ids.ts'

interface DemoVariant {
  readonly sku: string
  readonly name: string
  readonly aliases: readonly string[]
  readonly active: boolean
  readonly product?: string
}

/** All active variants of data/demo-catalog.json. */
export function demoVariants(): readonly NamedVariant[] {
  const file = new URL('../../data/demo-catalog.json', import.meta.url)
  const { variants } = JSON.parse(readFileSync(file, 'utf8')) as { variants: readonly DemoVariant[] }
  return variants
    .filter(({ active }) => active)
    .map(({ sku, name, aliases, product }) => named(name, sku, aliases, product))
}

/** A variant of a product of its own, or one of several of `product`. */
export function named(name: string, sku: string, aliases: readonly string[] = [], product?: string): NamedVariant {
  return {
    variantId: asId(`variant-of-${sku}`),
    productId: asId(`product-of-${product ?? sku}`),
    sku,
    productName: product ?? name,
    variantName: product === undefined ? '' : name,
    aliases,
  }
}

export const demoNames = () => namesOf(demoVariants())
