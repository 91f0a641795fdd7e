// Orders as lists and pages show them, always within the reader's scope. What of an order is read is order-rows.ts.
import type { Scope } from '../domain/access.ts'
import type { CustomerId, MessageId, OrderId, OrgId, UserId } from '../domain/ids.ts'
import {
  type Attention,
  allowedTransitions,
  type OrderStatus,
  orderNumberOf,
  type PaymentStatus,
} from '../domain/order/order.ts'
import { type Balance, balanceOf, ledgerOf } from '../domain/order/payment.ts'
import type { Queryable } from './database.ts'
import {
  ATTENTION,
  linesOf,
  NEVER_STALE,
  ORDERS,
  type OrderRow,
  type OrderSummary,
  type OrderView,
  toSummary,
  toView,
} from './order-rows.ts'
import { conditions, containing, type Page, type Paged, paged } from './page.ts'
import { type PaymentView, paymentsOf } from './payments.ts'
import { scopeSql } from './scope.ts'

export type { Address, OrderLineView, OrderSummary, OrderView } from './order-rows.ts'

export interface OrderEventView {
  readonly id: string
  readonly type: string
  readonly fromStatus: OrderStatus | null
  readonly toStatus: OrderStatus | null
  readonly actor: { readonly type: string; readonly id: string | null }
  /** What else is known of it: the reason of a cancellation, the amount of a payment. */
  readonly data: Readonly<Record<string, unknown>>
  readonly at: Date
}

export interface OrderDetail extends OrderView {
  readonly payments: readonly PaymentView[]
  readonly balance: Balance
  readonly events: readonly OrderEventView[]
  /** Where its status may lead at all; who may do it is domain/order/transitions.ts. */
  readonly allowedTransitions: readonly OrderStatus[]
  /** The customer's message that placed it, when it came by chat. */
  readonly source: {
    readonly messageId: MessageId | null
    readonly waMessageId: string
    readonly text: string | null
    readonly at: Date | null
  } | null
}

/** Newest first, unless it says otherwise. */
export const ORDER_SORTS = [
  '-createdAt',
  'createdAt',
  '-placedAt',
  'placedAt',
  '-updatedAt',
  'updatedAt',
  '-total',
  'total',
] as const
export type OrderSort = (typeof ORDER_SORTS)[number]

export interface OrderFilter {
  readonly status?: readonly OrderStatus[] | undefined
  readonly paymentStatus?: readonly PaymentStatus[] | undefined
  /** Any of these. */
  readonly attention?: readonly Attention[] | undefined
  readonly customerId?: CustomerId | undefined
  readonly userId?: UserId | undefined
  /** Placed at or after, before. */
  readonly from?: Date | undefined
  readonly to?: Date | undefined
  /** An order number in any form, part of the customer's name, or of their number. */
  readonly q?: string | undefined
  readonly sort?: OrderSort | undefined
  /** An order that nobody moved since before is stale; left out, none is. */
  readonly staleBefore?: Date | undefined
}

/** What each sort goes by; ids are made in the order of time. */
const SORT_KEYS = {
  createdAt: null,
  placedAt: { sql: 'o.placed_at', type: 'timestamptz' },
  updatedAt: { sql: 'o.updated_at', type: 'timestamptz' },
  total: { sql: 'o.total_minor', type: 'bigint' },
} as const

function sorting(sort: OrderSort) {
  const down = sort.startsWith('-')
  const key = SORT_KEYS[sort.replace('-', '') as keyof typeof SORT_KEYS]
  const direction = down ? 'desc' : 'asc'
  const than = down ? '<' : '>'
  return key === null
    ? { order: `o.id ${direction}`, key: 'o.id::text', after: `o.id ${than} ?::uuid`, keyed: false }
    : {
        order: `${key.sql} ${direction}, o.id ${direction}`,
        key: `${key.sql}::text`,
        after: `(${key.sql}, o.id) ${than} (?::${key.type}, ?::uuid)`,
        keyed: true,
      }
}

/** Orders within the scope. */
export async function listOrders(
  q: Queryable,
  scope: Scope,
  filter: OrderFilter,
  page: Page,
): Promise<Paged<OrderSummary>> {
  const where = conditions()
  const within = scopeSql(scope, 'o.user_id', 'o.customer_id')
  const staleBefore = filter.staleBefore ?? NEVER_STALE
  where.add(within.sql, ...within.params)
  if (filter.status !== undefined) where.add('o.status = any(?::text[])', filter.status)
  if (filter.paymentStatus !== undefined) where.add('o.payment_status = any(?::text[])', filter.paymentStatus)
  if (filter.attention !== undefined) {
    const wanted = filter.attention.map((each) => `(${ATTENTION[each]})`)
    const values = filter.attention.flatMap((each) => (each === 'stale' ? [staleBefore] : []))
    where.add(wanted.length === 0 ? 'false' : wanted.join(' or '), ...values)
  }
  if (filter.customerId !== undefined) where.add('o.customer_id = ?', filter.customerId)
  if (filter.userId !== undefined) where.add('o.user_id = ?', filter.userId)
  if (filter.from !== undefined) where.add('o.placed_at >= ?', filter.from)
  if (filter.to !== undefined) where.add('o.placed_at < ?', filter.to)
  if (filter.q !== undefined) {
    const digits = filter.q.replace(/[\s()+.-]/g, '')
    where.add(
      `o.number = ?::int or coalesce(c.name, cu.display_name) ilike ? or exists (select 1 from customer_identities i
         where i.customer_id = o.customer_id and i.kind = 'phone' and i.value like ?)`,
      orderNumberOf(filter.q),
      containing(filter.q),
      /^\d{5,}$/.test(digits) ? containing(digits) : '',
    )
  }
  const sort = sorting(filter.sort ?? '-createdAt')
  if (page.cursor !== undefined) {
    const { key, id } = page.cursor
    where.add(sort.after, ...(sort.keyed ? [key, id] : [id]))
  }
  const rows = await q.rows<OrderRow & { sort_key: string }>(
    `${ORDERS.replace('select o.*', `select o.*, ${sort.key} as sort_key`)} where ${where.sql()} order by ${sort.order} limit ?`,
    [staleBefore, ...where.params, page.limit + 1],
  )
  return paged(rows, page.limit, (row) => ({ key: row.sort_key, id: row.id }), toSummary)
}

/** One order with its lines, payments, history and what may come next; null when it is not within the scope. */
export async function findOrder(
  q: Queryable,
  scope: Scope,
  id: OrderId,
  staleBefore: Date = NEVER_STALE,
): Promise<OrderDetail | null> {
  const within = scopeSql(scope, 'o.user_id', 'o.customer_id')
  const [row] = await q.rows<OrderRow>(`${ORDERS} where o.id = ? and ${within.sql}`, [
    staleBefore,
    id,
    ...within.params,
  ])
  if (row === undefined) return null
  const lines = await linesOf(q, [id])
  const payments = await paymentsOf(q, id)
  return {
    ...toView(row, lines.get(id) ?? []),
    payments,
    balance: balanceOf(Number(row.total_minor), ledgerOf(payments)),
    events: await eventsOf(q, id),
    allowedTransitions: allowedTransitions(row.status),
    source: await sourceOf(q, row),
  }
}

/** What happened to an order, in its order; null when the order is not within the scope. */
export async function orderEvents(q: Queryable, scope: Scope, id: OrderId): Promise<readonly OrderEventView[] | null> {
  const within = scopeSql(scope, 'o.user_id', 'o.customer_id')
  const [row] = await q.rows(`select 1 from orders o where o.id = ? and ${within.sql}`, [id, ...within.params])
  return row === undefined ? null : eventsOf(q, id)
}

async function eventsOf(q: Queryable, id: OrderId): Promise<readonly OrderEventView[]> {
  const events = await q.rows<{
    id: string
    type: string
    from_status: OrderStatus | null
    to_status: OrderStatus | null
    actor_type: string
    actor_id: string | null
    data: Readonly<Record<string, unknown>>
    at: Date
  }>('select * from order_events where order_id = ? order by id', [id])
  return events.map((event) => ({
    id: event.id,
    type: event.type,
    fromStatus: event.from_status,
    toStatus: event.to_status,
    actor: { type: event.actor_type, id: event.actor_id },
    data: event.data,
    at: event.at,
  }))
}

async function sourceOf(q: Queryable, row: OrderRow): Promise<OrderDetail['source']> {
  if (row.source_wa_id === null) return null
  const [message] = await q.rows<{ text: string | null; at: Date }>(
    'select text, wa_timestamp as at from messages where id = ?',
    [row.source_message_id],
  )
  return {
    messageId: row.source_message_id,
    waMessageId: row.source_wa_id,
    text: message?.text ?? null,
    at: message?.at ?? null,
  }
}

/** A customer's own orders through any account of the organisation, newest first; of one number when given. */
export async function latestOrders(
  q: Queryable,
  of: {
    readonly orgId: OrgId
    readonly customerId: CustomerId
    readonly limit: number
    readonly number?: number | undefined
  },
): Promise<readonly OrderView[]> {
  const rows = await q.rows<OrderRow>(
    `${ORDERS} where o.org_id = ? and o.customer_id = ? and o.number = coalesce(?::int, o.number)
     order by o.id desc limit ?`,
    [NEVER_STALE, of.orgId, of.customerId, of.number ?? null, of.limit],
  )
  const lines = await linesOf(
    q,
    rows.map((row) => row.id),
  )
  return rows.map((row) => toView(row, lines.get(row.id) ?? []))
}
