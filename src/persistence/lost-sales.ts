// What somebody wanted and did not get: too little of a thing, or nothing of that name. Written in the transaction that refuses, and only of
// customers with the words they asked in. Reports of it are report-losses.ts.

import { normalName } from '../domain/catalogue/search.ts'
import type { CustomerId, OrgId, UserId, VariantId } from '../domain/ids.ts'
import type { Queryable } from './database.ts'

/** The longest key that is kept, in characters. */
const MAX_KEY_CHARS = 100

export type Loss =
  | {
      readonly reason: 'out_of_stock'
      readonly variantId: VariantId
      readonly wanted: number
      readonly available: number
    }
  | { readonly reason: 'not_found'; readonly asked: string; readonly wanted: number }

export interface LossOf {
  readonly orgId: OrgId
  /** The account that was asked. */
  readonly userId: UserId
  /** Null when nobody knows who asked: then what was not found is not kept, for its words are theirs. */
  readonly customerId: CustomerId | null
  readonly at: Date
}

interface Kept {
  readonly variantId: VariantId | null
  readonly key: string | null
  readonly wanted: number
  readonly available: number
}

/** Writes down what could not be sold. @returns how many rows were written */
export async function recordLostSales(
  tx: Queryable,
  of: LossOf,
  losses: readonly Loss[],
  newId: () => string,
): Promise<number> {
  const kept = losses.flatMap((loss): readonly Kept[] => {
    if (loss.reason === 'out_of_stock')
      return [{ variantId: loss.variantId, key: null, wanted: loss.wanted, available: Math.max(0, loss.available) }]
    const key = normalName(loss.asked).slice(0, MAX_KEY_CHARS)
    return of.customerId === null || key === '' ? [] : [{ variantId: null, key, wanted: loss.wanted, available: 0 }]
  })
  if (kept.length === 0) return 0
  return tx.run(
    `insert into lost_sales (id, org_id, user_id, customer_id, reason, variant_id, asked_key, quantity, available, unit_price_minor, at)
     select w.id, ?::uuid, ?::uuid, ?::uuid, case when w.variant_id is null then 'not_found' else 'out_of_stock' end,
       v.id, w.key, w.wanted, w.available, v.price_minor, ?::timestamptz
     from unnest(?::uuid[], ?::uuid[], ?::text[], ?::int[], ?::int[]) as w (id, variant_id, key, wanted, available)
     left join variants v on v.id = w.variant_id
     where w.variant_id is null or v.id is not null`,
    [
      ...[of.orgId, of.userId, of.customerId, of.at],
      kept.map(() => newId()),
      kept.map((each) => each.variantId),
      kept.map((each) => each.key),
      kept.map((each) => each.wanted),
      kept.map((each) => each.available),
    ],
  )
}

/** When a customer is erased: their words go, and what remains names nobody. */
export async function forgetLostSales(tx: Queryable, customerId: CustomerId): Promise<void> {
  await tx.run(`delete from lost_sales where customer_id = ? and reason = 'not_found'`, [customerId])
  await tx.run('update lost_sales set customer_id = null where customer_id = ?', [customerId])
}

/** Removes what was lost before. @returns how many */
export function pruneLostSales(db: Queryable, olderThan: Date): Promise<number> {
  return db.run('delete from lost_sales where at < ?', [olderThan])
}
