// The one statement that writes an order: number, order, lines, stock movements, history and event. One, because every order of the
// organisation waits for the number's row, so nothing may come between taking it and the commit that can be done before.

import { FIRST_ORDER_NUMBER } from '../domain/order/order.ts'
import type { Bill } from '../domain/order/place.ts'
import type { PlaceOrder } from './orders.ts'
import type { Movement } from './stock.ts'

/** What the statement writes, with all ids made before. */
export interface OrderRows {
  readonly orderId: string
  readonly eventId: string
  readonly input: PlaceOrder
  readonly bill: Bill
  readonly lineIds: readonly string[]
  readonly movements: readonly Movement[]
  readonly at: Date
}

/** Returns the number; no row when the source message has an order already (the number is then not used). */
const PLACE = `
with taken as (
  insert into order_counters (org_id, next) values (?::uuid, ?)
  on conflict (org_id) do update set next = order_counters.next + 1
  returning next - 1 as number
), placed as (
  insert into orders (id, org_id, number, customer_id, user_id, channel, status, currency, subtotal_minor, discount_minor,
    shipping_minor, tax_minor, total_minor, source_conversation_id, source_wa_id, placed_at, updated_at)
  select ?::uuid, ?::uuid, taken.number, ?::uuid, ?::uuid, ?::text, 'pending', ?::text, ?::bigint, ?::bigint,
    ?::bigint, ?::bigint, ?::bigint, ?::uuid, ?::text, ?::timestamptz, ?::timestamptz
  from taken
  on conflict (user_id, source_conversation_id, source_wa_id) do nothing
  returning id, number
), lines as (
  insert into order_lines (id, order_id, position, variant_id, sku, product_name, variant_name, quantity, unit_price_minor,
    tax_rate_bp, line_subtotal_minor, line_discount_minor, line_tax_minor, line_total_minor)
  select l.id, placed.id, l.position - 1, l.variant_id, l.sku, l.product_name, l.variant_name, l.quantity, l.unit_price,
    l.tax_rate, l.subtotal, l.discount, l.tax, l.total
  from placed, unnest(?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::text[], ?::int[], ?::bigint[], ?::int[], ?::bigint[], ?::bigint[],
    ?::bigint[], ?::bigint[]) with ordinality
    as l (id, variant_id, sku, product_name, variant_name, quantity, unit_price, tax_rate, subtotal, discount, tax, total, position)
), movements as (
  insert into stock_movements (id, variant_id, kind, on_hand_delta, reserved_delta, on_hand_after, reserved_after, order_line_id,
    reason, actor_type, actor_id)
  select m.id, m.variant_id, m.kind, m.on_hand_delta, m.reserved_delta, m.on_hand_after, m.reserved_after, m.order_line_id,
    m.reason, ?::text, ?::uuid
  from placed, unnest(?::uuid[], ?::uuid[], ?::text[], ?::int[], ?::int[], ?::int[], ?::int[], ?::uuid[], ?::text[])
    as m (id, variant_id, kind, on_hand_delta, reserved_delta, on_hand_after, reserved_after, order_line_id, reason)
), history as (
  insert into order_events (id, order_id, type, from_status, to_status, actor_type, actor_id, at)
  select ?::uuid, placed.id, 'created', null, 'pending', ?::text, ?::uuid, ?::timestamptz from placed
), event as (
  insert into event_log (org_id, type, subject, user_id, payload)
  select ?::uuid, 'order.created', placed.id, ?::uuid, ?::jsonb || jsonb_build_object('number', placed.number) from placed
)
select number from placed`

/** The statement with its values. */
export function placeStatement(rows: OrderRows): { readonly sql: string; readonly params: readonly unknown[] } {
  const { orderId, eventId, input, bill, lineIds, movements, at } = rows
  const { totals, lines } = bill
  const { actor } = input
  const payload = { customerId: input.customerId, totalMinor: totals.totalMinor, currency: bill.currency }
  return {
    sql: PLACE,
    params: [
      ...[input.orgId, FIRST_ORDER_NUMBER + 1],
      ...[orderId, input.orgId, input.customerId, input.userId, input.channel, bill.currency],
      ...[totals.subtotalMinor, totals.discountMinor, totals.shippingMinor, totals.taxMinor, totals.totalMinor],
      ...[input.source?.conversationId ?? null, input.source?.waMessageId ?? null, at, at],
      lineIds,
      lines.map((line) => line.variantId),
      lines.map((line) => line.sku),
      lines.map((line) => line.productName),
      lines.map((line) => line.variantName),
      lines.map((line) => line.quantity),
      lines.map((line) => line.unitPriceMinor),
      lines.map((line) => line.taxRateBp),
      lines.map((line) => line.subtotalMinor),
      lines.map((line) => line.discountMinor),
      lines.map((line) => line.taxMinor),
      lines.map((line) => line.totalMinor),
      ...[actor.type, actor.id],
      movements.map((each) => each.id),
      movements.map((each) => each.variantId),
      movements.map((each) => each.kind),
      movements.map((each) => each.onHandDelta),
      movements.map((each) => each.reservedDelta),
      movements.map((each) => each.onHandAfter),
      movements.map((each) => each.reservedAfter),
      movements.map((each) => each.orderLineId),
      movements.map((each) => each.reason),
      ...[eventId, actor.type, actor.id, at],
      ...[input.orgId, input.userId, JSON.stringify(payload)],
    ],
  }
}
