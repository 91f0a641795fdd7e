// Reads what things are called, for the index that chat looks names up in: everything once, and then what changed since a version.
import type { NamedVariant } from '../domain/bot/names.ts'
import type { OrgId, ProductId, VariantId } from '../domain/ids.ts'
import type { Queryable } from './database.ts'

/** How often the catalogue's names have changed; 0 when never. The statement of a message's look may read it beside other things. */
export async function catalogueVersion(q: Queryable, orgId: OrgId): Promise<number> {
  const [row] = await q.rows<{ version: string }>('select version from catalogue_version where org_id = ?', [orgId])
  return row === undefined ? 0 : Number(row.version)
}

export interface ProductNames {
  readonly productId: ProductId
  /** The active variants; none for a product that is not active, or gone. */
  readonly variants: readonly NamedVariant[]
}

interface Row {
  readonly product_id: ProductId
  readonly variant_id: VariantId | null
  readonly sku: string
  readonly product_name: string
  readonly variant_name: string
  readonly aliases: readonly string[]
}

const COLUMNS = 'v.id as variant_id, v.sku, p.name as product_name, v.name as variant_name, v.aliases'

/** Active products in the order of their ids, so many at a time. @param after the last one read; null from the start */
export async function readAllNames(
  q: Queryable,
  orgId: OrgId,
  after: ProductId | null,
  limit: number,
): Promise<readonly ProductNames[]> {
  const rows = await q.rows<Row>(
    `select p.id as product_id, ${COLUMNS}
     from (select id, name from products
           where org_id = ? and status = 'active' and (?::uuid is null or id > ?::uuid) order by id limit ?) p
     left join variants v on v.product_id = p.id order by p.id, v.position, v.id`,
    [orgId, after, after, limit],
  )
  return byProduct(rows)
}

/** The products that changed after this version. */
export async function readChangedNames(q: Queryable, orgId: OrgId, since: number): Promise<readonly ProductNames[]> {
  const rows = await q.rows<Row>(
    `select c.product_id, ${COLUMNS}
     from catalogue_changes c left join products p on p.id = c.product_id and p.status = 'active'
     left join variants v on v.product_id = p.id
     where c.org_id = ? and c.version > ? order by c.product_id, v.position, v.id`,
    [orgId, since],
  )
  return byProduct(rows)
}

function byProduct(rows: readonly Row[]): readonly ProductNames[] {
  return [...Map.groupBy(rows, (row) => row.product_id)].map(([productId, own]) => ({
    productId,
    variants: own.flatMap(({ variant_id, sku, product_name, variant_name, aliases }) => {
      if (variant_id === null) return []
      return [{ variantId: variant_id, productId, sku, productName: product_name, variantName: variant_name, aliases }]
    }),
  }))
}
