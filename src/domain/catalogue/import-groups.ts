// Which rows of a catalogue file are about one product: by their SKU when that is there, else by the product's name, in the catalogue or in
// the file. A row that nobody can place is a fault of its own.
import type { ProductId } from '../ids.ts'
import type { ImportRow, RowFault } from './csv-row.ts'
import type { Group, KnownProduct } from './import-plan.ts'

export interface Known {
  readonly products: ReadonlyMap<ProductId, KnownProduct>
  /** By the SKU in lower case. */
  readonly bySku: ReadonlyMap<string, ProductId>
  /** By the name in lower case; archived ones are not found by it. */
  readonly byName: ReadonlyMap<string, ProductId>
}

export interface Grouped {
  readonly groups: readonly Group[]
  readonly faults: readonly RowFault[]
}

export function groupRows(rows: readonly ImportRow[], known: Known): Grouped {
  const faults: RowFault[] = []
  const lines = new Map<string, number>()
  const groups = new Map<string, { readonly known: KnownProduct | null; readonly rows: ImportRow[] }>()
  const renamed = namesOf(rows, known)
  for (const row of rows) {
    const sku = row.sku.toLowerCase()
    const first = lines.get(sku)
    if (first !== undefined) {
      const message = `The SKU "${row.sku}" is in line ${first} already. Each SKU has one row.`
      faults.push({ line: row.line, column: 'sku', code: 'duplicate-sku', message })
      continue
    }
    lines.set(sku, row.line)
    const name = (row.product ?? '').toLowerCase()
    const id = known.bySku.get(sku) ?? (name === '' ? undefined : (known.byName.get(name) ?? renamed.get(name)))
    if (id === undefined && name === '') {
      const message = 'There is no variant with this SKU yet. A new one needs the name of its product.'
      faults.push({ line: row.line, column: 'product', code: 'product-missing', message })
      continue
    }
    const key = id ?? `name ${name}`
    const group = groups.get(key) ?? { known: id === undefined ? null : (known.products.get(id) ?? null), rows: [] }
    group.rows.push(row)
    groups.set(key, group)
  }
  return { groups: [...groups.values()], faults }
}

/** The names that rows of known SKUs give their products: new variants of those may be in the file under the new name. */
function namesOf(rows: readonly ImportRow[], known: Known): ReadonlyMap<string, ProductId> {
  const names = new Map<string, ProductId>()
  for (const row of rows) {
    const id = known.bySku.get(row.sku.toLowerCase())
    if (id !== undefined && row.product) names.set(row.product.toLowerCase(), id)
  }
  return names
}
