// Products as staff make and change them, each in one transaction with its price history, its audit row and its event. What makes a good
// product is domain/catalogue; what lists show is catalogue-views.ts; taking one away is catalogue-removal.ts.
import {
  addVariant,
  changeProduct,
  changeVariant,
  type KnownProduct,
  type ProductChange,
} from '../domain/catalogue/change.ts'
import { draftProduct, type ProductCode, type ProductDraft, type ProductInput } from '../domain/catalogue/product.ts'
import { type Checked, skuTaken, type VariantChange, type VariantInput } from '../domain/catalogue/variant-draft.ts'
import type { OrgId, ProductId, UserId, VariantId } from '../domain/ids.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import { stale } from '../domain/stale.ts'
import { appendAudit } from './audit.ts'
import { findProduct, type ProductView } from './catalogue-views.ts'
import { checkNames } from './chat-names.ts'
import type { Database, Tx } from './database.ts'
import { appendEvent } from './events.ts'
import { lockProduct, productOf } from './known-product.ts'
import { lockOrganization } from './users.ts'
import { insertVariants, type Named, updateVariants, type Writing, withSkus } from './variant-rows.ts'

export type CreateProductCode = ProductCode | 'category-not-found'
export type ChangeProductCode = CreateProductCode | 'not-found' | 'stale-version'

/** Of the organisation: its `currency` is that of new prices. */
export interface CatalogueOwner {
  readonly id: OrgId
  readonly currency: string
}

/**
 * Makes a product with its variants, their stock and the first row of their price history. Names are compared with all
 * active variants under the organisation's lock, so that two products of one name cannot come in side by side.
 */
export async function createProduct(
  db: Database,
  org: CatalogueOwner,
  input: ProductInput,
  actor: UserId | null,
  newId: () => string,
): Promise<Result<ProductView, CreateProductCode>> {
  const drafted = draftProduct(input, org.currency)
  if (!drafted.ok) return drafted
  const draft = drafted.value
  return db.transaction(async (tx): Promise<Result<ProductView, CreateProductCode>> => {
    await lockOrganization(tx, org.id)
    const free = await checkFree(tx, org.id, null, draft)
    if (!free.ok) return free
    const productId = newId() as ProductId
    const to = { orgId: org.id, productId, productName: draft.name, actor, newId }
    const variants = await withSkus(tx, org.id, productId, draft)
    await insertProduct(tx, to, draft)
    await insertVariants(tx, to, variants, 0)
    const after = { name: draft.name, status: draft.status, prices: draft.variants.map((each) => each.priceMinor) }
    await note(tx, to, 'product.create', undefined, after)
    await appendEvent(tx, { orgId: org.id, type: 'product.created', subject: productId, userId: null })
    return ok(await written(tx, org.id, productId))
  })
}

/** Changes what is given. @param expectedVersion of the product; null: whichever it has */
export function updateProduct(
  db: Database,
  org: CatalogueOwner,
  id: ProductId,
  change: ProductChange,
  expectedVersion: number | null,
  actor: UserId | null,
  newId: () => string,
): Promise<Result<ProductView, ChangeProductCode>> {
  const decide: Decide = (known) => ({
    version: known.version,
    draft: changeProduct(known, change, org.currency),
  })
  return changing(db, org, async () => id, decide, expectedVersion, actor, newId)
}

/** Gives a product one variant more; the answer is the product. @param expectedVersion of the product */
export function createVariant(
  db: Database,
  org: CatalogueOwner,
  productId: ProductId,
  input: VariantInput,
  expectedVersion: number | null,
  actor: UserId | null,
  newId: () => string,
): Promise<Result<ProductView, ChangeProductCode>> {
  const decide: Decide = (known) => ({ version: known.version, draft: addVariant(known, input, org.currency) })
  return changing(db, org, async () => productId, decide, expectedVersion, actor, newId)
}

/** Changes what is given of a variant; the answer is its product. @param expectedVersion of the variant */
export function updateVariant(
  db: Database,
  org: CatalogueOwner,
  id: VariantId,
  change: VariantChange,
  expectedVersion: number | null,
  actor: UserId | null,
  newId: () => string,
): Promise<Result<ProductView, ChangeProductCode>> {
  const decide: Decide = (known) => ({
    version: known.variants.find((each) => each.id === id)?.version ?? 0,
    draft: changeVariant(known, id, change, org.currency),
  })
  return changing(db, org, (tx) => productOf(tx, org.id, id), decide, expectedVersion, actor, newId)
}

/** What shall become of a product, and the version that the caller may have named. */
type Decide = (known: KnownProduct) => { readonly version: number; readonly draft: Checked<ProductDraft> }

/** Reads, decides and writes under the locks of the organisation and the product: what was compared is what is changed. */
function changing(
  db: Database,
  org: CatalogueOwner,
  which: (tx: Tx) => Promise<ProductId | null>,
  decide: Decide,
  expectedVersion: number | null,
  actor: UserId | null,
  newId: () => string,
): Promise<Result<ProductView, ChangeProductCode>> {
  return db.transaction(async (tx): Promise<Result<ProductView, ChangeProductCode>> => {
    await lockOrganization(tx, org.id)
    const id = await which(tx)
    const known = id === null ? null : await lockProduct(tx, org.id, id)
    if (known === null) return refuse('not-found', 'There is no such product.')
    const { version, draft } = decide(known)
    if (expectedVersion !== null && version !== expectedVersion) return stale(version)
    if (!draft.ok) return draft
    const free = await checkFree(tx, org.id, known, draft.value)
    if (!free.ok) return free
    await save(tx, org.id, known, draft.value, actor, newId)
    return ok(await written(tx, org.id, known.id))
  })
}

async function save(
  tx: Tx,
  orgId: OrgId,
  known: KnownProduct,
  draft: ProductDraft,
  actor: UserId | null,
  newId: () => string,
) {
  const to: Writing = { orgId, productId: known.id, productName: draft.name, actor, newId }
  const variants = await withSkus(tx, orgId, known.id, draft)
  const isNew = ({ id }: Named) => id === null
  const kept = variants.filter((each) => !isNew(each))
  const added = variants.filter(isNew)
  // One that is active no longer gives its names up before they change, one that becomes active takes them as they are then.
  if (draft.status !== 'active') await tx.run('update products set status = ? where id = ?', [draft.status, known.id])
  const changed = await updateVariants(tx, to, known.variants, kept, draft.name !== known.name)
  await insertVariants(tx, to, added, known.variants.length)
  const before = fieldsOf(known)
  const after = fieldsOf(draft)
  const renamed = Object.fromEntries(Object.entries(after).filter(([field, value]) => before[field] !== value))
  if (Object.keys(renamed).length + changed.length + added.length === 0) return
  await tx.run(
    `update products set name = ?, description = ?, category_id = ?, status = ?, version = version + 1, updated_at = now()
     where id = ?`,
    [draft.name, draft.description, draft.categoryId, draft.status, known.id],
  )
  await note(
    tx,
    to,
    'product.update',
    {
      ...Object.fromEntries(Object.keys(renamed).map((field) => [field, before[field]])),
      variants: changed.map(({ id, sku, before }) => ({ id, sku, ...before })),
    },
    {
      ...renamed,
      variants: changed.map(({ id, sku, after }) => ({ id, sku, ...after })),
      ...(added.length === 0 ? {} : { added: added.map(({ sku, priceMinor }) => ({ sku, priceMinor })) }),
    },
  )
  const archived = draft.status === 'archived' && known.status !== 'archived'
  const type = archived ? 'product.archived' : 'product.updated'
  await appendEvent(tx, { orgId, type, subject: known.id, userId: null })
}

function fieldsOf({ name, description, categoryId, status }: KnownProduct | ProductDraft): Record<string, unknown> {
  return { name, description, categoryId, status }
}

/** Is everything the draft wants for itself still free? */
async function checkFree(
  tx: Tx,
  orgId: OrgId,
  known: KnownProduct | null,
  draft: ProductDraft,
): Promise<Result<void, CreateProductCode>> {
  if (draft.categoryId !== null && draft.categoryId !== known?.categoryId) {
    const found = await tx.rows('select 1 from categories where id = ? and org_id = ?', [draft.categoryId, orgId])
    if (found.length === 0) return refuse('category-not-found', 'There is no category with this categoryId.')
  }
  const skus = await skusTaken(tx, orgId, draft)
  if (!skus.ok) return skus
  return checkNames(tx, orgId, known, draft)
}

/** SKUs are unique in any case of letters, whatever the status of their product. */
async function skusTaken(tx: Tx, orgId: OrgId, draft: ProductDraft): Promise<Result<void, 'sku-taken'>> {
  const wanted = draft.variants.flatMap((variant) => (variant.sku === null ? [] : [{ variant, sku: variant.sku }]))
  if (wanted.length === 0) return ok(undefined)
  const [taken] = await tx.rows<{ position: number; product: string }>(
    `select w.position::int, p.name as product
     from unnest(?::text[], ?::uuid[]) with ordinality as w (sku, id, position)
     join variants v on v.org_id = ? and lower(v.sku) = lower(w.sku) and v.id is distinct from w.id
     join products p on p.id = v.product_id order by w.position limit 1`,
    [wanted.map(({ sku }) => sku), wanted.map(({ variant }) => variant.id), orgId],
  )
  const found = taken === undefined ? undefined : wanted[taken.position - 1]
  if (taken === undefined || found === undefined) return ok(undefined)
  return skuTaken(found.variant, found.sku, taken.product)
}

async function insertProduct(tx: Tx, { orgId, productId }: Writing, draft: ProductDraft): Promise<void> {
  const rows = await tx.rows<{ slug: string }>(
    'select slug from products where org_id = ? and (slug = ? or starts_with(slug, ?))',
    [orgId, draft.slugBase, `${draft.slugBase}-`],
  )
  const taken = new Set(rows.map(({ slug }) => slug))
  let slug = draft.slugBase
  for (let suffix = 2; taken.has(slug); suffix += 1) slug = `${draft.slugBase}-${suffix}`
  await tx.run(
    'insert into products (id, org_id, category_id, name, slug, description, status) values (?, ?, ?, ?, ?, ?, ?)',
    [productId, orgId, draft.categoryId, draft.name, slug, draft.description, draft.status],
  )
}

async function note(
  tx: Tx,
  { orgId, productId, actor, newId }: Writing,
  action: string,
  before: unknown,
  after: unknown,
) {
  await appendAudit(tx, { id: newId(), orgId, actorId: actor, action, subject: productId, before, after })
}

async function written(tx: Tx, orgId: OrgId, id: ProductId): Promise<ProductView> {
  const view = await findProduct(tx, orgId, id, { staff: true })
  if (view === null) throw new Error('the product just written is not there')
  return view
}
