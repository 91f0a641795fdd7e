// Orders as lists and pages show them, always within the reader's scope. Lines are snapshots; nothing here asks the
// catalogue what a thing is called or costs today.
import type { Scope } from '../domain/access.ts'
import type { CustomerId, MessageId, OrderId, OrgId, UserId, VariantId } from '../domain/ids.ts'
import type { Minor } from '../domain/money.ts'
import {
  allowedTransitions,
  type Fulfillment,
  type OrderChannel,
  type OrderStatus,
  orderLabel,
  orderNumberOf,
  type PaymentStatus,
} from '../domain/order/order.ts'
import type { Queryable } from './database.ts'
import { conditions, containing, type Page, type Paged, paged } from './page.ts'
import { scopeSql } from './scope.ts'

export interface OrderLineView {
  readonly id: string
  readonly variantId: VariantId
  readonly sku: string
  readonly productName: string
  readonly variantName: string
  readonly quantity: number
  readonly unitPriceMinor: Minor
  readonly taxRateBp: number
  readonly subtotalMinor: Minor
  readonly discountMinor: Minor
  readonly taxMinor: Minor
  readonly totalMinor: Minor
}

export interface OrderSummary {
  readonly id: OrderId
  readonly number: number
  /** `ORD-001042`. */
  readonly label: string
  /** The name is the one the account's owner gave the contact. */
  readonly customer: { readonly id: CustomerId; readonly name: string; readonly phone: string | null }
  /** The account it came in through. */
  readonly owner: { readonly id: UserId; readonly name: string; readonly email: string }
  readonly channel: OrderChannel
  readonly status: OrderStatus
  readonly paymentStatus: PaymentStatus
  readonly fulfillment: Fulfillment
  readonly currency: string
  readonly totalMinor: Minor
  /** Pieces, all lines together. */
  readonly itemCount: number
  readonly placedAt: Date
  readonly updatedAt: Date
  readonly version: number
}

export interface OrderView extends OrderSummary {
  readonly subtotalMinor: Minor
  readonly discountMinor: Minor
  readonly shippingMinor: Minor
  readonly taxMinor: Minor
  readonly note: string
  readonly lines: readonly OrderLineView[]
}

export interface OrderEventView {
  readonly id: string
  readonly type: string
  readonly fromStatus: OrderStatus | null
  readonly toStatus: OrderStatus | null
  readonly actor: { readonly type: string; readonly id: string | null }
  readonly at: Date
}

export interface OrderDetail extends OrderView {
  readonly events: readonly OrderEventView[]
  readonly allowedTransitions: readonly OrderStatus[]
  /** The customer's message that placed it, when it came by chat. */
  readonly source: { readonly messageId: MessageId | null; readonly waMessageId: string } | null
}

export interface OrderFilter {
  readonly status?: readonly OrderStatus[] | undefined
  readonly customerId?: CustomerId | undefined
  readonly userId?: UserId | undefined
  /** Placed at or after, before. */
  readonly from?: Date | undefined
  readonly to?: Date | undefined
  /** An order number in any form, part of the customer's name, or of their number. */
  readonly q?: string | undefined
}

interface OrderRow {
  readonly id: OrderId
  readonly number: number
  readonly customer_id: CustomerId
  readonly customer_name: string
  readonly customer_phone: string | null
  readonly user_id: UserId
  readonly owner_name: string
  readonly owner_email: string
  readonly channel: OrderChannel
  readonly status: OrderStatus
  readonly payment_status: PaymentStatus
  readonly fulfillment: Fulfillment
  readonly currency: string
  readonly subtotal_minor: string
  readonly discount_minor: string
  readonly shipping_minor: string
  readonly tax_minor: string
  readonly total_minor: string
  readonly item_count: number
  readonly note: string
  readonly placed_at: Date
  readonly updated_at: Date
  readonly version: number
  readonly source_wa_id: string | null
  readonly source_message_id: MessageId | null
}

const ORDERS = `select o.*, coalesce(c.name, cu.display_name) as customer_name, u.name as owner_name, u.email as owner_email,
    (select i.value from customer_identities i where i.customer_id = o.customer_id and i.kind = 'phone'
     order by i.created_at, i.value limit 1) as customer_phone,
    (select coalesce(sum(l.quantity), 0)::int from order_lines l where l.order_id = o.id) as item_count,
    (select m.id from messages m where m.user_id = o.user_id and m.conversation_id = o.source_conversation_id
       and m.wa_message_id = o.source_wa_id and not m.from_me) as source_message_id
  from orders o join customers cu on cu.id = o.customer_id join users u on u.id = o.user_id
  left join contacts c on c.customer_id = o.customer_id and c.user_id = o.user_id`

function toSummary(row: OrderRow): OrderSummary {
  return {
    id: row.id,
    number: row.number,
    label: orderLabel(row.number),
    customer: { id: row.customer_id, name: row.customer_name, phone: row.customer_phone },
    owner: { id: row.user_id, name: row.owner_name, email: row.owner_email },
    channel: row.channel,
    status: row.status,
    paymentStatus: row.payment_status,
    fulfillment: row.fulfillment,
    currency: row.currency,
    totalMinor: Number(row.total_minor),
    itemCount: row.item_count,
    placedAt: row.placed_at,
    updatedAt: row.updated_at,
    version: row.version,
  }
}

function toView(row: OrderRow, lines: readonly OrderLineView[]): OrderView {
  return {
    ...toSummary(row),
    subtotalMinor: Number(row.subtotal_minor),
    discountMinor: Number(row.discount_minor),
    shippingMinor: Number(row.shipping_minor),
    taxMinor: Number(row.tax_minor),
    note: row.note,
    lines,
  }
}

/** Orders within the scope, newest first. */
export async function listOrders(
  q: Queryable,
  scope: Scope,
  filter: OrderFilter,
  page: Page,
): Promise<Paged<OrderSummary>> {
  const where = conditions()
  const within = scopeSql(scope, 'o.user_id', 'o.customer_id')
  where.add(within.sql, ...within.params)
  if (filter.status !== undefined) where.add('o.status = any(?::text[])', filter.status)
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
  // Ids are made in the order of time.
  if (page.cursor !== undefined) where.add('o.id < ?::uuid', page.cursor.id)
  const rows = await q.rows<OrderRow>(`${ORDERS} where ${where.sql()} order by o.id desc limit ?`, [
    ...where.params,
    page.limit + 1,
  ])
  return paged(rows, page.limit, (row) => ({ key: row.id, id: row.id }), toSummary)
}

/** One order with its lines, history and what may come next; null when it is not within the scope. */
export async function findOrder(q: Queryable, scope: Scope, id: OrderId): Promise<OrderDetail | null> {
  const within = scopeSql(scope, 'o.user_id', 'o.customer_id')
  const [row] = await q.rows<OrderRow>(`${ORDERS} where o.id = ? and ${within.sql}`, [id, ...within.params])
  if (row === undefined) return null
  const lines = await linesOf(q, [id])
  const events = await q.rows<{
    id: string
    type: string
    from_status: OrderStatus | null
    to_status: OrderStatus | null
    actor_type: string
    actor_id: string | null
    at: Date
  }>('select * from order_events where order_id = ? order by id', [id])
  return {
    ...toView(row, lines.get(id) ?? []),
    events: events.map((event) => ({
      id: event.id,
      type: event.type,
      fromStatus: event.from_status,
      toStatus: event.to_status,
      actor: { type: event.actor_type, id: event.actor_id },
      at: event.at,
    })),
    allowedTransitions: allowedTransitions(row.status),
    source: row.source_wa_id === null ? null : { messageId: row.source_message_id, waMessageId: row.source_wa_id },
  }
}

/** An order by id for whoever just placed it: no scope. */
export async function findOrderView(q: Queryable, id: OrderId): Promise<OrderView | null> {
  const [row] = await q.rows<OrderRow>(`${ORDERS} where o.id = ?`, [id])
  if (row === undefined) return null
  return toView(row, (await linesOf(q, [id])).get(id) ?? [])
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
    [of.orgId, of.customerId, of.number ?? null, of.limit],
  )
  const lines = await linesOf(
    q,
    rows.map((row) => row.id),
  )
  return rows.map((row) => toView(row, lines.get(row.id) ?? []))
}

async function linesOf(q: Queryable, ids: readonly OrderId[]): Promise<Map<OrderId, readonly OrderLineView[]>> {
  const rows = await q.rows<{
    id: string
    order_id: OrderId
    variant_id: VariantId
    sku: string
    product_name: string
    variant_name: string
    quantity: number
    unit_price_minor: string
    tax_rate_bp: number
    line_subtotal_minor: string
    line_discount_minor: string
    line_tax_minor: string
    line_total_minor: string
  }>('select * from order_lines where order_id = any(?::uuid[]) order by order_id, position', [ids])
  const lines = new Map<OrderId, OrderLineView[]>()
  for (const row of rows) {
    const line: OrderLineView = {
      id: row.id,
      variantId: row.variant_id,
      sku: row.sku,
      productName: row.product_name,
      variantName: row.variant_name,
      quantity: row.quantity,
      unitPriceMinor: Number(row.unit_price_minor),
      taxRateBp: row.tax_rate_bp,
      subtotalMinor: Number(row.line_subtotal_minor),
      discountMinor: Number(row.line_discount_minor),
      taxMinor: Number(row.line_tax_minor),
      totalMinor: Number(row.line_total_minor),
    }
    lines.set(row.order_id, [...(lines.get(row.order_id) ?? []), line])
  }
  return lines
}
