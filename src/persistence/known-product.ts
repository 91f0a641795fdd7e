// A product as staff are about to change it, with everything that may be changed.
import type { KnownProduct } from '../domain/catalogue/change.ts'
import type { ProductStatus } from '../domain/catalogue/product.ts'
import { fullName } from '../domain/catalogue/search.ts'
import { type KnownVariant, skuOf } from '../domain/catalogue/variant-draft.ts'
import type { CategoryId, OrgId, ProductId, VariantId } from '../domain/ids.ts'
import type { Queryable, Tx } from './database.ts'

interface ProductRow {
  readonly id: ProductId
  readonly name: string
  readonly slug: string
  readonly description: string
  readonly category_id: CategoryId | null
  readonly status: ProductStatus
  readonly version: number
}

interface VariantRow {
  readonly id: VariantId
  readonly sku: string
  readonly name: string
  readonly options: Readonly<Record<string, string>>
  readonly price_minor: string
  readonly currency: string
  readonly tax_rate_bp: number
  readonly tax_included: boolean
  readonly track_stock: boolean
  readonly low_stock_threshold: number
  readonly max_per_order: number
  readonly aliases: readonly string[]
  readonly version: number
}

/** Keeps others from changing it until the transaction ends. Null when there is no such product. */
export async function lockProduct(q: Tx, orgId: OrgId, id: ProductId): Promise<KnownProduct | null> {
  const [row] = await q.rows<ProductRow>(
    `select id, name, slug, description, category_id, status, version from products where org_id = ? and id = ?
     for no key update`,
    [orgId, id],
  )
  if (row === undefined) return null
  const variants = await q.rows<VariantRow>(
    `select id, sku, name, options, price_minor, currency, tax_rate_bp, tax_included, track_stock, low_stock_threshold,
       max_per_order, aliases, version
     from variants where product_id = ? order by position, id`,
    [id],
  )
  const { category_id: categoryId, ...product } = row
  return { ...product, categoryId, variants: variants.map((each) => toKnown(row.name, each)) }
}

/** The product of a variant; null when there is none. */
export async function productOf(q: Queryable, orgId: OrgId, id: VariantId): Promise<ProductId | null> {
  const [row] = await q.rows<{ product_id: ProductId }>('select product_id from variants where org_id = ? and id = ?', [
    orgId,
    id,
  ])
  return row?.product_id ?? null
}

function toKnown(productName: string, row: VariantRow): KnownVariant {
  const full = fullName(productName, row.name)
  return {
    id: row.id,
    name: row.name,
    fullName: full,
    sku: row.sku,
    skuBase: skuOf(full),
    options: row.options,
    priceMinor: Number(row.price_minor),
    currency: row.currency,
    taxRateBp: row.tax_rate_bp,
    taxIncluded: row.tax_included,
    trackStock: row.track_stock,
    stock: 0,
    lowStockThreshold: row.low_stock_threshold,
    maxPerOrder: row.max_per_order,
    aliases: row.aliases,
    path: '',
    version: row.version,
  }
}
