// Writes what a catalogue file makes of the catalogue, many rows a statement: categories, products, variants, prices, levels with their first
// receipt, the audit rows. In one transaction, under the organisation's lock (catalogue-import.ts).

import type { KnownVariant, Plan, PlannedVariant } from '../domain/catalogue/import-plan.ts'
import { slugOf } from '../domain/catalogue/product.ts'
import type { CategoryId, OrgId, ProductId, UserId } from '../domain/ids.ts'
import type { Tx } from './database.ts'

export interface ImportWriter {
  readonly orgId: OrgId
  readonly currency: string
  readonly actor: UserId
  readonly newId: () => string
  /** The category of each path (`pathKey`); all that the plans name are there. */
  readonly categoryOf: (path: readonly string[]) => CategoryId | null
}

interface Placed {
  readonly plan: Plan
  readonly productId: ProductId
}

interface Written {
  readonly id: string
  readonly productId: ProductId
  readonly position: number
  readonly variant: PlannedVariant
}

/** Writes these plans. @param slugs gives each new product an address that is free */
export async function writePlans(
  tx: Tx,
  plans: readonly Plan[],
  to: ImportWriter,
  slugs: (name: string) => string,
): Promise<void> {
  const placed = plans.map((plan): Placed => ({ plan, productId: plan.before?.id ?? (to.newId() as ProductId) }))
  await insertProducts(
    tx,
    placed.filter(({ plan }) => plan.before === null),
    to,
    slugs,
  )
  await updateProducts(
    tx,
    placed.filter(({ plan }) => plan.before !== null),
    to,
  )
  const variants = placed.flatMap(({ plan, productId }) =>
    plan.variants.map(
      (variant, position): Written => ({ id: variant.before?.id ?? to.newId(), productId, position, variant }),
    ),
  )
  const fresh = variants.filter(({ variant }) => variant.before === null)
  const renamed = new Set(
    placed.filter(({ plan }) => plan.changes.includes('product')).map(({ productId }) => productId),
  )
  // A product's name is one of the names of all its variants.
  const kept = variants.filter(
    ({ variant, productId }) => variant.before !== null && (variant.changes.length > 0 || renamed.has(productId)),
  )
  await insertVariants(tx, fresh, to)
  await updateVariants(tx, kept)
  await notePrices(tx, [...fresh, ...kept.filter(({ variant }) => variant.changes.includes('price'))], to)
  await openLevels(tx, fresh, to)
  await appendAudits(tx, placed, to)
}

async function insertProducts(tx: Tx, placed: readonly Placed[], to: ImportWriter, slugs: (name: string) => string) {
  if (placed.length === 0) return
  await tx.run(
    `insert into products (id, org_id, category_id, name, slug, description, status)
     select p.id, ?, p.category_id, p.name, p.slug, p.description, p.status
     from unnest(?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[])
       as p (id, category_id, name, slug, description, status)`,
    [
      to.orgId,
      placed.map(({ productId }) => productId),
      placed.map(({ plan }) => to.categoryOf(plan.category)),
      placed.map(({ plan }) => plan.name),
      placed.map(({ plan }) => slugs(slugOf(plan.name))),
      placed.map(({ plan }) => plan.description),
      placed.map(({ plan }) => plan.status),
    ],
  )
}

async function updateProducts(tx: Tx, placed: readonly Placed[], to: ImportWriter) {
  if (placed.length === 0) return
  await tx.run(
    `update products p set name = n.name, description = n.description, status = n.status,
       category_id = case when n.moved then n.category_id else p.category_id end, version = p.version + 1, updated_at = now()
     from unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::uuid[], ?::boolean[])
       as n (id, name, description, status, category_id, moved) where p.id = n.id`,
    [
      placed.map(({ productId }) => productId),
      placed.map(({ plan }) => plan.name),
      placed.map(({ plan }) => plan.description),
      placed.map(({ plan }) => plan.status),
      placed.map(({ plan }) => to.categoryOf(plan.category)),
      placed.map(({ plan }) => plan.changes.includes('category')),
    ],
  )
}

/** The columns of variants that both statements write, one value a variant. Lists travel as JSON: there are no arrays of arrays. */
function columnsOf(written: readonly Written[]): readonly unknown[] {
  const of = <T>(pick: (variant: PlannedVariant) => T) => written.map(({ variant }) => pick(variant))
  return [
    written.map(({ id }) => id),
    of((each) => each.name),
    of((each) => JSON.stringify(each.options)),
    of((each) => each.priceMinor),
    of((each) => each.taxRateBp),
    of((each) => each.taxIncluded),
    of((each) => each.lowStockThreshold),
    of((each) => each.maxPerOrder),
    of((each) => JSON.stringify(each.aliases)),
    of((each) => JSON.stringify(each.searchKeys)),
  ]
}

const COLUMNS = `unnest(?::uuid[], ?::text[], ?::text[], ?::bigint[], ?::int[], ?::boolean[], ?::int[], ?::int[], ?::text[], ?::text[]`
const NAMES =
  'id, name, options, price_minor, tax_rate_bp, tax_included, low_stock_threshold, max_per_order, aliases, search_keys'
const listed = (column: string) => `array(select jsonb_array_elements_text(n.${column}::jsonb))`

async function insertVariants(tx: Tx, written: readonly Written[], to: ImportWriter) {
  if (written.length === 0) return
  await tx.run(
    `insert into variants (id, org_id, product_id, sku, position, name, options, price_minor, currency, tax_rate_bp, tax_included,
       low_stock_threshold, max_per_order, aliases, search_keys)
     select n.id, ?, n.product_id, n.sku, n.position, n.name, n.options::jsonb, n.price_minor, ?, n.tax_rate_bp, n.tax_included,
       n.low_stock_threshold, n.max_per_order, ${listed('aliases')}, ${listed('search_keys')}
     from ${COLUMNS}, ?::uuid[], ?::text[], ?::int[]) as n (${NAMES}, product_id, sku, position)`,
    [
      to.orgId,
      to.currency,
      ...columnsOf(written),
      written.map(({ productId }) => productId),
      written.map(({ variant }) => variant.sku),
      written.map(({ position }) => position),
    ],
  )
}

async function updateVariants(tx: Tx, written: readonly Written[]) {
  if (written.length === 0) return
  await tx.run(
    `update variants v set name = n.name, options = n.options::jsonb, price_minor = n.price_minor, tax_rate_bp = n.tax_rate_bp,
       tax_included = n.tax_included, low_stock_threshold = n.low_stock_threshold, max_per_order = n.max_per_order,
       aliases = ${listed('aliases')}, search_keys = ${listed('search_keys')}, version = v.version + n.changed
     from ${COLUMNS}, ?::int[]) as n (${NAMES}, changed) where v.id = n.id`,
    // Of a sibling whose product was renamed only the names in chat follow.
    [...columnsOf(written), written.map(({ variant }) => (variant.changes.length > 0 ? 1 : 0))],
  )
}

async function notePrices(tx: Tx, written: readonly Written[], to: ImportWriter) {
  if (written.length === 0) return
  await tx.run(
    `insert into price_history (id, variant_id, price_minor, changed_by)
     select n.id, n.variant_id, n.price_minor, ? from unnest(?::uuid[], ?::uuid[], ?::bigint[]) as n (id, variant_id, price_minor)`,
    [
      to.actor,
      written.map(() => to.newId()),
      written.map(({ id }) => id),
      written.map(({ variant }) => variant.priceMinor),
    ],
  )
}

/** Levels of new variants, with what is on the shelf as their first receipt. */
async function openLevels(tx: Tx, fresh: readonly Written[], to: ImportWriter) {
  if (fresh.length === 0) return
  await tx.run(
    `insert into stock_levels (variant_id, on_hand, reserved)
     select n.id, n.stock, 0 from unnest(?::uuid[], ?::int[]) as n (id, stock)`,
    [fresh.map(({ id }) => id), fresh.map(({ variant }) => variant.stock)],
  )
  const received = fresh.filter(({ variant }) => variant.stock > 0)
  if (received.length === 0) return
  await tx.run(
    `insert into stock_movements (id, variant_id, kind, on_hand_delta, reserved_delta, on_hand_after, reserved_after, reason,
       actor_type, actor_id)
     select n.id, n.variant_id, 'receipt', n.stock, 0, n.stock, 0, 'initial stock', 'user', ?
     from unnest(?::uuid[], ?::uuid[], ?::int[]) as n (id, variant_id, stock)`,
    [
      to.actor,
      received.map(() => to.newId()),
      received.map(({ id }) => id),
      received.map(({ variant }) => variant.stock),
    ],
  )
}

/** One row a product: what it is, or what of it changed, from what to what. */
async function appendAudits(tx: Tx, placed: readonly Placed[], to: ImportWriter) {
  const entries = placed.map(({ plan, productId }) => {
    const { before } = plan
    if (before === null) {
      const prices = plan.variants.map((each) => each.priceMinor)
      return {
        productId,
        action: 'product.create',
        before: null,
        after: { name: plan.name, status: plan.status, prices },
      }
    }
    const changed = plan.variants.filter((each) => each.changes.length > 0)
    const fieldsOf = (from: Pick<Plan, 'name' | 'description' | 'status' | 'category'>) => {
      const all = { product: from.name, description: from.description, status: from.status, category: from.category }
      return Object.fromEntries(Object.entries(all).filter(([name]) => plan.changes.includes(name)))
    }
    return {
      productId,
      action: 'product.update',
      before: {
        ...fieldsOf(before),
        variants: changed.map((each) => (each.before === null ? null : auditOf(each.before))),
      },
      after: { ...fieldsOf(plan), variants: changed.map(auditOf) },
    }
  })
  await tx.run(
    `insert into audit_log (id, org_id, actor_id, action, subject, before, after)
     select n.id, ?, ?, n.action, n.subject, n.before::jsonb, n.after::jsonb
     from unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[]) as n (id, action, subject, before, after)`,
    [
      to.orgId,
      to.actor,
      entries.map(() => to.newId()),
      entries.map(({ action }) => action),
      entries.map(({ productId }) => productId),
      entries.map(({ before }) => (before === null ? null : JSON.stringify(before))),
      entries.map(({ after }) => JSON.stringify(after)),
    ],
  )
}

function auditOf(from: KnownVariant | PlannedVariant) {
  const { sku, name, options, priceMinor, taxRateBp, taxIncluded, lowStockThreshold, maxPerOrder, aliases } = from
  return { sku, name, options, priceMinor, taxRateBp, taxIncluded, lowStockThreshold, maxPerOrder, aliases }
}
