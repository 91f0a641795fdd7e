// What changes when staff change a product, add a variant or change one: the product as it shall be, checked as a whole. Names and values
// that stay are not judged again, so that a rule that came later stops nobody from changing a price.
import { oneLine } from '../contact.ts'
import type { CategoryId, ProductId, VariantId } from '../ids.ts'
import type { MoneyInput } from '../money.ts'
import { ok, type Result, refuse } from '../result.ts'
import { checkName, fault } from './names.ts'
import { MAX_VARIANTS, type ProductDraft, type ProductStatus } from './product.ts'
import {
  type Checked,
  distinct,
  draftVariant,
  type KnownVariant,
  type VariantChange,
  type VariantDraft,
  type VariantInput,
  type VariantTerms,
} from './variant-draft.ts'

/** A product that is stored. */
export interface KnownProduct {
  readonly id: ProductId
  readonly name: string
  readonly slug: string
  readonly description: string
  readonly categoryId: CategoryId | null
  readonly status: ProductStatus
  readonly version: number
  readonly variants: readonly KnownVariant[]
}

/** What is not given stays. Price, SKU and the like are for a product with one variant; the tax is for all of them. */
export interface ProductChange extends VariantTerms {
  readonly name?: string | undefined
  readonly description?: string | undefined
  readonly categoryId?: CategoryId | null | undefined
  readonly status?: ProductStatus | undefined
  readonly price?: MoneyInput | undefined
}

/** The fields of a change that speak of one variant. */
const OF_ONE = ['price', 'sku', 'aliases', 'trackStock', 'lowStockThreshold', 'maxPerOrder'] as const

/** @param currency the organisation's, in which new prices are */
export function changeProduct(known: KnownProduct, change: ProductChange, currency: string): Checked<ProductDraft> {
  const name = change.name === undefined ? known.name : oneLine(change.name)
  const single = known.variants.length === 1
  if (name !== known.name) {
    const named = checkName(name, 'name', single)
    if (!named.ok) return named
  }
  const field = OF_ONE.find((each) => change[each] !== undefined)
  if (field !== undefined && !single)
    return fault(field, 'This product has variants: change each of them, at /api/variants/:id.')
  const { taxRate, taxIncluded } = change
  const terms: VariantChange = single ? { ...change, name: undefined } : { taxRate, taxIncluded }
  const variants: VariantDraft[] = []
  for (const before of known.variants) {
    const draft = draftVariant(terms, { productName: name, currency, path: '', before })
    if (!draft.ok) return draft
    variants.push(draft.value)
  }
  return whole(
    {
      ...asDraft(known),
      name,
      description: change.description?.trim() ?? known.description,
      categoryId: change.categoryId === undefined ? known.categoryId : change.categoryId,
      status: change.status ?? known.status,
    },
    variants,
  )
}

export function changeVariant(
  known: KnownProduct,
  id: VariantId,
  change: VariantChange,
  currency: string,
): Checked<ProductDraft> {
  const before = known.variants.find((each) => each.id === id)
  if (before === undefined) throw new Error(`product ${known.id} has no variant ${id}`)
  const changed = draftVariant(change, { productName: known.name, currency, path: '', before })
  if (!changed.ok) return changed
  // The changed one last, so that a collision is said of it.
  const others = known.variants.filter((each) => each.id !== id)
  return whole(asDraft(known), [...others, changed.value])
}

export function addVariant(known: KnownProduct, input: VariantInput, currency: string): Checked<ProductDraft> {
  if (known.variants.length >= MAX_VARIANTS) return fault('name', `A product has at most ${MAX_VARIANTS} variants.`)
  if (oneLine(input.name) === '') return fault('name', 'Give the variant a name of its own, like "Red".')
  const added = draftVariant(input, { productName: known.name, currency, path: '', before: null })
  if (!added.ok) return added
  return whole(asDraft(known), [...known.variants, added.value])
}

/** May this variant go? Says nothing of orders: those are known to the database. */
export function removable(known: KnownProduct): Result<void, 'last-variant'> {
  if (known.variants.length > 1) return ok(undefined)
  return refuse('last-variant', 'A product has at least one variant. Archive or delete the product instead.')
}

function asDraft({ name, slug, description, categoryId, status, variants }: KnownProduct): ProductDraft {
  return { name, slugBase: slug, description, categoryId, status, variants }
}

function whole(draft: ProductDraft, variants: readonly VariantDraft[]): Checked<ProductDraft> {
  const own = distinct(variants)
  return own.ok ? ok({ ...draft, variants }) : own
}
