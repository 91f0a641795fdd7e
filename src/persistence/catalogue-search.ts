// What is sold, as chat and orders need it: by ids, page by page, by category. Only active products, always with what is left now. Which words
// mean which of it is domain/bot/names.ts.
import { fullName, nameKey } from '../domain/catalogue/search.ts'
import type { CatalogueHit } from '../domain/catalogue/variant.ts'
import type { CategoryId, OrgId, ProductId, VariantId } from '../domain/ids.ts'
import { inSubtree } from './categories.ts'
import type { Queryable } from './database.ts'
import { conditions } from './page.ts'

interface HitRow {
  readonly variant_id: VariantId
  readonly product_id: ProductId
  readonly sku: string
  readonly product_name: string
  readonly variant_name: string
  readonly price_minor: string
  readonly currency: string
  readonly tax_rate_bp: number
  readonly tax_included: boolean
  readonly available: number
  readonly track_stock: boolean
  readonly low_stock_threshold: number
  readonly max_per_order: number
}

const HITS = `select v.id as variant_id, p.id as product_id, v.sku, p.name as product_name, v.name as variant_name,
    v.price_minor, v.currency, v.tax_rate_bp, v.tax_included, coalesce(s.on_hand - s.reserved, 0) as available,
    v.track_stock, v.low_stock_threshold, v.max_per_order
  from variants v join products p on p.id = v.product_id left join stock_levels s on s.variant_id = v.id`

function toHit(row: HitRow): CatalogueHit {
  return {
    variantId: row.variant_id,
    productId: row.product_id,
    sku: row.sku,
    productName: row.product_name,
    variantName: row.variant_name,
    fullName: fullName(row.product_name, row.variant_name),
    priceMinor: Number(row.price_minor),
    currency: row.currency,
    taxRateBp: row.tax_rate_bp,
    taxIncluded: row.tax_included,
    available: row.available,
    trackStock: row.track_stock,
    lowStockThreshold: row.low_stock_threshold,
    maxPerOrder: row.max_per_order,
  }
}

/** These variants as they are now, those of them that are active; in no order. */
export async function findActiveVariants(
  q: Queryable,
  orgId: OrgId,
  ids: readonly VariantId[],
): Promise<readonly CatalogueHit[]> {
  if (ids.length === 0) return []
  const rows = await q.rows<HitRow>(`${HITS} where v.org_id = ? and p.status = 'active' and v.id = any(?::uuid[])`, [
    orgId,
    ids,
  ])
  return rows.map(toHit)
}

/** What there is of the same category, other than this, in the order the shop added it. */
export async function alikeInStock(
  q: Queryable,
  orgId: OrgId,
  variantId: VariantId,
  limit: number,
): Promise<readonly CatalogueHit[]> {
  const rows = await q.rows<HitRow>(
    `${HITS} where v.org_id = ? and p.status = 'active' and v.id <> ?
       and p.category_id = (select sp.category_id from variants sv join products sp on sp.id = sv.product_id where sv.id = ?)
       and (not v.track_stock or s.on_hand > s.reserved) order by p.id, v.position, v.id limit ?`,
    [orgId, variantId, variantId, limit],
  )
  return rows.map(toHit)
}

/** The name of a product to show how to buy with: the first that is in stock, else the first; null in an empty shop. */
export async function exampleName(q: Queryable, orgId: OrgId): Promise<string | null> {
  const [row] = await q.rows<HitRow>(
    `${HITS} where v.org_id = ? and p.status = 'active'
     order by (not v.track_stock or coalesce(s.on_hand > s.reserved, false)) desc, p.id, v.position limit 1`,
    [orgId],
  )
  return row === undefined ? null : toHit(row).fullName
}

export interface CatalogPageQuery {
  readonly offset: number
  readonly limit: number
  /** This category and all below it. */
  readonly categoryId?: CategoryId | undefined
  readonly productIds?: readonly ProductId[] | undefined
}

/** The variants on one catalogue page, in the order the shop added them, and how many there are on all pages. */
export async function catalogPage(
  q: Queryable,
  orgId: OrgId,
  page: CatalogPageQuery,
): Promise<{ readonly items: readonly CatalogueHit[]; readonly total: number }> {
  const where = conditions()
  where.add('v.org_id = ?', orgId)
  where.add(`p.status = 'active'`)
  if (page.categoryId !== undefined) where.add(inSubtree('p.category_id'), page.categoryId)
  if (page.productIds !== undefined) where.add('p.id = any(?::uuid[])', page.productIds)
  const rows = await q.rows<HitRow>(`${HITS} where ${where.sql()} order by p.id, v.position, v.id limit ? offset ?`, [
    ...where.params,
    page.limit,
    page.offset,
  ])
  const [count] = await q.rows<{ n: number }>(
    `select count(*)::int as n from variants v join products p on p.id = v.product_id where ${where.sql()}`,
    where.params,
  )
  return { items: rows.map(toHit), total: count?.n ?? 0 }
}

/** The category a customer means by these words: its name or slug, compared like names of products. */
export async function findCategoryByWords(
  q: Queryable,
  orgId: OrgId,
  words: string,
): Promise<{ readonly id: CategoryId; readonly name: string } | null> {
  const key = nameKey(words)
  if (key === '') return null
  const rows = await q.rows<{ id: CategoryId; name: string; slug: string }>(
    'select id, name, slug from categories where org_id = ? order by position, id',
    [orgId],
  )
  const found = rows.find((row) => nameKey(row.name) === key || nameKey(row.slug) === key)
  return found === undefined ? null : { id: found.id, name: found.name }
}

/** Every active variant with one of these ids or SKUs, in any case of letters. */
export async function findSellable(
  q: Queryable,
  orgId: OrgId,
  wanted: { readonly ids: readonly VariantId[]; readonly skus: readonly string[] },
): Promise<readonly CatalogueHit[]> {
  const rows = await q.rows<HitRow>(
    `${HITS} where v.org_id = ? and p.status = 'active' and (v.id = any(?::uuid[]) or lower(v.sku) = any(?::text[]))`,
    [orgId, wanted.ids, wanted.skus.map((sku) => sku.trim().toLowerCase())],
  )
  return rows.map(toHit)
}
