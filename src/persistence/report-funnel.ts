// How far orders came: of those begun in a period, how many reached each step, how many ended otherwise, and how long the steps took.

import type { Minor } from '../domain/money.ts'
import type { Queryable } from './database.ts'
import { conditions } from './page.ts'
import { withinPeriod } from './report-period.ts'
import type { ReportOf } from './report-sales.ts'
import { scopeSql } from './scope.ts'

export const FUNNEL_STEPS = ['started', 'placed', 'confirmed', 'processing', 'shipped', 'delivered', 'paid'] as const
export const FUNNEL_ENDS = ['expired', 'cancelled', 'returned'] as const
export type FunnelStep = (typeof FUNNEL_STEPS)[number] | (typeof FUNNEL_ENDS)[number]

export interface FunnelRow {
  readonly step: FunnelStep
  readonly orders: number
  readonly valueMinor: Minor
}

export interface FunnelReport {
  /** Steps on the way, then the other ends, each in its order. */
  readonly rows: readonly FunnelRow[]
  /** Medians, from being placed; null when none came so far. */
  readonly secondsToConfirm: number | null
  readonly secondsToDeliver: number | null
}

/** The condition under which an order counts for a step. */
const REACHED: Record<FunnelStep, string> = {
  started: 'true',
  placed: 'pending is not null',
  confirmed: 'confirmed is not null',
  processing: 'processing is not null',
  shipped: 'shipped is not null',
  delivered: 'delivered is not null',
  paid: `payment_status = 'paid'`,
  expired: `status = 'expired'`,
  cancelled: `status = 'cancelled'`,
  returned: `status = 'returned'`,
}
const STEPS: readonly FunnelStep[] = [...FUNNEL_STEPS, ...FUNNEL_ENDS]
const STATUSES = ['pending', 'confirmed', 'processing', 'shipped', 'delivered']

/** Orders begun (drafts) or placed in the period, within the scope. */
export async function funnelReport(q: Queryable, of: ReportOf): Promise<FunnelReport> {
  const where = conditions()
  const within = scopeSql(of.scope, 'o.user_id')
  where.add('o.org_id = ?', of.orgId)
  where.add('o.currency = ?', of.currency)
  where.add(within.sql, ...within.params)
  withinPeriod(where, 'o.placed_at', of.period)
  const reached = STATUSES.map((status) => `min(e.at) filter (where e.to_status = '${status}') as ${status}`).join(', ')
  const counts = STEPS.map(
    (step) => `count(*) filter (where ${REACHED[step]})::int as ${step}_orders,
       coalesce(sum(total_minor) filter (where ${REACHED[step]}), 0)::float8 as ${step}_value`,
  ).join(', ')
  const [row] = await q.rows<Record<string, number | null>>(
    `with way as (
       select o.id, o.status, o.payment_status, o.total_minor, ${reached}
       from orders o left join order_events e on e.order_id = o.id where ${where.sql()} group by o.id
     )
     select ${counts},
       percentile_cont(0.5) within group (order by extract(epoch from confirmed - pending)) as to_confirm,
       percentile_cont(0.5) within group (order by extract(epoch from delivered - pending)) as to_deliver
     from way`,
    where.params,
  )
  const rounded = (value: number | null | undefined) =>
    value === null || value === undefined ? null : Math.round(value)
  return {
    rows: STEPS.map((step) => ({
      step,
      orders: row?.[`${step}_orders`] ?? 0,
      valueMinor: row?.[`${step}_value`] ?? 0,
    })),
    secondsToConfirm: rounded(row?.['to_confirm']),
    secondsToDeliver: rounded(row?.['to_deliver']),
  }
}
