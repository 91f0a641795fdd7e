// The parts of a statement that place orders, one or several at once: stock, numbers, orders, lines, movements, history and events. Numbers have
// no gaps, so orders of an organisation take turns at one row: with a statement that does all of it, nobody holds that row while something of
// ours is waited for (docs/adr/0005).

import type { MessageId } from '../domain/ids.ts'
import { FIRST_ORDER_NUMBER } from '../domain/order/order.ts'
import { type Bill, billOf } from '../domain/order/place.ts'
import type { PlaceOrder } from './orders.ts'
import { given, type Part } from './statement.ts'

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

/** An order of a statement; `n` says which of those who are written together. */
export interface Ordered {
  readonly n: number
  readonly order: OrderDraft
  /** The message that tells the customer; null: none is written with it. */
  readonly told: MessageId | null
}

const ORDERED = {
  n: 'int',
  id: 'uuid',
  org_id: 'uuid',
  customer_id: 'uuid',
  user_id: 'uuid',
  channel: 'text',
  currency: 'text',
  subtotal: 'bigint',
  discount: 'bigint',
  shipping: 'bigint',
  tax: 'bigint',
  total: 'bigint',
  wa_id: 'text',
  at: 'timestamptz',
  event_id: 'uuid',
  actor_type: 'text',
  actor_id: 'uuid',
  told: 'uuid',
} as const

const ITEMS = {
  n: 'int',
  order_id: 'uuid',
  id: 'uuid',
  position: 'int',
  variant_id: 'uuid',
  movement_id: 'uuid',
  sku: 'text',
  product_name: 'text',
  variant_name: 'text',
  quantity: 'int',
  unit_price: 'bigint',
  tax_rate: 'int',
  subtotal: 'bigint',
  discount: 'bigint',
  tax: 'bigint',
  total: 'bigint',
} as const

function orderRow({ n, order, told }: Ordered): Readonly<Record<keyof typeof ORDERED, unknown>> {
  const { input, bill, at } = order
  const { subtotalMinor, discountMinor, shippingMinor, taxMinor, totalMinor } = bill.totals
  return {
    ...{ n, id: order.orderId, org_id: input.orgId, customer_id: input.customerId, user_id: input.userId },
    ...{ channel: input.channel, currency: bill.currency, subtotal: subtotalMinor, discount: discountMinor },
    ...{ shipping: shippingMinor, tax: taxMinor, total: totalMinor, wa_id: input.source?.waMessageId ?? null, at },
    ...{ event_id: order.eventId, actor_type: input.actor.type, actor_id: input.actor.id, told },
  }
}

function itemRows({ n, order }: Ordered): readonly Readonly<Record<keyof typeof ITEMS, unknown>>[] {
  const movements = new Map(order.taken.map(({ lineId, movementId }) => [lineId, movementId]))
  return order.bill.lines.map((line, position) => {
    const id = order.lineIds[position] ?? ''
    return {
      ...{
        n,
        order_id: order.orderId,
        id,
        position,
        variant_id: line.variantId,
        movement_id: movements.get(id) ?? null,
      },
      ...{ sku: line.sku, product_name: line.productName, variant_name: line.variantName, quantity: line.quantity },
      ...{ unit_price: line.unitPriceMinor, tax_rate: line.taxRateBp, subtotal: line.subtotalMinor },
      ...{ discount: line.discountMinor, tax: line.taxMinor, total: line.totalMinor },
    }
  })
}

/**
 * `ordered`, `items`, `levels` and `short`: what is wanted; its levels, locked in the order of their variants (nobody waits for another in a
 * circle); and the items of which there is too little. Of orders that come together an item is short when all of them together want too much
 * of it: who goes without is not decided here. Whoever goes on must first see that `short` has nothing of theirs.
 */
export function stockParts(orders: readonly Ordered[]): readonly Part[] {
  if (orders.length === 0) return []
  const variants = new Set(orders.flatMap(({ order }) => order.taken.map(({ variantId }) => variantId)))
  return [
    given('ordered', ORDERED, orders.map(orderRow)),
    given('items', ITEMS, orders.flatMap(itemRows)),
    {
      name: 'levels',
      sql: `select s.variant_id, s.on_hand, s.reserved, s.on_hand - s.reserved as available from stock_levels s
     where s.variant_id = any(?::uuid[]) order by s.variant_id for update`,
      params: [[...variants]],
    },
    {
      name: 'short',
      sql: `select w.n, w.variant_id, w.quantity, greatest(0, coalesce(l.available, 0)) as available
     from (select n, variant_id, quantity, sum(quantity) over (partition by variant_id) as together
       from items where movement_id is not null) w left join levels l using (variant_id)
     where coalesce(l.available, 0) < w.together`,
      params: [],
    },
  ]
}

/** The items of `short` of the order with this `n` (an expression) as JSON; null when there are none. */
export const shortOf = (n: string) =>
  `(select json_agg(json_build_object('variantId', s.variant_id, 'wanted', s.quantity, 'available', s.available)
  order by s.variant_id) from short s where s.n = ${n})`

/**
 * `reserved` and `taken`, for the orders whose `n` is in `go`: their stock, and as many numbers as there are orders. The row of the numbers is
 * the last that orders wait for: stock first, always. Levels are computed from the rows that are locked, both columns: the server holds the
 * row as the statement found it, changed, against its checks before it goes on to the row as it is (docs/adr/0005).
 */
export function takingParts(orders: readonly Ordered[]): readonly Part[] {
  if (orders.length === 0) return []
  return [
    {
      name: 'reserved',
      sql: `update stock_levels s set on_hand = w.on_hand, reserved = w.reserved + w.quantity
     from (select l.variant_id, l.on_hand, l.reserved, sum(i.quantity)::int as quantity
       from go join items i using (n) join levels l using (variant_id) where i.movement_id is not null
       group by l.variant_id, l.on_hand, l.reserved) w
     where s.variant_id = w.variant_id returning s.variant_id, s.on_hand, w.reserved as before`,
      params: [],
    },
    {
      name: 'taken',
      sql: `insert into order_counters (org_id, next)
     select org_id, ${FIRST_ORDER_NUMBER} + count(*) from go join ordered using (n) group by org_id
     on conflict (org_id) do update set next = order_counters.next + excluded.next - ${FIRST_ORDER_NUMBER} returning org_id, next`,
      params: [],
    },
  ]
}

/** Everything else an order writes, with the chat that `talk (n, id)` has for it; `placed` has the numbers then. */
export function orderParts(orders: readonly Ordered[]): readonly Part[] {
  if (orders.length === 0) return []
  return [
    {
      name: 'placed',
      sql: `insert into orders (id, org_id, number, customer_id, user_id, channel, status, currency, subtotal_minor, discount_minor,
       shipping_minor, tax_minor, total_minor, source_conversation_id, source_wa_id, placed_at, updated_at,
       notice_message_id)
     select o.id, org_id, taken.next - count(*) over (partition by org_id) + row_number() over (partition by org_id order by n) - 1,
       o.customer_id, o.user_id, o.channel, 'pending', o.currency, o.subtotal, o.discount, o.shipping, o.tax, o.total, talk.id, o.wa_id,
       o.at, o.at, o.told
     from go join ordered o using (n) join talk using (n) join taken using (org_id) returning id, number`,
      params: [],
    },
    {
      name: 'lines',
      sql: `insert into order_lines (id, order_id, position, variant_id, sku, product_name, variant_name, quantity, unit_price_minor,
       tax_rate_bp, line_subtotal_minor, line_discount_minor, line_tax_minor, line_total_minor)
     select i.id, i.order_id, i.position, i.variant_id, i.sku, i.product_name, i.variant_name, i.quantity, i.unit_price, i.tax_rate,
       i.subtotal, i.discount, i.tax, i.total
     from placed join items i on i.order_id = placed.id`,
      params: [],
    },
    {
      name: 'movements',
      sql: `insert into stock_movements (id, variant_id, kind, on_hand_delta, reserved_delta, on_hand_after, reserved_after, order_line_id,
       reason, actor_type, actor_id)
     select i.movement_id, i.variant_id, 'reserve', 0, i.quantity, r.on_hand,
       r.before + sum(i.quantity) over (partition by i.variant_id order by i.movement_id), i.id, 'order placed', o.actor_type, o.actor_id
     from placed join ordered o using (id) join items i on i.order_id = o.id join reserved r on r.variant_id = i.variant_id
     where i.movement_id is not null`,
      params: [],
    },
    {
      name: 'history',
      sql: `insert into order_events (id, order_id, type, from_status, to_status, actor_type, actor_id, at)
     select o.event_id, o.id, 'created', null, 'pending', o.actor_type, o.actor_id, o.at from placed join ordered o using (id)`,
      params: [],
    },
    {
      name: 'announced',
      sql: `insert into event_log (org_id, type, subject, user_id, payload)
     select o.org_id, 'order.created', o.id, o.user_id, jsonb_build_object('customerId', o.customer_id, 'totalMinor', o.total,
       'currency', o.currency, 'number', placed.number) from placed join ordered o using (id) order by placed.number`,
      params: [],
    },
  ]
}
