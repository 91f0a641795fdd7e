// How an order is read: its columns, its customer's and owner's names, why it needs attention, its lines. Lines are snapshots; nothing here
// asks the catalogue what a thing is called or costs today. Which orders are read is order-views.ts.
import type { MessageStatus } from '../domain/conversation/message.ts'
import type { CustomerId, MessageId, OrderId, UserId, VariantId } from '../domain/ids.ts'
import type { Minor } from '../domain/money.ts'
import {
  type Attention,
  type Fulfillment,
  type OrderChannel,
  type OrderStatus,
  orderLabel,
  type PaymentStatus,
} from '../domain/order/order.ts'
import type { LineSnapshot } from '../domain/order/place.ts'
import type { Queryable } from './database.ts'

export interface OrderLineView extends LineSnapshot {
  readonly id: string
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
  /** Why staff should look at it; nothing when all is well. */
  readonly attention: readonly Attention[]
  readonly version: number
}

/** Where the order is delivered to, as far as it was told. */
export type Address = Readonly<Record<string, string>>

export interface OrderView extends OrderSummary {
  readonly subtotalMinor: Minor
  readonly discountMinor: Minor
  readonly shippingMinor: Minor
  readonly taxMinor: Minor
  readonly note: string
  readonly address: Address | null
  readonly cancelReason: string | null
  /** The customer asked for it; staff decide. */
  readonly cancelRequestedAt: Date | null
  readonly expiresAt: Date | null
  /** The latest message to the customer about it; null when there is none. */
  readonly notice: { readonly messageId: MessageId; readonly status: MessageStatus } | null
  readonly lines: readonly OrderLineView[]
}

export interface OrderRow {
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
  readonly address: Address | null
  readonly cancel_reason: string | null
  readonly cancel_requested_at: Date | null
  readonly expires_at: Date | null
  readonly notice_message_id: MessageId | null
  readonly notice_status: MessageStatus | null
  readonly attention: readonly Attention[]
}

/** The condition of each reason to look at an order; `stale` takes a value: the time before which nobody moved it. */
export const ATTENTION: Readonly<Record<Attention, string>> = {
  stale: `o.status in ('pending','confirmed','processing') and coalesce(o.status_at, o.placed_at) < ?::timestamptz`,
  cancel_requested: `o.cancel_requested_at is not null and o.status in ('confirmed','processing')`,
  not_notified: `o.notice_problem is not distinct from 'unreachable' or n.status is not distinct from 'failed'`,
  opted_out: `o.notice_problem is not distinct from 'opted_out'`,
}

/** Without it no order is stale. */
export const NEVER_STALE = new Date(0)

const REASONS = Object.entries(ATTENTION).map(([name, sql]) => `case when ${sql} then '${name}' end`)

/** Takes one value before all others: the time before which an order nobody moved is stale. */
export const ORDERS = `select o.*, coalesce(c.name, cu.display_name) as customer_name, u.name as owner_name, u.email as owner_email,
    (select i.value from customer_identities i where i.customer_id = o.customer_id and i.kind = 'phone'
     order by i.created_at, i.value limit 1) as customer_phone,
    (select coalesce(sum(l.quantity), 0)::int from order_lines l where l.order_id = o.id) as item_count,
    (select m.id from messages m where m.user_id = o.user_id and m.conversation_id = o.source_conversation_id
       and m.wa_message_id = o.source_wa_id and not m.from_me) as source_message_id,
    n.status as notice_status, array_remove(array[${REASONS.join(', ')}], null) as attention
  from orders o join customers cu on cu.id = o.customer_id join users u on u.id = o.user_id
  left join contacts c on c.customer_id = o.customer_id and c.user_id = o.user_id
  left join messages n on n.id = o.notice_message_id`

export function toSummary(row: OrderRow): OrderSummary {
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
    attention: row.attention,
    version: row.version,
  }
}

export function toView(row: OrderRow, lines: readonly OrderLineView[]): OrderView {
  return {
    ...toSummary(row),
    subtotalMinor: Number(row.subtotal_minor),
    discountMinor: Number(row.discount_minor),
    shippingMinor: Number(row.shipping_minor),
    taxMinor: Number(row.tax_minor),
    note: row.note,
    address: row.address,
    cancelReason: row.cancel_reason,
    cancelRequestedAt: row.cancel_requested_at,
    expiresAt: row.expires_at,
    notice:
      row.notice_message_id === null || row.notice_status === null
        ? null
        : { messageId: row.notice_message_id, status: row.notice_status },
    lines,
  }
}

/** The lines of these orders, each order's in their places. */
export async function linesOf(q: Queryable, ids: readonly OrderId[]): Promise<Map<OrderId, readonly OrderLineView[]>> {
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
