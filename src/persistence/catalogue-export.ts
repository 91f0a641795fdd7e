// The catalogue as rows of a file, one a variant, in the order products were made: read page by page, in the columns that an import reads.

import { COLUMNS, type Column, joinCell, OPTION } from '../domain/catalogue/csv-columns.ts'
import { guarded } from '../domain/catalogue/csv-row.ts'
import type { ProductStatus } from '../domain/catalogue/product.ts'
import type { CategoryId, OrgId } from '../domain/ids.ts'
import { majorText } from '../domain/money.ts'
import type { Queryable } from './database.ts'
import { categoryPaths } from './import-known.ts'

export interface CatalogueFile {
  readonly header: readonly string[]
  readonly rows: AsyncIterable<readonly string[]>
}

interface Row {
  readonly product_id: string
  readonly product: string
  readonly description: string
  readonly status: ProductStatus
  readonly category_id: CategoryId | null
  readonly sku: string
  readonly variant: string
  readonly options: Readonly<Record<string, string>>
  readonly price_minor: string
  readonly currency: string
  readonly tax_rate_bp: number
  readonly tax_included: boolean
  readonly low_stock_threshold: number
  readonly max_per_order: number
  readonly aliases: readonly string[]
  readonly on_hand: number
}

/** @param filter all products, or those of one status @param batch how many products are read at once */
export async function exportCatalogue(
  q: Queryable,
  orgId: OrgId,
  filter: { readonly status?: ProductStatus | undefined },
  batch: number,
): Promise<CatalogueFile> {
  const named = await q.rows<{ name: string }>(
    'select distinct o.name from variants v cross join lateral jsonb_object_keys(v.options) as o(name) where v.org_id = ? order by 1',
    [orgId],
  )
  const options = named.map(({ name }) => name)
  return {
    header: [...COLUMNS, ...options.map((name) => `${OPTION}${name}`)],
    rows: rowsOf(q, orgId, filter.status ?? null, batch, options),
  }
}

async function* rowsOf(
  q: Queryable,
  orgId: OrgId,
  status: ProductStatus | null,
  batch: number,
  options: readonly string[],
): AsyncGenerator<readonly string[]> {
  const { of: paths } = await categoryPaths(q, orgId)
  let after = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const rows = await q.rows<Row>(
      `with page as (
         select * from products where org_id = ? and id > ? and (?::text is null or status = ?) order by id limit ?
       )
       select p.id as product_id, p.name as product, p.description, p.status, p.category_id, v.sku, v.name as variant, v.options,
         v.price_minor, v.currency, v.tax_rate_bp, v.tax_included, v.low_stock_threshold, v.max_per_order, v.aliases,
         coalesce(s.on_hand, 0) as on_hand
       from page p join variants v on v.product_id = p.id left join stock_levels s on s.variant_id = v.id
       order by p.id, v.position, v.id`,
      [orgId, after, status, status, batch],
    )
    const last = rows.at(-1)
    if (last === undefined) return
    for (const row of rows) {
      const cells = cellsOf(row, row.category_id === null ? [] : (paths.get(row.category_id) ?? []))
      yield [...COLUMNS.map((column) => cells[column]), ...options.map((name) => guarded(row.options[name] ?? ''))]
    }
    after = last.product_id
  }
}

function cellsOf(row: Row, category: readonly string[]): Readonly<Record<Column, string>> {
  return {
    sku: guarded(row.sku),
    product: guarded(row.product),
    variant: guarded(row.variant),
    category: guarded(joinCell(category, '>')),
    price: majorText(Number(row.price_minor), row.currency),
    currency: row.currency,
    tax_rate: String(row.tax_rate_bp / 100),
    tax_included: row.tax_included ? 'yes' : 'no',
    stock: String(row.on_hand),
    low_stock_threshold: String(row.low_stock_threshold),
    max_per_order: String(row.max_per_order),
    aliases: guarded(joinCell(row.aliases, '|')),
    status: row.status,
    description: guarded(row.description),
  }
}
