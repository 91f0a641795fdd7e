// The parts of a statement that place an order: its turn, stock, number, order, lines, movements, history and event. Numbers have no gaps, so
// orders of an organisation take turns: the row of the number is locked before any level, and only with statements that are on the server
// whole, so that nobody holds it while something of ours is waited for (docs/adr/0005).

import { FIRST_ORDER_NUMBER } from '../domain/order/order.ts'
import { type Bill, billOf } from '../domain/order/place.ts'
import type { PlaceOrder } from './orders.ts'
import type { Part } from './statement.ts'

/** An order ready to be written, with all ids made before. */
export interface OrderDraft {
  readonly orderId: string
  readonly eventId: string
  readonly input: PlaceOrder
  readonly bill: Bill
  readonly lineIds: readonly string[]
  /** What is taken from stock, by the line it is for; what is not counted is not in it. */
  readonly taken: readonly Taking[]
  readonly at: Date
}

interface Taking {
  readonly movementId: string
  readonly variantId: string
  readonly quantity: number
  readonly lineId: string
}

/** Computes the bill and makes the ids. Throws on no items, mixed currencies or a bad quantity: bugs. */
export function draftOrder(input: PlaceOrder, orderId: string, newId: () => string, at: Date): OrderDraft {
  const bill = billOf(input.lines, input.terms)
  const lineIds = bill.lines.map(() => newId())
  const tracked = new Set(
    input.lines.filter(({ variant }) => variant.trackStock).map(({ variant }) => variant.variantId),
  )
  const taken = bill.lines.flatMap(({ variantId, quantity }, index): Taking[] => {
    const lineId = lineIds[index]
    if (lineId === undefined || !tracked.has(variantId)) return []
    return [{ movementId: newId(), variantId, quantity, lineId }]
  })
  return { orderId, eventId: newId(), input, bill, lineIds, taken, at }
}

/**
 * `turn`, `wanted`, `levels` and `short`: waits for this order's turn, locks the levels in the order of their variants (nobody waits for
 * another in a circle) and names the lines of which there is too little. Whoever goes on must first see that `short` is empty.
 */
export function stockParts({ input, taken }: OrderDraft): readonly Part[] {
  return [
    { name: 'turn', sql: 'select from order_counters where org_id = ? for update', params: [input.orgId] },
    {
      name: 'wanted',
      sql: `select * from unnest(?::uuid[], ?::int[], ?::uuid[], ?::uuid[]) as w (variant_id, quantity, line_id, movement_id)`,
      params: [
        taken.map((each) => each.variantId),
        taken.map((each) => each.quantity),
        taken.map((each) => each.lineId),
        taken.map((each) => each.movementId),
      ],
    },
    {
      name: 'levels',
      sql: `select s.variant_id, s.on_hand - s.reserved as available from stock_levels s
     where s.variant_id = any(?::uuid[]) and (select count(*) from turn) >= 0 order by s.variant_id for update`,
      params: [taken.map((each) => each.variantId)],
    },
    {
      name: 'short',
      sql: `select w.variant_id, w.quantity, greatest(0, coalesce(l.available, 0)) as available
     from wanted w left join levels l using (variant_id) where coalesce(l.available, 0) < w.quantity`,
      params: [],
    },
  ]
}

/** The lines of `short` as JSON; null when there are none. */
export const SHORT = `(select json_agg(json_build_object('variantId', variant_id, 'wanted', quantity, 'available', available)
  order by variant_id) from short)`

/**
 * Everything an order writes, when `go` has its one row; `placed` has the number then. `chat`: the conversation's id as an expression.
 */
export function orderParts(
  draft: OrderDraft,
  chat: { readonly sql: string; readonly params: readonly unknown[] },
): readonly Part[] {
  const { orderId, eventId, input, bill, lineIds, at } = draft
  const { totals, lines } = bill
  const { actor } = input
  const payload = { customerId: input.customerId, totalMinor: totals.totalMinor, currency: bill.currency }
  return [
    {
      name: 'reserved',
      sql: `update stock_levels s set reserved = s.reserved + w.quantity from go, wanted w where s.variant_id = w.variant_id
     returning s.variant_id, s.on_hand, s.reserved, w.quantity, w.line_id, w.movement_id`,
      params: [],
    },
    {
      name: 'taken',
      sql: `insert into order_counters (org_id, next)
     select ?::uuid, ?::int from go
     on conflict (org_id) do update set next = order_counters.next + 1 returning next - 1 as number`,
      params: [input.orgId, FIRST_ORDER_NUMBER + 1],
    },
    {
      name: 'placed',
      sql: `insert into orders (id, org_id, number, customer_id, user_id, channel, status, currency, subtotal_minor, discount_minor,
       shipping_minor, tax_minor, total_minor, source_conversation_id, source_wa_id, placed_at, updated_at)
     select ?::uuid, ?::uuid, taken.number, ?::uuid, ?::uuid, ?::text, 'pending', ?::text, ?::bigint, ?::bigint,
       ?::bigint, ?::bigint, ?::bigint, ${chat.sql}, ?::text, ?::timestamptz, ?::timestamptz
     from taken returning id, number`,
      params: [
        ...[orderId, input.orgId, input.customerId, input.userId, input.channel, bill.currency],
        ...[totals.subtotalMinor, totals.discountMinor, totals.shippingMinor, totals.taxMinor, totals.totalMinor],
        ...[...chat.params, input.source?.waMessageId ?? null, at, at],
      ],
    },
    {
      name: 'lines',
      sql: `insert into order_lines (id, order_id, position, variant_id, sku, product_name, variant_name, quantity, unit_price_minor,
       tax_rate_bp, line_subtotal_minor, line_discount_minor, line_tax_minor, line_total_minor)
     select l.id, placed.id, l.position - 1, l.variant_id, l.sku, l.product_name, l.variant_name, l.quantity, l.unit_price,
       l.tax_rate, l.subtotal, l.discount, l.tax, l.total
     from placed, unnest(?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::text[], ?::int[], ?::bigint[], ?::int[], ?::bigint[], ?::bigint[],
       ?::bigint[], ?::bigint[]) with ordinality
       as l (id, variant_id, sku, product_name, variant_name, quantity, unit_price, tax_rate, subtotal, discount, tax, total, position)`,
      params: [
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
      ],
    },
    {
      name: 'movements',
      sql: `insert into stock_movements (id, variant_id, kind, on_hand_delta, reserved_delta, on_hand_after, reserved_after, order_line_id,
       reason, actor_type, actor_id)
     select r.movement_id, r.variant_id, 'reserve', 0, r.quantity, r.on_hand, r.reserved, r.line_id, 'order placed', ?::text, ?::uuid
     from placed, reserved r`,
      params: [actor.type, actor.id],
    },
    {
      name: 'history',
      sql: `insert into order_events (id, order_id, type, from_status, to_status, actor_type, actor_id, at)
     select ?::uuid, placed.id, 'created', null, 'pending', ?::text, ?::uuid, ?::timestamptz from placed`,
      params: [eventId, actor.type, actor.id, at],
    },
    {
      name: 'announced',
      sql: `insert into event_log (org_id, type, subject, user_id, payload)
     select ?::uuid, 'order.created', placed.id, ?::uuid, ?::jsonb || jsonb_build_object('number', placed.number) from placed`,
      params: [input.orgId, input.userId, JSON.stringify(payload)],
    },
  ]
}
