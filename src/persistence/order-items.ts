// Finds the goods of an order: by id or SKU for staff who write one, and by name for those who read what is short or no longer sold.
import { fullName } from '../domain/catalogue/search.ts'
import type { CatalogueHit } from '../domain/catalogue/variant.ts'
import type { OrderId, OrgId, VariantId } from '../domain/ids.ts'
import { findSellable } from './catalogue-search.ts'
import type { Queryable } from './database.ts'
import type { ShortLine } from './stock.ts'

/** What is short, so that a person knows what it is. */
export interface ShortItem extends ShortLine {
  readonly sku: string
  readonly name: string
}

interface Named {
  readonly id: VariantId
  readonly sku: string
  readonly product: string
  readonly variant: string
}

export async function shortItems(q: Queryable, short: readonly ShortLine[]): Promise<readonly ShortItem[]> {
  const rows = await q.rows<Named>(
    `select v.id, v.sku, p.name as product, v.name as variant from variants v join products p on p.id = v.product_id
     where v.id = any(?::uuid[])`,
    [short.map(({ variantId }) => variantId)],
  )
  return short.map((line) => {
    const row = rows.find(({ id }) => id === line.variantId)
    return { ...line, sku: row?.sku ?? '', name: row === undefined ? '' : fullName(row.product, row.variant) }
  })
}

/** Names of what stands in this order and is not sold any more. */
export async function unsoldOf(q: Queryable, orderId: OrderId): Promise<readonly string[]> {
  const rows = await q.rows<Omit<Named, 'id' | 'sku'>>(
    `select l.product_name as product, l.variant_name as variant
     from order_lines l join variants v on v.id = l.variant_id join products p on p.id = v.product_id
     where l.order_id = ? and p.status <> 'active' order by l.position`,
    [orderId],
  )
  return rows.map(({ product, variant }) => fullName(product, variant))
}

/** An item as staff name it: by the variant's id or by its SKU, in any case of letters. */
export type ItemName = { readonly variantId: VariantId } | { readonly sku: string }

/** What is sold under each of these names, in their order; null for what is not. */
export async function findItems(
  q: Queryable,
  orgId: OrgId,
  names: readonly ItemName[],
): Promise<readonly (CatalogueHit | null)[]> {
  const hits = await findSellable(q, orgId, {
    ids: names.flatMap((name) => ('variantId' in name ? [name.variantId] : [])),
    skus: names.flatMap((name) => ('sku' in name ? [name.sku] : [])),
  })
  return names.map(
    (name) =>
      hits.find((hit) =>
        'variantId' in name
          ? hit.variantId === name.variantId
          : hit.sku.toLowerCase() === name.sku.trim().toLowerCase(),
      ) ?? null,
  )
}
