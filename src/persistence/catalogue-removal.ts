// Taking products and variants away. What an order refers to stays: a product is archived instead, a variant is refused. What goes leaves a
// ledger that ends at nought.
import { type KnownProduct, removable } from '../domain/catalogue/change.ts'
import type { OrgId, ProductId, UserId, VariantId } from '../domain/ids.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import { stale } from '../domain/stale.ts'
import { appendAudit } from './audit.ts'
import { findProduct, type ProductView } from './catalogue-views.ts'
import { type Database, errorCode, type Tx } from './database.ts'
import { appendEvent } from './events.ts'
import { lockProduct, productOf } from './known-product.ts'
import { recordMovements } from './stock.ts'
import { lockOrganization } from './users.ts'

export type RemoveCode = 'not-found' | 'stale-version'

/** Somebody refers to a row that was to go. */
const STILL_REFERRED_TO = '23503'

/** @returns the product when it was archived, because orders (or anything else) refer to it; null when it is gone */
export async function removeProduct(
  db: Database,
  orgId: OrgId,
  id: ProductId,
  expectedVersion: number | null,
  actor: UserId | null,
  newId: () => string,
): Promise<Result<ProductView | null, RemoveCode>> {
  const remove = (archive: boolean) =>
    db.transaction(async (tx): Promise<Result<ProductView | null, RemoveCode>> => {
      await lockOrganization(tx, orgId)
      const known = await lockProduct(tx, orgId, id)
      if (known === null) return refuse('not-found', 'There is no such product.')
      if (expectedVersion !== null && known.version !== expectedVersion) return stale(known.version)
      const ids = known.variants.map((each) => each.id)
      if (archive || (await ordered(tx, ids))) {
        await archiveProduct(tx, orgId, known, actor, newId)
        return ok(await findProduct(tx, orgId, id, { staff: true }))
      }
      await deleteVariants(tx, ids, actor, newId)
      await tx.run('delete from products where id = ?', [id])
      const before = { name: known.name, skus: known.variants.map(({ sku }) => sku) }
      await appendAudit(tx, { id: newId(), orgId, actorId: actor, action: 'product.delete', subject: id, before })
      await appendEvent(tx, { orgId, type: 'product.deleted', subject: id, userId: null })
      return ok(null)
    })
  try {
    return await remove(false)
  } catch (error) {
    if (errorCode(error) !== STILL_REFERRED_TO) throw error
    // An order came in between, or something else has it: nothing was deleted.
    return remove(true)
  }
}

async function archiveProduct(tx: Tx, orgId: OrgId, known: KnownProduct, actor: UserId | null, newId: () => string) {
  if (known.status === 'archived') return
  await tx.run(`update products set status = 'archived', version = version + 1, updated_at = now() where id = ?`, [
    known.id,
  ])
  await appendAudit(tx, {
    id: newId(),
    orgId,
    actorId: actor,
    action: 'product.archive',
    subject: known.id,
    before: { status: known.status },
    after: { status: 'archived' },
  })
  await appendEvent(tx, { orgId, type: 'product.archived', subject: known.id, userId: null })
}

/** Takes a variant that no order refers to from its product. @param expectedVersion of the variant */
export async function removeVariant(
  db: Database,
  orgId: OrgId,
  id: VariantId,
  expectedVersion: number | null,
  actor: UserId | null,
  newId: () => string,
): Promise<Result<void, RemoveCode | 'variant-in-use' | 'last-variant'>> {
  const inUse = refuse(
    'variant-in-use',
    'Orders refer to this variant, so it stays. To sell no more of it, count its stock down to what is reserved, or archive the product.',
  )
  try {
    return await db.transaction(async (tx): ReturnType<typeof removeVariant> => {
      await lockOrganization(tx, orgId)
      const productId = await productOf(tx, orgId, id)
      const known = productId === null ? null : await lockProduct(tx, orgId, productId)
      const variant = known?.variants.find((each) => each.id === id)
      if (known === null || variant === undefined) return refuse('not-found', 'There is no such variant.')
      if (expectedVersion !== null && variant.version !== expectedVersion) return stale(variant.version)
      const last = removable(known)
      if (!last.ok) return last
      if (await ordered(tx, [id])) return inUse
      await deleteVariants(tx, [id], actor, newId)
      await tx.run('update products set version = version + 1, updated_at = now() where id = ?', [known.id])
      const before = { id, sku: variant.sku, name: variant.fullName, priceMinor: variant.priceMinor }
      await appendAudit(tx, { id: newId(), orgId, actorId: actor, action: 'variant.delete', subject: known.id, before })
      await appendEvent(tx, { orgId, type: 'product.updated', subject: known.id, userId: null })
      return ok(undefined)
    })
  } catch (error) {
    if (errorCode(error) === STILL_REFERRED_TO) return inUse
    throw error
  }
}

async function ordered(tx: Tx, ids: readonly VariantId[]): Promise<boolean> {
  const rows = await tx.rows('select 1 from order_lines where variant_id = any(?::uuid[]) limit 1', [ids])
  return rows.length > 0
}

async function deleteVariants(
  tx: Tx,
  ids: readonly VariantId[],
  actor: UserId | null,
  newId: () => string,
): Promise<void> {
  const levels = await tx.rows<{ variant_id: VariantId; on_hand: number; reserved: number }>(
    `delete from stock_levels where variant_id in (
       select variant_id from stock_levels where variant_id = any(?::uuid[]) order by variant_id for update)
     returning variant_id, on_hand, reserved`,
    [ids],
  )
  const closing = levels
    .filter(({ on_hand, reserved }) => on_hand + reserved > 0)
    .map(({ variant_id, on_hand, reserved }) => ({
      id: newId(),
      variantId: variant_id,
      kind: 'writeoff' as const,
      onHandDelta: -on_hand,
      reservedDelta: -reserved,
      onHandAfter: 0,
      reservedAfter: 0,
      orderLineId: null,
      reason: 'removed from the catalogue',
    }))
  await recordMovements(tx, closing, { type: actor === null ? 'system' : 'user', id: actor })
  await tx.run('delete from price_history where variant_id = any(?::uuid[])', [ids])
  await tx.run('delete from variants where id = any(?::uuid[])', [ids])
}
