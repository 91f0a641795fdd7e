// Products as staff make them and as lists show them. What makes a good product is domain/catalogue/product.ts; how chat
// finds one is catalogue-search.ts.
import {
  draftProduct,
  nameTaken,
  type ProductCode,
  type ProductDraft,
  type ProductInput,
  type VariantDraft,
} from '../domain/catalogue/product.ts'
import { searchKeys } from '../domain/catalogue/search.ts'
import type { OrgId, ProductId, UserId, VariantId } from '../domain/ids.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import { appendAudit } from './audit.ts'
import { findProduct, type ProductView } from './catalogue-views.ts'
import type { Database, Tx } from './database.ts'
import { openLevel, receive } from './stock.ts'
import { lockOrganization } from './users.ts'

export type CreateProductCode = ProductCode | 'sku-taken' | 'category-not-found'

/**
 * Makes a product with its variants, their stock and the first row of their price history. `currency` is the
 * organisation's. Names are compared with all active variants under the organisation's lock, so that two products of one
 * name cannot come in side by side.
 */
export async function createProduct(
  db: Database,
  org: { readonly id: OrgId; readonly currency: string },
  input: ProductInput,
  actor: UserId | null,
  newId: () => string,
): Promise<Result<ProductView, CreateProductCode>> {
  const drafted = draftProduct(input, org.currency)
  if (!drafted.ok) return drafted
  const draft = drafted.value
  return db.transaction(async (tx): Promise<Result<ProductView, CreateProductCode>> => {
    await lockOrganization(tx, org.id)
    const free = await checkFree(tx, org.id, draft)
    if (!free.ok) return free
    const productId = newId() as ProductId
    await insertProduct(tx, org.id, productId, draft)
    for (const [position, variant] of draft.variants.entries()) {
      await insertVariant(tx, org.id, { productId, draft, variant, position, actor }, newId)
    }
    const after = { name: draft.name, status: draft.status, prices: draft.variants.map((each) => each.priceMinor) }
    await appendAudit(tx, {
      id: newId(),
      orgId: org.id,
      actorId: actor,
      action: 'product.create',
      subject: productId,
      after,
    })
    const view = await findProduct(tx, org.id, productId, { staff: true })
    if (view === null) throw new Error('the product just written is not there')
    return ok(view)
  })
}

/** Is everything the draft wants for itself still free? */
async function checkFree(tx: Tx, orgId: OrgId, draft: ProductDraft): Promise<Result<void, CreateProductCode>> {
  if (draft.categoryId !== null) {
    const found = await tx.rows('select 1 from categories where id = ? and org_id = ?', [draft.categoryId, orgId])
    if (found.length === 0) return refuse('category-not-found', 'There is no category with this categoryId.')
  }
  for (const variant of draft.variants) {
    if (variant.sku !== null && (await skuTaken(tx, orgId, variant.sku))) {
      const message = `The SKU ${variant.sku} is taken. Choose another.`
      return refuse('sku-taken', message, { errors: [{ path: `${variant.path}sku`, code: 'sku-taken', message }] })
    }
    const keys = searchKeys({ ...variant, sku: variant.sku ?? '', productName: draft.name })
    const taken = await tx.rows(
      `select 1 from variants v join products p on p.id = v.product_id
       where v.org_id = ? and p.status <> 'archived' and v.search_keys && ?::text[] limit 1`,
      [orgId, keys],
    )
    if (taken.length > 0) return nameTaken(variant)
  }
  return ok(undefined)
}

async function skuTaken(tx: Tx, orgId: OrgId, sku: string): Promise<boolean> {
  const rows = await tx.rows('select 1 from variants where org_id = ? and lower(sku) = lower(?)', [orgId, sku])
  return rows.length > 0
}

/** `base`, or `base-2`, `base-3`, … The organisation's lock is held, so what is free stays free. */
async function firstFree(base: string, taken: (candidate: string) => Promise<boolean>): Promise<string> {
  let candidate = base
  for (let suffix = 2; await taken(candidate); suffix += 1) candidate = `${base}-${suffix}`
  return candidate
}

async function insertProduct(tx: Tx, orgId: OrgId, id: ProductId, draft: ProductDraft): Promise<void> {
  const slug = await firstFree(draft.slugBase, async (candidate) => {
    const rows = await tx.rows('select 1 from products where org_id = ? and slug = ?', [orgId, candidate])
    return rows.length > 0
  })
  await tx.run(
    'insert into products (id, org_id, category_id, name, slug, description, status) values (?, ?, ?, ?, ?, ?, ?)',
    [id, orgId, draft.categoryId, draft.name, slug, draft.description, draft.status],
  )
}

interface NewVariant {
  readonly productId: ProductId
  readonly draft: ProductDraft
  readonly variant: VariantDraft
  readonly position: number
  readonly actor: UserId | null
}

async function insertVariant(tx: Tx, orgId: OrgId, made: NewVariant, newId: () => string): Promise<void> {
  const { draft, variant, actor } = made
  const id = newId() as VariantId
  const sku = variant.sku ?? (await firstFree(variant.skuBase, (candidate) => skuTaken(tx, orgId, candidate)))
  await tx.run(
    `insert into variants (id, org_id, product_id, sku, name, options, price_minor, currency, tax_rate_bp,
       low_stock_threshold, aliases, search_keys, position)
     values (?, ?, ?, ?, ?, ?::jsonb, ?, ?, ?, ?, ?::text[], ?::text[], ?)`,
    [
      id,
      orgId,
      made.productId,
      sku,
      variant.name,
      JSON.stringify(variant.options),
      variant.priceMinor,
      draft.currency,
      draft.taxRateBp,
      variant.lowStockThreshold,
      variant.aliases,
      searchKeys({ ...variant, sku, productName: draft.name }),
      made.position,
    ],
  )
  await tx.run('insert into price_history (id, variant_id, price_minor, changed_by) values (?, ?, ?, ?)', [
    newId(),
    id,
    variant.priceMinor,
    actor,
  ])
  await openLevel(tx, id)
  if (variant.stock === 0) return
  const by = { type: actor === null ? 'system' : 'user', id: actor } as const
  const received = await receive(tx, id, variant.stock, 'initial stock', by, newId)
  if (!received.ok) throw new Error('the level just opened is not there')
}
