// Puts the demo shop's catalogue (data/demo-catalog.json) into an organisation, through the same stores that HTTP uses.
// Safe to run again: what is there already is left alone.
import { readFileSync } from 'node:fs'
import { uuidv7 } from 'uuidv7'
import type { ProductInput, VariantInput } from '../../src/domain/catalogue/product.ts'
import type { CategoryId, OrgId } from '../../src/domain/ids.ts'
import { majorText } from '../../src/domain/money.ts'
import { createProduct } from '../../src/persistence/catalogue.ts'
import { createCategory, listCategories } from '../../src/persistence/categories.ts'
import type { Database } from '../../src/persistence/database.ts'

export interface DemoVariant {
  readonly sku: string
  readonly name: string
  readonly category: string
  readonly priceMinor: number
  readonly currency: string
  readonly onHand: number
  readonly lowStockThreshold: number
  readonly aliases: readonly string[]
  readonly active: boolean
  /** The product it is a variant of, when it has siblings. */
  readonly product?: string
  readonly options?: Readonly<Record<string, string>>
}

export interface DemoFile {
  readonly currency: string
  readonly categories: readonly { readonly slug: string; readonly name: string; readonly parent: string | null }[]
  readonly variants: readonly DemoVariant[]
}

export function demoFile(): DemoFile {
  const path = new URL('../../data/demo-catalog.json', import.meta.url)
  return JSON.parse(readFileSync(path, 'utf8')) as DemoFile
}

/** @returns how many categories and products were made; the organisation's currency must be the file's (USD). Not `stocked`: the shelves stay empty. */
export async function demoCatalogue(
  db: Database,
  organization: { readonly id: OrgId; readonly currency: string },
  newId: () => string = uuidv7,
  { stocked = true }: { readonly stocked?: boolean } = {},
): Promise<{ readonly categories: number; readonly products: number }> {
  const file = demoFile()
  if (file.currency !== organization.currency)
    throw new Error(`the demo catalogue is in ${file.currency}, the organisation in ${organization.currency}`)
  const made = await makeCategories(db, organization.id, file, newId)
  let products = 0
  for (const input of productsOf(
    file.variants.map((each) => (stocked ? each : { ...each, onHand: 0 })),
    made.bySlug,
  )) {
    const product = await createProduct(db, organization, input, null, newId)
    if (product.ok) products += 1
    else if (!['name-taken', 'sku-taken'].includes(product.refusal.code))
      throw new Error(`${input.name}: ${product.refusal.message}`)
  }
  return { categories: made.count, products }
}

async function makeCategories(db: Database, orgId: OrgId, file: DemoFile, newId: () => string) {
  const bySlug = new Map((await listCategories(db, orgId)).map((each) => [each.slug, each.id]))
  let count = 0
  for (const [position, { slug, name, parent }] of file.categories.entries()) {
    if (bySlug.has(slug)) continue
    const parentId = parent === null ? null : (bySlug.get(parent) ?? null)
    const category = await createCategory(db, orgId, { name, slug, parentId, position }, null, newId)
    if (!category.ok) throw new Error(`${name}: ${category.refusal.message}`)
    bySlug.set(slug, category.value.id)
    count += 1
  }
  return { bySlug, count }
}

/** Variants of the same product become one input, where the first of them stands. */
function productsOf(
  variants: readonly DemoVariant[],
  categories: ReadonlyMap<string, CategoryId>,
): readonly ProductInput[] {
  const byProduct = Map.groupBy(variants, (variant) => variant.product ?? variant.name)
  return [...byProduct].flatMap(([name, [first, ...others]]): readonly ProductInput[] => {
    if (first === undefined) return []
    const status = first.active ? 'active' : 'archived'
    const shared = { name, status, categoryId: categories.get(first.category) ?? null } as const
    if (first.product === undefined) return [{ ...shared, ...inputOf(first), name }]
    return [{ ...shared, variants: [first, ...others].map(inputOf) }]
  })
}

function inputOf(variant: DemoVariant): VariantInput {
  const { name, sku, aliases, lowStockThreshold, onHand, currency, priceMinor } = variant
  const options = variant.options === undefined ? {} : { options: variant.options }
  return { name, sku, aliases, lowStockThreshold, stock: onHand, price: majorText(priceMinor, currency), ...options }
}
