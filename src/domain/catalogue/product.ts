// A product as it is entered: checks it, names its variants, and makes what was left out. Whether a name or SKU is
// already taken is asked by persistence, under a lock; a change of one that is there is change.ts.
import { oneLine } from '../contact.ts'
import type { CategoryId } from '../ids.ts'
import type { MoneyInput } from '../money.ts'
import { ok } from '../result.ts'
import { checkName, fault } from './names.ts'
import { normalName } from './search.ts'
import {
  type Checked,
  distinct,
  draftVariant,
  type VariantCode,
  type VariantDraft,
  type VariantInput,
  type VariantTerms,
} from './variant-draft.ts'

export { MAX_PRODUCT_NAME_CHARS, MAX_SKU_CHARS } from './names.ts'
export { MAX_STOCK, nameTaken, skuOf, type VariantDraft, type VariantInput } from './variant-draft.ts'

export const PRODUCT_STATUSES = ['draft', 'active', 'archived'] as const
export type ProductStatus = (typeof PRODUCT_STATUSES)[number]

export const MAX_VARIANTS = 100

/** Either the top-level `price` (with `sku`, `stock`, `aliases`) or `variants`, never both. The other terms are then those of all variants. */
export interface ProductInput extends VariantTerms {
  readonly name: string
  readonly description?: string | undefined
  readonly categoryId?: CategoryId | null | undefined
  readonly status?: ProductStatus | undefined
  readonly price?: MoneyInput | undefined
  readonly stock?: number | undefined
  readonly variants?: readonly VariantInput[] | undefined
}

export interface ProductDraft {
  readonly name: string
  readonly slugBase: string
  readonly description: string
  readonly categoryId: CategoryId | null
  readonly status: ProductStatus
  readonly variants: readonly VariantDraft[]
}

export type ProductCode = VariantCode

/** Checks what was entered for a product and completes it. `currency` is the organisation's. */
export function draftProduct(input: ProductInput, currency: string): Checked<ProductDraft> {
  const name = oneLine(input.name)
  const named = checkName(name, 'name', input.variants === undefined)
  if (!named.ok) return named
  const variants = draftVariants(input, name, currency)
  if (!variants.ok) return variants
  const own = distinct(variants.value)
  if (!own.ok) return own
  return ok({
    name,
    slugBase: slugOf(name),
    description: (input.description ?? '').trim(),
    categoryId: input.categoryId ?? null,
    status: input.status ?? 'active',
    variants: variants.value,
  })
}

function draftVariants(input: ProductInput, productName: string, currency: string): Checked<readonly VariantDraft[]> {
  const place = { productName, currency, path: '', before: null }
  if (input.variants === undefined) {
    if (input.price === undefined) return fault('price', 'Give the product a price, or variants with prices.')
    const single = draftVariant({ ...input, name: '' }, place)
    return single.ok ? ok([single.value]) : single
  }
  if ([input.price, input.sku, input.stock, input.aliases].some((field) => field !== undefined))
    return fault('variants', 'Give price, SKU, stock and aliases either on the product or on its variants, not both.')
  if (input.variants.length === 0 || input.variants.length > MAX_VARIANTS)
    return fault('variants', `A product has 1 to ${MAX_VARIANTS} variants.`)
  const { taxRate, taxIncluded, trackStock, lowStockThreshold, maxPerOrder } = input
  const shared: VariantTerms = { taxRate, taxIncluded, trackStock, lowStockThreshold, maxPerOrder }
  const drafts: VariantDraft[] = []
  for (const [index, each] of input.variants.entries()) {
    const draft = draftVariant(given(shared, each), { ...place, path: `variants[${index}].` })
    if (!draft.ok) return draft
    drafts.push(draft.value)
  }
  return ok(drafts)
}

/** The variant's own word counts, the product's where it says nothing. */
function given(shared: VariantTerms, own: VariantInput): VariantInput {
  const said = Object.entries(own).filter(([, value]) => value !== undefined)
  return { ...shared, ...own, ...Object.fromEntries(said) }
}

/** `Café Grinder` → `cafe-grinder`; `item` when nothing is left. Letters of other scripts stay. */
export function slugOf(name: string): string {
  return normalName(name).replaceAll(' ', '-').slice(0, 80).replace(/-+$/, '') || 'item'
}
