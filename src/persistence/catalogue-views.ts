// Products as lists and pages show them. The public sees active products and a word for what is left; staff see numbers.
import type { ProductStatus } from '../domain/catalogue/product.ts'
import { fullName, nameKey } from '../domain/catalogue/search.ts'
import type { CategoryId, OrgId, ProductId, VariantId } from '../domain/ids.ts'
import type { Minor } from '../domain/money.ts'
import { type Availability, availabilityOf, bestAvailability } from '../domain/stock/level.ts'
import { inSubtree } from './categories.ts'
import type { Queryable } from './database.ts'
import { type Conditions, conditions, containing, type Page, type Paged, paged } from './page.ts'
import type { ImageView } from './product-images.ts'
import type { Statement } from './statement.ts'

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
  /** Only for staff; null for the public. */
  readonly terms: TermsView | null
}

/** What staff set for a variant beside its price. */
export interface TermsView {
  readonly aliases: readonly string[]
  /** Hundredths of a percent. */
  readonly taxRateBp: number
  readonly taxIncluded: boolean
  readonly trackStock: boolean
  readonly lowStockThreshold: number
  readonly maxPerOrder: number
  readonly version: number
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

export const PRODUCT_SORTS = ['name', '-name', 'price', '-price', 'createdAt', '-createdAt'] as const
export type ProductSort = (typeof PRODUCT_SORTS)[number]

export interface ProductFilter {
  /** Part of a name, an alias or a SKU; letters are compared without accents and case. */
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
  readonly taxRateBp: number
  readonly taxIncluded: boolean
  readonly trackStock: boolean
  readonly lowStockThreshold: number
  readonly maxPerOrder: number
  readonly aliases: readonly string[]
  readonly version: number
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
  readonly variants: readonly VariantJson[]
  readonly images: readonly ImageView[]
  readonly sort_key: string
}

const COLUMNS =
  'p.id, p.name, p.slug, p.description, p.status, p.version, p.created_at, p.category_id, p.min_price_minor'

// Each column by its name: a statement that says "all of them" is planned anew each time (prepared.ts).
/** Products with all that is shown of them, in one statement: what is asked of each is asked only of those that `found` holds. */
const withVariants = (found: string) => `select ${COLUMNS}, p.sort_key, g.name as category_name, a.variants, b.images
  from (${found}) p left join categories g on g.id = p.category_id
  cross join lateral (
    select json_agg(json_build_object('id', v.id, 'sku', v.sku, 'name', v.name, 'options', v.options,
        'priceMinor', v.price_minor, 'currency', v.currency, 'taxRateBp', v.tax_rate_bp, 'taxIncluded', v.tax_included,
        'trackStock', v.track_stock, 'lowStockThreshold', v.low_stock_threshold, 'maxPerOrder', v.max_per_order,
        'aliases', v.aliases, 'version', v.version, 'onHand', coalesce(s.on_hand, 0),
        'reserved', coalesce(s.reserved, 0)) order by v.position, v.id) as variants
    from variants v left join stock_levels s on s.variant_id = v.id where v.product_id = p.id
  ) a cross join lateral (
    select coalesce(json_agg(json_build_object('id', i.id, 'alt', i.alt, 'position', i.position, 'width', i.width,
        'height', i.height) order by i.position, i.id), '[]'::json) as images
    from product_images i where i.product_id = p.id
  ) b`

interface Sort {
  readonly key: string
  readonly type: string
  readonly order: 'asc' | 'desc'
}

const BY_NAME = { key: 'lower(p.name)', type: 'text' } as const
const BY_PRICE = { key: 'p.min_price_minor', type: 'bigint' } as const
// Ids are made in the order of time.
const BY_AGE = { key: 'p.id', type: 'uuid' } as const
const SORTS: Record<ProductSort, Sort> = {
  name: { ...BY_NAME, order: 'asc' },
  '-name': { ...BY_NAME, order: 'desc' },
  price: { ...BY_PRICE, order: 'asc' },
  '-price': { ...BY_PRICE, order: 'desc' },
  createdAt: { ...BY_AGE, order: 'asc' },
  '-createdAt': { ...BY_AGE, order: 'desc' },
}

/** Products of the organisation. Without `staff` only active ones, and no numbers of stock. */
export async function listProducts(
  q: Queryable,
  orgId: OrgId,
  filter: ProductFilter,
  page: Page,
  viewer: { readonly staff: boolean },
): Promise<Paged<ProductView>> {
  const { sql, params } = productPage(orgId, filter, page, viewer)
  return paged(
    await q.rows<ProductRow>(sql, params),
    page.limit,
    (row) => ({ key: row.sort_key, id: row.id }),
    (row) => toView(row, viewer.staff),
  )
}

/** The statement of a page, one row more than its limit. */
export function productPage(
  orgId: OrgId,
  filter: ProductFilter,
  page: Page,
  viewer: { readonly staff: boolean },
): Statement {
  const { key, type, order } = SORTS[filter.sort ?? 'name']
  const where = wanted(orgId, filter, viewer)
  if (page.cursor !== undefined) {
    const beyond = order === 'asc' ? '>' : '<'
    where.add(`(${key}, p.id) ${beyond} (?::${type}, ?::uuid)`, page.cursor.key, page.cursor.id)
  }
  // What has the words is found first and put in order then ("offset 0" keeps the two apart): walking the list in its order until enough
  // have them looks cheaper to the planner, and reads all of the catalogue when the words are rare or stand late in the alphabet.
  const matching = `products p where ${where.sql()}`
  const searched = (filter.q?.length ?? 0) >= LEAST_KEY_CHARS
  const from = searched ? `(select ${COLUMNS} from ${matching} offset 0) p` : matching
  const found = `select ${COLUMNS}, (${key})::text as sort_key from ${from} order by ${key} ${order}, p.id ${order} limit ?`
  return {
    sql: `${withVariants(found)} order by ${key} ${order}, p.id ${order}`,
    params: [...where.params, page.limit + 1],
  }
}

/** How many there are on all pages together. */
export async function countProducts(
  q: Queryable,
  orgId: OrgId,
  filter: ProductFilter,
  viewer: { readonly staff: boolean },
): Promise<number> {
  const where = wanted(orgId, filter, viewer)
  const [row] = await q.rows<{ n: number }>(
    `select count(*)::int as n from products p where ${where.sql()}`,
    where.params,
  )
  return row?.n ?? 0
}

function wanted(orgId: OrgId, filter: ProductFilter, viewer: { readonly staff: boolean }): Conditions {
  const where = conditions()
  where.add('p.org_id = ?', orgId)
  where.add('p.status = ?', viewer.staff ? (filter.status ?? 'active') : 'active')
  where.add('p.min_price_minor is not null')
  narrow(where, filter)
  return where
}

/** Shorter normal forms would find too much, and the index knows none. */
const LEAST_KEY_CHARS = 3

function narrow(where: Conditions, filter: ProductFilter): void {
  if (filter.q !== undefined) {
    const words = filter.q.toLowerCase()
    const key = nameKey(filter.q)
    if (key.length < LEAST_KEY_CHARS || key === words) where.add('p.search_text like ?', containing(words))
    else where.add('p.search_text like ? or p.search_text like ?', containing(words), containing(key))
  }
  if (filter.categoryId !== undefined) where.add(inSubtree('p.category_id'), filter.categoryId)
  if (filter.inStock !== undefined)
    where.add(
      `exists (select 1 from variants v left join stock_levels s on s.variant_id = v.id
         where v.product_id = p.id and (not v.track_stock or s.on_hand > s.reserved)) = ?`,
      filter.inStock,
    )
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
  const found = `select ${COLUMNS}, '' as sort_key from products p
    where p.org_id = ? and p.id = ? and (? or p.status = 'active')`
  const [row] = await q.rows<ProductRow>(withVariants(found), [orgId, id, viewer.staff])
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
  const { aliases, taxRateBp, taxIncluded, trackStock, lowStockThreshold, maxPerOrder, version } = variant
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
    terms: staff ? { aliases, taxRateBp, taxIncluded, trackStock, lowStockThreshold, maxPerOrder, version } : null,
  }
}
