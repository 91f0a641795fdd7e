// Products as lists and pages show them. The public sees active products and a word for what is left; staff see numbers.
import type { ProductStatus } from '../domain/catalogue/product.ts'
import { fullName } from '../domain/catalogue/search.ts'
import type { CategoryId, OrgId, ProductId, VariantId } from '../domain/ids.ts'
import type { Minor } from '../domain/money.ts'
import { type Availability, availabilityOf, bestAvailability } from '../domain/stock/level.ts'
import { inSubtree } from './categories.ts'
import type { Queryable } from './database.ts'
import { type Conditions, conditions, containing, type Page, type Paged, paged } from './page.ts'
import type { ImageView } from './product-images.ts'

export interface StockView {
  readonly onHand: number
  readonly reserved: number
  readonly available: number
}

export interface VariantView {
  readonly id: VariantId
  readonly sku: string
  /** The full name, as chat knows it. */
  readonly name: string
  readonly options: Readonly<Record<string, string>>
  readonly priceMinor: Minor
  readonly currency: string
  readonly availability: Availability
  /** Only for staff; null for the public. */
  readonly stock: StockView | null
}

export interface ProductView {
  readonly id: ProductId
  readonly name: string
  readonly slug: string
  readonly description: string
  readonly category: { readonly id: CategoryId; readonly name: string } | null
  readonly status: ProductStatus
  readonly currency: string
  /** The lowest price. */
  readonly priceMinor: Minor
  /** The highest price when variants differ, else null. */
  readonly priceToMinor: Minor | null
  readonly availability: Availability
  /** One without options has one variant of the product's own name: `single` is true, and `sku` and `stock` are its. */
  readonly single: boolean
  readonly sku: string | null
  readonly stock: StockView | null
  readonly variants: readonly VariantView[]
  readonly images: readonly ImageView[]
  readonly version: number
  readonly createdAt: Date
}

export const PRODUCT_SORTS = ['name', 'price', '-createdAt'] as const
export type ProductSort = (typeof PRODUCT_SORTS)[number]

export interface ProductFilter {
  /** Part of a product's name, or of a SKU. */
  readonly q?: string | undefined
  /** This category and all below it. */
  readonly categoryId?: CategoryId | undefined
  readonly inStock?: boolean | undefined
  /** Only for staff; active when not given. */
  readonly status?: ProductStatus | undefined
  /** At least one variant costs no less, no more than this. */
  readonly minPriceMinor?: Minor | undefined
  readonly maxPriceMinor?: Minor | undefined
  readonly sort?: ProductSort | undefined
}

interface VariantJson {
  readonly id: VariantId
  readonly sku: string
  readonly name: string
  readonly options: Readonly<Record<string, string>>
  readonly priceMinor: number
  readonly currency: string
  readonly trackStock: boolean
  readonly lowStockThreshold: number
  readonly onHand: number
  readonly reserved: number
}

interface ProductRow {
  readonly id: ProductId
  readonly name: string
  readonly slug: string
  readonly description: string
  readonly status: ProductStatus
  readonly version: number
  readonly created_at: Date
  readonly category_id: CategoryId | null
  readonly category_name: string | null
  readonly min_price: string
  readonly variants: readonly VariantJson[]
  readonly images: readonly ImageView[]
  readonly sort_key: string
}

const FROM = `from products p
  left join categories g on g.id = p.category_id
  join lateral (
    select min(v.price_minor) as min_price,
      bool_or(not v.track_stock or s.on_hand > s.reserved) as in_stock,
      json_agg(json_build_object('id', v.id, 'sku', v.sku, 'name', v.name, 'options', v.options,
        'priceMinor', v.price_minor, 'currency', v.currency, 'trackStock', v.track_stock,
        'lowStockThreshold', v.low_stock_threshold, 'onHand', coalesce(s.on_hand, 0),
        'reserved', coalesce(s.reserved, 0)) order by v.position, v.id) as variants
    from variants v left join stock_levels s on s.variant_id = v.id where v.product_id = p.id
  ) a on a.variants is not null`

const IMAGES = `(select coalesce(json_agg(json_build_object('id', i.id, 'alt', i.alt, 'position', i.position,
    'width', i.width, 'height', i.height) order by i.position, i.id), '[]'::json)
  from product_images i where i.product_id = p.id) as images`

const SORTS: Record<ProductSort, { readonly key: string; readonly type: string; readonly order: 'asc' | 'desc' }> = {
  name: { key: 'lower(p.name)', type: 'text', order: 'asc' },
  price: { key: 'a.min_price', type: 'bigint', order: 'asc' },
  // Ids are made in the order of time.
  '-createdAt': { key: 'p.id', type: 'uuid', order: 'desc' },
}

/** Products of the organisation. Without `staff` only active ones, and no numbers of stock. */
export async function listProducts(
  q: Queryable,
  orgId: OrgId,
  filter: ProductFilter,
  page: Page,
  viewer: { readonly staff: boolean },
): Promise<Paged<ProductView>> {
  const sort = SORTS[filter.sort ?? 'name']
  const where = conditions()
  where.add('p.org_id = ?', orgId)
  where.add('p.status = ?', viewer.staff ? (filter.status ?? 'active') : 'active')
  narrow(where, filter)
  if (page.cursor !== undefined) {
    const beyond = sort.order === 'asc' ? '>' : '<'
    where.add(`(${sort.key}, p.id) ${beyond} (?::${sort.type}, ?::uuid)`, page.cursor.key, page.cursor.id)
  }
  const rows = await q.rows<ProductRow>(
    `select p.*, g.name as category_name, a.min_price, a.variants, ${IMAGES}, (${sort.key})::text as sort_key ${FROM}
     where ${where.sql()} order by ${sort.key} ${sort.order}, p.id ${sort.order} limit ?`,
    [...where.params, page.limit + 1],
  )
  return paged(
    rows,
    page.limit,
    (row) => ({ key: row.sort_key, id: row.id }),
    (row) => toView(row, viewer.staff),
  )
}

function narrow(where: Conditions, filter: ProductFilter): void {
  if (filter.q !== undefined) {
    const pattern = containing(filter.q)
    const bySku = 'exists (select 1 from variants v where v.product_id = p.id and v.sku ilike ?)'
    where.add(`p.name ilike ? or ${bySku}`, pattern, pattern)
  }
  if (filter.categoryId !== undefined) where.add(inSubtree('p.category_id'), filter.categoryId)
  if (filter.inStock !== undefined) where.add('a.in_stock = ?', filter.inStock)
  if (filter.minPriceMinor !== undefined || filter.maxPriceMinor !== undefined) {
    where.add(
      `exists (select 1 from variants v where v.product_id = p.id
         and v.price_minor >= coalesce(?::bigint, 0) and v.price_minor <= coalesce(?::bigint, v.price_minor))`,
      filter.minPriceMinor ?? null,
      filter.maxPriceMinor ?? null,
    )
  }
}

/** One product; null when it is not there, or not for this viewer. */
export async function findProduct(
  q: Queryable,
  orgId: OrgId,
  id: ProductId,
  viewer: { readonly staff: boolean },
): Promise<ProductView | null> {
  const [row] = await q.rows<ProductRow>(
    `select p.*, g.name as category_name, a.min_price, a.variants, ${IMAGES}, '' as sort_key ${FROM}
     where p.org_id = ? and p.id = ? and (? or p.status = 'active')`,
    [orgId, id, viewer.staff],
  )
  return row === undefined ? null : toView(row, viewer.staff)
}

function toView(row: ProductRow, staff: boolean): ProductView {
  const variants = row.variants.map((variant) => toVariantView(row.name, variant, staff))
  const [first] = variants
  if (first === undefined) throw new Error(`product ${row.id} has no variant`)
  const prices = variants.map((variant) => variant.priceMinor)
  const [low, high] = [Math.min(...prices), Math.max(...prices)]
  const single = variants.length === 1 && first.name === row.name
  return {
    id: row.id,
    name: row.name,
    slug: row.slug,
    description: row.description,
    category: row.category_id === null ? null : { id: row.category_id, name: row.category_name ?? '' },
    status: row.status,
    currency: first.currency,
    priceMinor: low,
    priceToMinor: high === low ? null : high,
    availability: bestAvailability(variants.map((variant) => variant.availability)),
    single,
    sku: single ? first.sku : null,
    stock: single ? first.stock : null,
    variants,
    images: row.images,
    version: row.version,
    createdAt: row.created_at,
  }
}

function toVariantView(productName: string, variant: VariantJson, staff: boolean): VariantView {
  const { id, sku, options, priceMinor, currency, onHand, reserved } = variant
  const available = onHand - reserved
  return {
    id,
    sku,
    name: fullName(productName, variant.name),
    options,
    priceMinor,
    currency,
    availability: availabilityOf({ ...variant, available }),
    stock: staff ? { onHand, reserved, available } : null,
  }
}
