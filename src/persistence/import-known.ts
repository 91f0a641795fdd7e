// What a catalogue file may touch, as it is now: the products of its SKUs and names, with all their variants. Bounded by the file, not by
// the catalogue.

import type { Known } from '../domain/catalogue/import-groups.ts'
import type { KnownProduct, KnownVariant } from '../domain/catalogue/import-plan.ts'
import type { ProductStatus } from '../domain/catalogue/product.ts'
import type { CategoryId, OrgId, ProductId } from '../domain/ids.ts'
import type { Queryable } from './database.ts'

export interface CategoryPaths {
  /** From the top down. */
  readonly of: ReadonlyMap<CategoryId, readonly string[]>
  /** By its path in lower case, as JSON; of two with one path the elder. */
  readonly byPath: ReadonlyMap<string, CategoryId>
}

export const pathKey = (path: readonly string[]): string => JSON.stringify(path.map((name) => name.toLowerCase()))

export async function categoryPaths(q: Queryable, orgId: OrgId): Promise<CategoryPaths> {
  const rows = await q.rows<{ id: CategoryId; parent_id: CategoryId | null; name: string }>(
    'select id, parent_id, name from categories where org_id = ? order by id desc',
    [orgId],
  )
  const byId = new Map(rows.map((row) => [row.id, row]))
  const pathOf = (id: CategoryId, below: readonly string[] = []): readonly string[] => {
    const row = byId.get(id)
    if (row === undefined) return below
    const path = [row.name, ...below]
    return row.parent_id === null ? path : pathOf(row.parent_id, path)
  }
  const of = new Map(rows.map(({ id }) => [id, pathOf(id)]))
  return { of, byPath: new Map([...of].map(([id, path]) => [pathKey(path), id])) }
}

interface ProductRow {
  readonly id: ProductId
  readonly name: string
  readonly description: string
  readonly status: ProductStatus
  readonly category_id: CategoryId | null
}

type VariantRow = Omit<KnownVariant, 'priceMinor'> & { readonly productId: ProductId; readonly priceMinor: string }

/**
 * @param lock holds the products as they are until the transaction ends: what was compared is what is changed
 */
export async function readKnown(
  q: Queryable,
  orgId: OrgId,
  wanted: { readonly skus: readonly string[]; readonly names: readonly string[] },
  categories: CategoryPaths,
  lock: boolean,
): Promise<Known> {
  const products = await q.rows<ProductRow>(
    `select id, name, description, status, category_id from products
     where org_id = ? and id in (
       select product_id from variants where org_id = ? and lower(sku) = any(?::text[])
       union
       select id from products where org_id = ? and status <> 'archived' and lower(name) = any(?::text[]))
     order by id ${lock ? 'for no key update' : ''}`,
    [orgId, orgId, wanted.skus, orgId, wanted.names],
  )
  const variants = await q.rows<VariantRow>(
    `select v.id, v.product_id as "productId", v.sku, v.name, v.options, v.price_minor as "priceMinor",
       v.tax_rate_bp as "taxRateBp", v.tax_included as "taxIncluded", v.low_stock_threshold as "lowStockThreshold",
       v.max_per_order as "maxPerOrder", v.aliases, coalesce(s.on_hand, 0) as "onHand"
     from variants v left join stock_levels s on s.variant_id = v.id
     where v.product_id = any(?::uuid[]) order by v.product_id, v.position, v.id`,
    [products.map(({ id }) => id)],
  )
  const byProduct = Map.groupBy(variants, ({ productId }) => productId)
  const known = products.map((row): KnownProduct => {
    const own = (byProduct.get(row.id) ?? []).map(
      ({ productId: _, priceMinor, ...variant }): KnownVariant => ({
        ...variant,
        priceMinor: Number(priceMinor),
      }),
    )
    const category = row.category_id === null ? [] : (categories.of.get(row.category_id) ?? [])
    const { id, name, description, status } = row
    return { id, name, description, status, category, variants: own }
  })
  return {
    products: new Map(known.map((product) => [product.id, product])),
    bySku: new Map(variants.map(({ sku, productId }) => [sku.toLowerCase(), productId])),
    byName: new Map(
      known.filter(({ status }) => status !== 'archived').map(({ name, id }) => [name.toLowerCase(), id] as const),
    ),
  }
}

const KEYS_AT_ONCE = 2_000

/** Which active product has these names. */
export async function namesTaken(
  q: Queryable,
  orgId: OrgId,
  keys: readonly string[],
): Promise<ReadonlyMap<string, ProductId>> {
  const taken = new Map<string, ProductId>()
  for (let from = 0; from < keys.length; from += KEYS_AT_ONCE) {
    const some = keys.slice(from, from + KEYS_AT_ONCE)
    const rows = await q.rows<{ key: string; product_id: ProductId }>(
      `select k.key, v.product_id from variants v join products p on p.id = v.product_id
         cross join lateral unnest(v.search_keys) as k(key)
       where v.org_id = ? and p.status = 'active' and v.search_keys && ?::text[] and k.key = any(?::text[])`,
      [orgId, some, some],
    )
    for (const { key, product_id } of rows) taken.set(key, product_id)
  }
  return taken
}
