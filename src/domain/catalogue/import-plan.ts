// What a catalogue file would make of the catalogue: rows of one product become one plan, which holds what is written and where the rows are
// wrong. The rules for names, prices and options are those of product.ts. Reading what is there and writing is persistence/catalogue-import.ts.
import type { ProductId, VariantId } from '../ids.ts'
import type { ImportRow, RowFault } from './csv-row.ts'
import { type FieldsOf, mergeProduct, mergeVariant } from './import-merge.ts'
import { draftProduct, type VariantDraft } from './product.ts'
import { searchKeys } from './search.ts'

export interface KnownVariant extends FieldsOf<'variant'> {
  readonly id: VariantId
  readonly sku: string
  readonly onHand: number
}

export interface KnownProduct extends FieldsOf<'product'> {
  readonly id: ProductId
  /** In their order. */
  readonly variants: readonly KnownVariant[]
}

/** The rows that are about one product, and the product when it is there. */
export interface Group {
  readonly known: KnownProduct | null
  readonly rows: readonly ImportRow[]
}

export interface PlannedVariant extends FieldsOf<'variant'> {
  /** Its row; null for a sibling that the file does not name. */
  readonly row: ImportRow | null
  readonly before: KnownVariant | null
  readonly sku: string
  readonly fullName: string
  /** On the shelf at first, for a new one. */
  readonly stock: number
  readonly searchKeys: readonly string[]
  /** Names of the columns that differ from what is there. */
  readonly changes: readonly string[]
}

export interface Plan extends FieldsOf<'product'> {
  readonly before: KnownProduct | null
  readonly rows: readonly ImportRow[]
  readonly variants: readonly PlannedVariant[]
  readonly changes: readonly string[]
}

export type Planned = { readonly plan: Plan } | { readonly faults: readonly RowFault[] }

export interface PlanRules {
  readonly currency: string
  /** May whoever imports take products out of sale for good? */
  readonly mayArchive: boolean
}

/** Plans one product. All that is wrong is named, as far as one thing does not hide another. */
export function planGroup({ known, rows }: Group, rules: PlanRules): Planned {
  const merged = mergeProduct(known, rows)
  if ('faults' in merged) return merged
  const { fields, changes } = merged
  const archives = fields.status === 'archived' && known !== null && known.status !== 'archived'
  if (archives && !rules.mayArchive)
    return { faults: [fault(rows[0], 'status', 'forbidden', 'Your role may not archive products. Ask a manager.')] }

  const bySku = new Map((known?.variants ?? []).map((each) => [each.sku.toLowerCase(), each]))
  const wanted: Omit<PlannedVariant, 'fullName' | 'searchKeys'>[] = []
  const faults: RowFault[] = []
  const rowOf = new Map(rows.map((row) => [row.sku.toLowerCase(), row]))
  for (const before of known?.variants ?? []) {
    const row = rowOf.get(before.sku.toLowerCase()) ?? null
    const made = mergeVariant(before, row)
    if ('fault' in made) faults.push(made.fault)
    else wanted.push({ ...made.fields, row, before, sku: before.sku, stock: 0, changes: made.changes })
  }
  for (const row of rows) {
    if (bySku.has(row.sku.toLowerCase())) continue
    const made = mergeVariant(null, row)
    if ('fault' in made) faults.push(made.fault)
    else wanted.push({ ...made.fields, row, before: null, sku: row.sku, stock: row.stock ?? 0, changes: made.changes })
  }
  if (faults.length > 0) return { faults }

  const same = known !== null && changes.length === 0 && wanted.every((each) => each.changes.length === 0)
  const judged = same ? { drafts: null } : judge(fields.name, wanted, rules.currency)
  if ('faults' in judged) return judged
  const variants = wanted.map((each, index): PlannedVariant => {
    const draft = judged.drafts?.[index]
    const name = draft?.name ?? each.name
    const aliases = draft?.aliases ?? each.aliases
    const full = draft?.fullName ?? (name === '' ? fields.name : `${fields.name} ${name}`)
    return {
      ...each,
      name,
      aliases,
      fullName: full,
      searchKeys: searchKeys({ sku: each.sku, fullName: full, aliases, productName: fields.name }),
    }
  })
  return { plan: { ...fields, before: known, rows, variants, changes } }
}

type Wanted = Omit<PlannedVariant, 'fullName' | 'searchKeys'>

/** Asks the rules of products; a variant that is refused is set aside, so that the others are judged too. */
function judge(
  name: string,
  wanted: readonly Wanted[],
  currency: string,
): { readonly drafts: readonly VariantDraft[] } | { readonly faults: readonly RowFault[] } {
  const faults: RowFault[] = []
  let left = wanted
  while (left.length > 0) {
    const drafted = draftProduct({ name, ...inputOf(left, wanted.length > 1, currency) }, currency)
    if (drafted.ok) return faults.length === 0 ? { drafts: drafted.value.variants } : { faults }
    const { errors, code, message } = drafted.refusal
    const [, at, field] = /^(?:variants\[(\d+)\]\.)?(.*)$/.exec(errors?.[0]?.path ?? '') ?? []
    const culprit = left[Number(at ?? 0)]
    const row = culprit?.row ?? wanted.find((each) => each.row !== null)?.row
    const variantName = culprit !== undefined && culprit.name !== '' && at !== undefined
    faults.push(fault(row ?? undefined, columnOf(field ?? '', variantName), code, message))
    if (at === undefined) break
    left = left.filter((each) => each !== culprit)
  }
  return { faults }
}

function inputOf(wanted: readonly Wanted[], several: boolean, currency: string) {
  const inputs = wanted.map(({ name, sku, options, priceMinor, lowStockThreshold, aliases, stock }) => ({
    ...{ name, sku, options, lowStockThreshold, aliases, stock },
    price: { amount: priceMinor, currency },
  }))
  const [only] = inputs
  if (several || only === undefined || only.name !== '') return { variants: inputs }
  const { name: _, ...single } = only
  return single
}

const COLUMN_OF: Readonly<Record<string, string>> = {
  sku: 'sku',
  price: 'price',
  lowStockThreshold: 'low_stock_threshold',
  stock: 'stock',
  options: 'option:',
}

function columnOf(field: string, variantName: boolean): string {
  if (field.startsWith('aliases')) return 'aliases'
  if (field === 'name') return variantName ? 'variant' : 'product'
  return COLUMN_OF[field] ?? 'product'
}

/**
 * Names that chat could not tell apart: of the plans among themselves, and with the active products that stay as they are.
 * @param taken which active product of the catalogue has a name
 * @returns the plans that cannot be carried out, each with its faults
 */
export function collisions(
  plans: readonly Plan[],
  taken: ReadonlyMap<string, ProductId>,
): ReadonlyMap<Plan, readonly RowFault[]> {
  const failed = new Map<Plan, readonly RowFault[]>()
  for (;;) {
    // A plan that fails leaves its product as it is, with the names it has: others may collide with those.
    const alive = plans.filter((plan) => !failed.has(plan))
    const leaving = new Set(alive.map((plan) => plan.before?.id))
    const owners = new Map<string, Plan | ProductId>([...taken].filter(([, product]) => !leaving.has(product)))
    const before = failed.size
    for (const plan of alive) {
      const faults = plan.status === 'active' ? taking(plan, owners) : []
      if (faults.length > 0) failed.set(plan, faults)
    }
    if (failed.size === before) return failed
  }
}

function taking(plan: Plan, owners: Map<string, Plan | ProductId>): readonly RowFault[] {
  const faults: RowFault[] = []
  for (const variant of plan.variants) {
    const other = variant.searchKeys
      .map((key) => owners.get(key))
      .find((owner) => owner !== undefined && owner !== plan)
    if (other === undefined) continue
    const whose = typeof other === 'string' ? 'another product' : `"${other.name}" in line ${other.rows[0]?.line ?? 0}`
    const message = `Chat could not tell "${variant.fullName}" from ${whose}. Change its name, SKU or aliases.`
    faults.push(fault(variant.row ?? plan.rows[0], 'product', 'name-taken', message))
  }
  if (faults.length === 0)
    for (const { searchKeys: keys } of plan.variants) for (const key of keys) owners.set(key, plan)
  return faults
}

function fault(row: ImportRow | undefined, column: string, code: string, message: string): RowFault {
  return { line: row?.line ?? 0, column, code, message }
}
