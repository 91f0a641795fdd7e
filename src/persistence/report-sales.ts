// What was sold: by day, product, category or account, always the same orders cut differently, so that every cut adds up to the same total.
// An order counts on the day it was placed, and so does what was returned of it. Drafts, cancelled and expired orders were never sales.

import type { Scope } from '../domain/access.ts'
import type { OrgId } from '../domain/ids.ts'
import type { Minor } from '../domain/money.ts'
import type { OrderStatus } from '../domain/order/order.ts'
import type { Period } from '../domain/reports/period.ts'
import type { Queryable } from './database.ts'
import { conditions } from './page.ts'
import { withinPeriod } from './report-period.ts'
import { scopeSql } from './scope.ts'

/** Statuses of orders that are, or were, sales. */
export const SOLD: readonly OrderStatus[] = ['pending', 'confirmed', 'processing', 'shipped', 'delivered', 'returned']

export const SALES_GROUPS = ['day', 'product', 'category', 'user'] as const
export type SalesGroup = (typeof SALES_GROUPS)[number]

/** Amounts are with tax, after discounts. */
export interface SalesFigures {
  readonly orders: number
  readonly pieces: number
  readonly grossMinor: Minor
  readonly returnedOrders: number
  readonly returnedPieces: number
  readonly returnsMinor: Minor
  /** Gross without what was returned. */
  readonly netMinor: Minor
  /** The tax in the net. */
  readonly taxMinor: Minor
}

export interface SalesRow extends SalesFigures {
  /** A day, or an id; `shipping` for what delivery cost; null for products of no category. */
  readonly key: string | null
  readonly name: string
}

export interface SalesReport {
  readonly rows: readonly SalesRow[]
  readonly total: SalesFigures
}

export interface ReportOf {
  readonly orgId: OrgId
  /** Orders in another currency are not in it. */
  readonly currency: string
  readonly scope: Scope
  readonly period: Period
}

const CUTS: Record<SalesGroup, { readonly key: string; readonly name: string; readonly order: string }> = {
  day: { key: 'p.day::text', name: 'p.day::text', order: 'key' },
  product: {
    key: `coalesce(g.product_id::text, 'shipping')`,
    name: `coalesce(g.product_name, 'Shipping')`,
    order: 'net desc, name, key',
  },
  category: {
    key: `case when p.variant_id is null then 'shipping' else g.category_id::text end`,
    name: `case when p.variant_id is null then 'Shipping' else coalesce(g.category_name, 'No category') end`,
    order: 'net desc, name, key',
  },
  user: { key: 'p.user_id::text', name: `coalesce(nullif(u.name, ''), u.email)`, order: 'net desc, name, key' },
}

interface Row {
  readonly whole: boolean
  readonly key: string | null
  readonly name: string | null
  readonly orders: number
  readonly pieces: number
  readonly gross: number
  readonly returned_orders: number
  readonly returned_pieces: number
  readonly returns: number
  readonly tax: number
}

/** The sales of a period within the scope. Days without any have their row of noughts. */
export async function salesReport(q: Queryable, of: ReportOf, group: SalesGroup): Promise<SalesReport> {
  const { key, name, order } = CUTS[group]
  const where = conditions()
  const within = scopeSql(of.scope, 'o.user_id')
  where.add('o.org_id = ?', of.orgId)
  where.add('o.currency = ?', of.currency)
  where.add('o.status = any(?::text[])', SOLD)
  where.add(within.sql, ...within.params)
  withinPeriod(where, 'o.placed_at', of.period)
  const rows = await q.rows<Row>(
    `with sold as (
       select o.id, o.user_id, o.status = 'returned' as returned, o.shipping_minor, (o.placed_at at time zone ?)::date as day
       from orders o where ${where.sql()}
     ), p as (
       select s.id, s.user_id, s.returned, s.day, l.variant_id, l.quantity as pieces, l.line_total_minor as amount,
         l.line_tax_minor as tax
       from sold s join order_lines l on l.order_id = s.id
       union all
       select s.id, s.user_id, s.returned, s.day, null, 0, s.shipping_minor, 0 from sold s where s.shipping_minor > 0
     ), cut as (
       select ${key} as key, ${name} as name, p.* from p
       left join (
         select v.id as variant_id, v.product_id, d.name as product_name, d.category_id, c.name as category_name
         from variants v join products d on d.id = v.product_id left join categories c on c.id = d.category_id
       ) g on g.variant_id = p.variant_id
       join users u on u.id = p.user_id
     )
     select grouping(key, name) > 0 as whole, key, name, count(distinct id)::int as orders,
       coalesce(sum(pieces), 0)::float8 as pieces, coalesce(sum(amount), 0)::float8 as gross,
       count(distinct id) filter (where returned)::int as returned_orders,
       coalesce(sum(pieces) filter (where returned), 0)::float8 as returned_pieces,
       coalesce(sum(amount) filter (where returned), 0)::float8 as returns,
       coalesce(sum(tax) filter (where not returned), 0)::float8 as tax,
       coalesce(sum(amount) filter (where not returned), 0)::float8 as net
     from cut group by grouping sets ((key, name), ()) order by ${order}`,
    [of.period.timezone, ...where.params],
  )
  const found = rows.filter(({ whole }) => !whole).map(salesRow)
  const total = rows.find(({ whole }) => whole)
  return {
    rows: group === 'day' ? everyDay(found, of.period.days) : found,
    total: total === undefined ? NOTHING : figures(total),
  }
}

const NOTHING: SalesFigures = {
  orders: 0,
  pieces: 0,
  grossMinor: 0,
  returnedOrders: 0,
  returnedPieces: 0,
  returnsMinor: 0,
  netMinor: 0,
  taxMinor: 0,
}

function everyDay(found: readonly SalesRow[], days: readonly string[]): readonly SalesRow[] {
  const byDay = new Map(found.map((row) => [row.key, row]))
  return days.map((day) => byDay.get(day) ?? { key: day, name: day, ...NOTHING })
}

const salesRow = (row: Row): SalesRow => ({ key: row.key, name: row.name ?? '', ...figures(row) })

function figures(row: Row): SalesFigures {
  return {
    orders: row.orders,
    pieces: row.pieces,
    grossMinor: row.gross,
    returnedOrders: row.returned_orders,
    returnedPieces: row.returned_pieces,
    returnsMinor: row.returns,
    netMinor: row.gross - row.returns,
    taxMinor: row.tax,
  }
}
