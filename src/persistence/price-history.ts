// What each variant has cost, and since when. A row for its first price and for each change; rows go only with the variant.
import type { OrgId, ProductId, UserId, VariantId } from '../domain/ids.ts'
import type { Minor } from '../domain/money.ts'
import type { Queryable, Tx } from './database.ts'
import { type Page, type Paged, paged } from './page.ts'

export interface PriceChange {
  readonly variantId: VariantId
  readonly priceMinor: Minor
}

/** @param actor who changed it; null for the system */
export async function recordPrices(
  tx: Tx,
  changes: readonly PriceChange[],
  actor: UserId | null,
  newId: () => string,
): Promise<void> {
  if (changes.length === 0) return
  await tx.run(
    `insert into price_history (id, variant_id, price_minor, changed_by)
     select p.id, p.variant_id, p.price_minor, ? from unnest(?::uuid[], ?::uuid[], ?::bigint[]) as p (id, variant_id, price_minor)`,
    [
      actor,
      changes.map(() => newId()),
      changes.map(({ variantId }) => variantId),
      changes.map(({ priceMinor }) => priceMinor),
    ],
  )
}

export interface PriceView {
  readonly variantId: VariantId
  readonly sku: string
  readonly priceMinor: Minor
  readonly currency: string
  readonly validFrom: Date
  /** Null: the system, or somebody who is gone. */
  readonly changedBy: { readonly id: UserId; readonly name: string } | null
}

interface PriceRow {
  readonly id: string
  readonly variant_id: VariantId
  readonly sku: string
  readonly price_minor: string
  readonly currency: string
  readonly valid_from: Date
  readonly user_id: UserId | null
  readonly user_name: string | null
}

/** The prices of a product's variants, or of one of them, latest first. */
export async function listPrices(
  q: Queryable,
  orgId: OrgId,
  productId: ProductId,
  variantId: VariantId | undefined,
  page: Page,
): Promise<Paged<PriceView>> {
  const rows = await q.rows<PriceRow>(
    `select h.id, h.variant_id, v.sku, h.price_minor, v.currency, h.valid_from, u.id as user_id, u.name as user_name
     from variants v join price_history h on h.variant_id = v.id left join users u on u.id = h.changed_by
     where v.org_id = ? and v.product_id = ? and v.id = coalesce(?::uuid, v.id) and (?::uuid is null or h.id < ?::uuid)
     order by h.id desc limit ?`,
    [orgId, productId, variantId ?? null, page.cursor?.id ?? null, page.cursor?.id ?? null, page.limit + 1],
  )
  return paged(
    rows,
    page.limit,
    ({ id }) => ({ key: '', id }),
    (row) => ({
      variantId: row.variant_id,
      sku: row.sku,
      priceMinor: Number(row.price_minor),
      currency: row.currency,
      validFrom: row.valid_from,
      changedBy: row.user_id === null ? null : { id: row.user_id, name: row.user_name ?? '' },
    }),
  )
}
