// Variants as they are written: new ones with their first price, their level and what is on the shelf; changed ones with the price they
// had noted. Names and SKUs were found free before, under the organisation's lock.
import type { ProductDraft, VariantDraft } from '../domain/catalogue/product.ts'
import { nameKey, searchKeys } from '../domain/catalogue/search.ts'
import type { KnownVariant } from '../domain/catalogue/variant-draft.ts'
import type { OrgId, ProductId, UserId, VariantId } from '../domain/ids.ts'
import { holdersOf } from './chat-names.ts'
import type { Tx } from './database.ts'
import { recordPrices } from './price-history.ts'
import { openLevel, receive } from './stock.ts'

export interface Writing {
  readonly orgId: OrgId
  readonly productId: ProductId
  readonly productName: string
  readonly actor: UserId | null
  readonly newId: () => string
}

/** A variant with its SKU, whoever chose it. */
export type Named = VariantDraft & { readonly sku: string }

/** Gives those without a SKU one that is free, as a SKU and as a name in chat. */
export async function withSkus(
  tx: Tx,
  orgId: OrgId,
  productId: ProductId,
  draft: ProductDraft,
): Promise<readonly Named[]> {
  const keys = new Set(draft.variants.flatMap((each) => searchKeys({ ...each, sku: each.sku ?? '' })))
  const named: Named[] = []
  for (const variant of draft.variants) {
    const sku = variant.sku ?? (await freeSku(tx, orgId, productId, variant, keys))
    keys.add(nameKey(sku))
    named.push({ ...variant, sku })
  }
  return named
}

/** `BLUE-MUG`, or `BLUE-MUG-2`, … The lock is held, so what is free stays free. */
async function freeSku(
  tx: Tx,
  orgId: OrgId,
  productId: ProductId,
  { skuBase, fullName }: VariantDraft,
  siblings: ReadonlySet<string>,
): Promise<string> {
  for (let suffix = 1; ; suffix += 1) {
    const candidate = suffix === 1 ? skuBase : `${skuBase}-${suffix}`
    const key = nameKey(candidate)
    if (siblings.has(key) && key !== nameKey(fullName)) continue
    if (await skuTaken(tx, orgId, candidate)) continue
    if ((await holdersOf(tx, orgId, [key], productId)).size === 0) return candidate
  }
}

async function skuTaken(tx: Tx, orgId: OrgId, sku: string): Promise<boolean> {
  const rows = await tx.rows('select 1 from variants where org_id = ? and lower(sku) = lower(?)', [orgId, sku])
  return rows.length > 0
}

const VALUES = `options = ?::jsonb, price_minor = ?, currency = ?, tax_rate_bp = ?, tax_included = ?, track_stock = ?,
  low_stock_threshold = ?, max_per_order = ?, aliases = ?::text[], search_keys = ?::text[]`

function valuesOf(variant: Named, productName: string): readonly unknown[] {
  return [
    JSON.stringify(variant.options),
    variant.priceMinor,
    variant.currency,
    variant.taxRateBp,
    variant.taxIncluded,
    variant.trackStock,
    variant.lowStockThreshold,
    variant.maxPerOrder,
    variant.aliases,
    searchKeys({ ...variant, productName }),
  ]
}

/** Puts new variants after those that are there. */
export async function insertVariants(
  tx: Tx,
  to: Writing,
  variants: readonly Named[],
  firstPosition: number,
): Promise<void> {
  const made: { readonly id: VariantId; readonly variant: Named }[] = []
  for (const [index, variant] of variants.entries()) {
    const id = to.newId() as VariantId
    made.push({ id, variant })
    await tx.run(
      `insert into variants (id, org_id, product_id, sku, name, position, options, price_minor, currency, tax_rate_bp,
         tax_included, track_stock, low_stock_threshold, max_per_order, aliases, search_keys)
       values (?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?, ?, ?, ?, ?, ?, ?::text[], ?::text[])`,
      [
        id,
        to.orgId,
        to.productId,
        variant.sku,
        variant.name,
        firstPosition + index,
        ...valuesOf(variant, to.productName),
      ],
    )
  }
  const prices = made.map(({ id, variant }) => ({ variantId: id, priceMinor: variant.priceMinor }))
  await recordPrices(tx, prices, to.actor, to.newId)
  const by = { type: to.actor === null ? 'system' : 'user', id: to.actor } as const
  for (const { id, variant } of made) {
    await openLevel(tx, id)
    if (variant.stock === 0) continue
    const received = await receive(tx, id, variant.stock, 'initial stock', by, to.newId)
    if (!received.ok) throw new Error('the level just opened is not there')
  }
}

/** Writes those that differ from what they were. @returns their fields that changed, as they were and as they are */
export async function updateVariants(
  tx: Tx,
  to: Writing,
  before: readonly KnownVariant[],
  after: readonly Named[],
  productRenamed: boolean,
): Promise<readonly VariantDifference[]> {
  const changes: VariantDifference[] = []
  for (const variant of after) {
    const was = before.find((each) => each.id === variant.id)
    if (was === undefined) throw new Error('a variant that is not the product’s was changed')
    const difference = differenceOf(was, variant)
    if (difference === null && !productRenamed) continue
    await tx.run(`update variants set sku = ?, name = ?, ${VALUES}, version = version + ? where id = ?`, [
      variant.sku,
      variant.name,
      ...valuesOf(variant, to.productName),
      difference === null ? 0 : 1,
      was.id,
    ])
    if (difference !== null) changes.push(difference)
  }
  const prices = changes.filter(({ after: { priceMinor } }) => priceMinor !== undefined)
  await recordPrices(
    tx,
    prices.map(({ id, priceMinor }) => ({ variantId: id, priceMinor })),
    to.actor,
    to.newId,
  )
  return changes
}

export interface VariantDifference {
  readonly id: VariantId
  readonly sku: string
  readonly priceMinor: number
  readonly before: Readonly<Record<string, unknown>>
  readonly after: Readonly<Record<string, unknown>>
}

const FIELDS = [
  'sku',
  'name',
  'options',
  'priceMinor',
  'currency',
  'taxRateBp',
  'taxIncluded',
  'trackStock',
  'lowStockThreshold',
  'maxPerOrder',
  'aliases',
] as const

function differenceOf(was: KnownVariant, is: Named): VariantDifference | null {
  const fields = FIELDS.filter((field) => JSON.stringify(was[field]) !== JSON.stringify(is[field]))
  if (fields.length === 0) return null
  const pick = (from: Named) => Object.fromEntries(fields.map((field) => [field, from[field]]))
  return { id: was.id, sku: is.sku, priceMinor: is.priceMinor, before: pick(was), after: pick(is) }
}
