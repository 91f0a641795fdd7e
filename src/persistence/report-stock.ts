// What could not be sold, and what lies on the shelf is worth. Losses are within the reader's scope; the shelf is the organisation's.

import { fullName } from '../domain/catalogue/search.ts'
import type { OrgId, VariantId } from '../domain/ids.ts'
import type { Minor } from '../domain/money.ts'
import type { Queryable } from './database.ts'
import { conditions } from './page.ts'
import { withinPeriod } from './report-period.ts'
import type { ReportOf } from './report-sales.ts'
import { scopeSql } from './scope.ts'

export const LOSS_REASONS = ['out_of_stock', 'not_found'] as const
export type LossReason = (typeof LOSS_REASONS)[number]

export interface LossRow {
  readonly reason: LossReason
  readonly variantId: VariantId | null
  readonly sku: string | null
  /** Of the variant, or the words that were asked for in their normal form. */
  readonly name: string
  readonly times: number
  readonly customers: number
  /** Pieces that were wanted, and those of them that were not there. */
  readonly wanted: number
  readonly missing: number
  /** What the missing ones would have cost then; null for what is not known. */
  readonly valueMinor: Minor | null
  readonly lastAt: Date
}

/** What was asked for most often first. */
export async function lossReport(q: Queryable, of: ReportOf, limit: number): Promise<readonly LossRow[]> {
  const where = conditions()
  const within = scopeSql(of.scope, 'x.user_id')
  where.add('x.org_id = ?', of.orgId)
  where.add(within.sql, ...within.params)
  withinPeriod(where, 'x.at', of.period)
  const rows = await q.rows<{
    reason: LossReason
    variant_id: VariantId | null
    sku: string | null
    product_name: string | null
    variant_name: string | null
    asked_key: string | null
    times: number
    customers: number
    wanted: number
    missing: number
    value: number | null
    last_at: Date
  }>(
    `select x.reason, x.variant_id, v.sku, p.name as product_name, v.name as variant_name, x.asked_key,
       count(*)::int as times, count(distinct x.customer_id)::int as customers, sum(x.quantity)::float8 as wanted,
       sum(greatest(0, x.quantity - x.available))::float8 as missing,
       sum(greatest(0, x.quantity - x.available) * x.unit_price_minor)::float8 as value, max(x.at) as last_at
     from lost_sales x left join variants v on v.id = x.variant_id left join products p on p.id = v.product_id
     where ${where.sql()} group by x.reason, x.variant_id, v.sku, p.name, v.name, x.asked_key
     order by times desc, missing desc, last_at desc, v.sku, x.asked_key limit ?`,
    [...where.params, limit],
  )
  return rows.map((row) => ({
    reason: row.reason,
    variantId: row.variant_id,
    sku: row.sku,
    name: row.product_name === null ? (row.asked_key ?? '') : fullName(row.product_name, row.variant_name ?? ''),
    times: row.times,
    customers: row.customers,
    wanted: row.wanted,
    missing: row.missing,
    valueMinor: row.value,
    lastAt: row.last_at,
  }))
}

export const SHELF_GROUPS = ['variant', 'category'] as const
export type ShelfGroup = (typeof SHELF_GROUPS)[number]

export interface ShelfRow {
  /** The id of the variant or category; null for products of no category. */
  readonly key: string | null
  readonly sku: string | null
  readonly name: string
  readonly onHand: number
  readonly reserved: number
  /** At the price of today, as it stands in the catalogue. */
  readonly valueMinor: Minor
}

export interface ShelfReport {
  readonly rows: readonly ShelfRow[]
  readonly total: Pick<ShelfRow, 'onHand' | 'reserved' | 'valueMinor'>
}

const SHELF_CUTS: Record<ShelfGroup, string> = {
  variant: 'v.id as key, v.sku as sku, p.name as name, v.name as part',
  category: `p.category_id as key, null as sku, coalesce(c.name, 'No category') as name, '' as part`,
}

/** What lies on the shelf of all that is counted, most valuable first; what is not there has no row. */
export async function shelfReport(
  q: Queryable,
  of: { readonly orgId: OrgId; readonly currency: string },
  group: ShelfGroup,
): Promise<ShelfReport> {
  const rows = await q.rows<{
    key: string | null
    sku: string | null
    name: string
    part: string
    on_hand: number
    reserved: number
    value: number
  }>(
    `with shelf as (
       select ${SHELF_CUTS[group]}, s.on_hand, s.reserved, s.on_hand * v.price_minor as value
       from stock_levels s join variants v on v.id = s.variant_id join products p on p.id = v.product_id
       left join categories c on c.id = p.category_id
       where v.org_id = ? and v.currency = ? and v.track_stock and s.on_hand > 0
     )
     select key, sku, name, part, sum(on_hand)::float8 as on_hand, sum(reserved)::float8 as reserved, sum(value)::float8 as value
     from shelf group by key, sku, name, part order by value desc, name, part, sku, key`,
    [of.orgId, of.currency],
  )
  const shown = rows.map((row) => ({
    key: row.key,
    sku: row.sku,
    name: fullName(row.name, row.part),
    onHand: row.on_hand,
    reserved: row.reserved,
    valueMinor: row.value,
  }))
  const sum = (pick: (row: ShelfRow) => number) => shown.reduce((all, row) => all + pick(row), 0)
  const total = {
    onHand: sum((row) => row.onHand),
    reserved: sum((row) => row.reserved),
    valueMinor: sum((row) => row.valueMinor),
  }
  return { rows: shown, total }
}
