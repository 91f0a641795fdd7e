// Lays a row over what is there: which fields it changes, and what a new variant or product needs to be one. A column that is left out changes
// nothing; an empty text is empty; an empty number, yes-or-no or status stays what it is.
import { oneLine } from '../contact.ts'
import type { Minor } from '../money.ts'
import type { ImportRow, RowFault } from './csv-row.ts'
import type { ProductStatus } from './product.ts'

interface VariantFields {
  /** Its own part of the name. */
  readonly name: string
  readonly options: Readonly<Record<string, string>>
  readonly priceMinor: Minor
  readonly taxRateBp: number
  readonly taxIncluded: boolean
  readonly lowStockThreshold: number
  readonly maxPerOrder: number
  readonly aliases: readonly string[]
}

interface ProductFields {
  readonly name: string
  readonly description: string
  readonly status: ProductStatus
  /** From the top down. */
  readonly category: readonly string[]
}

export type FieldsOf<What extends 'variant' | 'product'> = What extends 'variant' ? VariantFields : ProductFields

interface Merged<Fields> {
  readonly fields: Fields
  /** Names of the columns that differ. */
  readonly changes: readonly string[]
}

const MAX_PER_ORDER = 999
const FRESH: VariantFields = {
  name: '',
  options: {},
  priceMinor: 0,
  taxRateBp: 0,
  taxIncluded: true,
  lowStockThreshold: 0,
  maxPerOrder: MAX_PER_ORDER,
  aliases: [],
}

export function mergeVariant(
  before: VariantFields | null,
  row: ImportRow | null,
): Merged<VariantFields> | { readonly fault: RowFault } {
  if (row === null) return { fields: before ?? FRESH, changes: [] }
  if (before === null && row.priceMinor === undefined) {
    const message = 'A new variant needs a price.'
    return { fault: { line: row.line, column: 'price', code: 'price-missing', message } }
  }
  const was = before ?? FRESH
  const { options, changed } = mergeOptions(was.options, row.options)
  const fields: VariantFields = {
    name: row.variant ?? was.name,
    options,
    priceMinor: row.priceMinor ?? was.priceMinor,
    taxRateBp: row.taxRateBp ?? was.taxRateBp,
    taxIncluded: row.taxIncluded ?? was.taxIncluded,
    lowStockThreshold: row.lowStockThreshold ?? was.lowStockThreshold,
    maxPerOrder: row.maxPerOrder ?? was.maxPerOrder,
    aliases: row.aliases ?? was.aliases,
  }
  const differs: readonly (readonly [string, boolean])[] = [
    ['variant', fields.name !== was.name],
    ['price', fields.priceMinor !== was.priceMinor],
    ['tax_rate', fields.taxRateBp !== was.taxRateBp],
    ['tax_included', fields.taxIncluded !== was.taxIncluded],
    ['low_stock_threshold', fields.lowStockThreshold !== was.lowStockThreshold],
    ['max_per_order', fields.maxPerOrder !== was.maxPerOrder],
    ['aliases', !equal(fields.aliases, was.aliases)],
  ]
  return { fields, changes: [...differs.filter(([, is]) => is).map(([column]) => column), ...changed] }
}

function mergeOptions(was: Readonly<Record<string, string>>, cells: Readonly<Record<string, string>>) {
  const options: Record<string, string> = { ...was }
  const changed: string[] = []
  for (const [name, value] of Object.entries(cells)) {
    // As a cell would show it.
    if (oneLine(was[name] ?? '') === value) continue
    changed.push(`option:${name}`)
    if (value === '') delete options[name]
    else options[name] = value
  }
  return { options, changed }
}

export function mergeProduct(
  before: ProductFields | null,
  rows: readonly ImportRow[],
): Merged<ProductFields> | { readonly faults: readonly RowFault[] } {
  const faults: RowFault[] = []
  /** The one value that the rows name; those that name another are faults. */
  const agreed = <T>(
    column: string,
    values: readonly (T | undefined)[],
    blank: (value: T) => boolean,
  ): T | undefined => {
    const named = values.map((value, index) => ({ value, line: rows[index]?.line ?? 0 }))
    const first = named.find(({ value }) => value !== undefined && !blank(value))
    for (const { value, line } of named) {
      if (first === undefined || value === undefined || blank(value)) continue
      if (JSON.stringify(value) === JSON.stringify(first.value)) continue
      const message = `Line ${first.line} says something else for the same product. Rows of one product agree on ${column}.`
      faults.push({ line, column, code: 'product-differs', message })
    }
    return first?.value ?? values.find((value) => value !== undefined)
  }
  const empty = (text: string) => text === ''
  const name =
    agreed(
      'product',
      rows.map((row) => row.product),
      empty,
    ) || before?.name
  const fields = {
    name: name ?? '',
    description:
      agreed(
        'description',
        rows.map((row) => row.description),
        empty,
      ) ??
      before?.description ??
      '',
    status:
      agreed(
        'status',
        rows.map((row) => row.status),
        () => false,
      ) ??
      before?.status ??
      'active',
    category:
      agreed(
        'category',
        rows.map((row) => row.category),
        (path) => path.length === 0,
      ) ??
      before?.category ??
      [],
  }
  if (faults.length > 0) return { faults }
  const differs: readonly (readonly [string, boolean])[] = [
    ['product', fields.name !== before?.name],
    ['description', fields.description !== before?.description.trim()],
    ['status', fields.status !== before?.status],
    ['category', before === null || !samePath(fields.category, before.category)],
  ]
  const changes = before === null ? [] : differs.filter(([, is]) => is).map(([column]) => column)
  // What is the same but for spaces stays as it is.
  if (before === null) return { fields, changes }
  const kept = { description: changes.includes('description') ? fields.description : before.description }
  return { fields: { ...fields, ...kept }, changes }
}

/** Names of categories are told in any case. */
function samePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name.toLowerCase() === b[index]?.toLowerCase())
}

function equal(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, index) => each === b[index])
}
