// Writes the orders of the demo shop with their lines, history, payments and messages, and what they did to the shelves: the rows that the
// stores would have written at the time, a table at a time.

import type { OrgId } from '../../src/domain/ids.ts'
import { FIRST_ORDER_NUMBER } from '../../src/domain/order/order.ts'
import type { Tx } from '../../src/persistence/database.ts'
import type { Dice } from '../proof/random.ts'
import { OWNER } from './cast.ts'
import type { PastMessage } from './chats.ts'
import type { PastOrder } from './history.ts'
import { idAt } from './ids.ts'
import type { PastMovement } from './ledger.ts'
import { chatKey, type Written } from './people.ts'
import { insertAll } from './rows.ts'

export interface Story {
  readonly orders: readonly PastOrder[]
  readonly movements: readonly PastMovement[]
  readonly messages: readonly PastMessage[]
}

/** The ids of what is written, by what it is of. */
interface Ids {
  readonly orgId: OrgId
  readonly people: Written
  readonly orders: ReadonlyMap<number, string>
  /** By the order's number and the place of the line. */
  readonly lines: ReadonlyMap<string, string>
  /** Of each message, as WhatsApp has it. */
  readonly waIds: readonly string[]
  readonly dice: Dice
}

const lineKey = (order: number, position: number): string => `${order} ${position}`
const placedAt = ({ steps }: PastOrder): Date => steps[0]?.at ?? new Date(0)

export async function writeStory(tx: Tx, orgId: OrgId, story: Story, people: Written, dice: Dice): Promise<void> {
  const { orders, movements, messages } = story
  const ids: Ids = {
    orgId,
    people,
    dice,
    orders: new Map(orders.map((order) => [order.number, idAt(placedAt(order), dice)])),
    lines: new Map(
      orders.flatMap((order) =>
        order.bill.lines.map((_, position) => [lineKey(order.number, position), idAt(placedAt(order), dice)] as const),
      ),
    ),
    waIds: messages.map((_, index) => `DEMO${index.toString(16).toUpperCase().padStart(16, '0')}`),
  }
  const placing = new Map(
    messages.flatMap(({ places, order }, index) => (places ? [[order, ids.waIds[index] ?? null]] : [])),
  )
  await insertAll(
    tx,
    'orders',
    orders.map((order) => orderRow(order, placing.get(order.number) ?? null, ids)),
  )
  await insertAll(
    tx,
    'order_lines',
    orders.flatMap((order) => lineRows(order, ids)),
  )
  const paid = orders.flatMap((order) =>
    order.payments.map((payment) => ({ order, payment, id: idAt(payment.at, dice) })),
  )
  await insertAll(
    tx,
    'payments',
    paid.map(({ order, payment, id }) => ({
      id,
      order_id: ids.orders.get(order.number),
      kind: payment.kind,
      method: payment.method,
      amount_minor: payment.amountMinor,
      at: payment.at,
      actor_id: actorOf(order, 'user', ids),
      reference: '',
    })),
  )
  await insertAll(tx, 'order_events', historyRows(orders, paid, ids))
  await tx.run(
    `insert into order_counters (org_id, next) values (?, ?) on conflict (org_id) do update set next = excluded.next`,
    [orgId, FIRST_ORDER_NUMBER + orders.length],
  )
  await writeMovements(tx, movements, new Map(orders.map((order) => [order.number, order])), ids)
  await writeMessages(tx, messages, ids)
}

/** Who did it: the customer, or whose order it is. */
function actorOf(order: PastOrder | undefined, by: 'customer' | 'user', { people }: Ids): string | null {
  if (order !== undefined && by === 'customer') return people.customers[order.customer] ?? null
  return people.users.get(order?.owner ?? OWNER) ?? null
}

function orderRow(order: PastOrder, source: string | null, ids: Ids) {
  const { totals, currency } = order.bill
  const moved = order.steps.length > 1
  const times = [...order.steps, ...order.payments].map(({ at }) => at.getTime())
  return {
    id: ids.orders.get(order.number),
    org_id: ids.orgId,
    number: order.number,
    customer_id: ids.people.customers[order.customer],
    user_id: ids.people.users.get(order.owner),
    channel: order.channel,
    status: order.status,
    payment_status: order.paymentStatus,
    fulfillment: order.fulfillment,
    currency,
    subtotal_minor: totals.subtotalMinor,
    discount_minor: totals.discountMinor,
    shipping_minor: totals.shippingMinor,
    tax_minor: totals.taxMinor,
    total_minor: totals.totalMinor,
    source_conversation_id: source === null ? null : ids.people.chats.get(chatKey(order.owner, order.customer)),
    source_wa_id: source,
    cancel_reason: order.reason,
    placed_at: placedAt(order),
    status_at: moved ? order.steps.at(-1)?.at : null,
    updated_at: new Date(Math.max(...times)),
    version: times.length,
    note: '',
  }
}

function lineRows(order: PastOrder, ids: Ids) {
  return order.bill.lines.map((line, position) => ({
    id: ids.lines.get(lineKey(order.number, position)),
    order_id: ids.orders.get(order.number),
    position,
    variant_id: line.variantId,
    sku: line.sku,
    product_name: line.productName,
    variant_name: line.variantName,
    quantity: line.quantity,
    unit_price_minor: line.unitPriceMinor,
    tax_rate_bp: line.taxRateBp,
    line_subtotal_minor: line.subtotalMinor,
    line_discount_minor: line.discountMinor,
    line_tax_minor: line.taxMinor,
    line_total_minor: line.totalMinor,
  }))
}

interface Paid {
  readonly order: PastOrder
  readonly payment: PastOrder['payments'][number]
  readonly id: string
}

function historyRows(orders: readonly PastOrder[], paid: readonly Paid[], ids: Ids) {
  const row = (
    order: PastOrder,
    at: Date,
    by: 'customer' | 'user',
    type: string,
    data: object,
    status: [string | null, string | null],
  ) => ({
    id: idAt(at, ids.dice),
    order_id: ids.orders.get(order.number),
    type,
    from_status: status[0],
    to_status: status[1],
    actor_type: by,
    actor_id: actorOf(order, by, ids),
    data,
    at,
  })
  const moves = orders.flatMap((order) =>
    order.steps.map(({ from, to, at, by }) => {
      const data = to === 'cancelled' && order.reason !== null ? { reason: order.reason } : {}
      return row(order, at, by, from === null ? 'created' : 'status', data, [from, to])
    }),
  )
  const money = paid.map(({ order, payment: { kind, method, amountMinor, at }, id }) =>
    row(order, at, 'user', kind, { paymentId: id, method, amountMinor }, [null, null]),
  )
  return [...moves, ...money]
}

/** The ledger in the order of time, then the levels it leads to. */
async function writeMovements(
  tx: Tx,
  movements: readonly PastMovement[],
  orders: ReadonlyMap<number, PastOrder>,
  ids: Ids,
): Promise<void> {
  await insertAll(
    tx,
    'stock_movements',
    movements.map((movement) => ({
      id: idAt(movement.at, ids.dice),
      variant_id: movement.variantId,
      kind: movement.kind,
      on_hand_delta: movement.onHandDelta,
      reserved_delta: movement.reservedDelta,
      on_hand_after: movement.onHandAfter,
      reserved_after: movement.reservedAfter,
      order_line_id:
        movement.line === null ? null : ids.lines.get(lineKey(movement.line.order, movement.line.position)),
      reason: movement.reason,
      actor_type: movement.by,
      actor_id: actorOf(movement.line === null ? undefined : orders.get(movement.line.order), movement.by, ids),
      at: movement.at,
    })),
  )
  const levels = [...new Map(movements.map((movement) => [movement.variantId, movement])).values()]
  await tx.run(
    `update stock_levels s set on_hand = l.on_hand, reserved = l.reserved
     from unnest(?::uuid[], ?::int[], ?::int[]) as l (variant_id, on_hand, reserved) where s.variant_id = l.variant_id`,
    [
      levels.map(({ variantId }) => variantId),
      levels.map(({ onHandAfter }) => onHandAfter),
      levels.map(({ reservedAfter }) => reservedAfter),
    ],
  )
}

async function writeMessages(tx: Tx, messages: readonly PastMessage[], ids: Ids): Promise<void> {
  await insertAll(
    tx,
    'messages',
    messages.map(({ owner, customer, author, text, at, order }, index) => ({
      id: idAt(at, ids.dice),
      conversation_id: ids.people.chats.get(chatKey(owner, customer)),
      user_id: ids.people.users.get(owner),
      wa_message_id: ids.waIds[index],
      from_me: author !== 'customer',
      author,
      author_id: author === 'user' ? ids.people.users.get(owner) : null,
      type: 'text',
      text,
      status: author === 'customer' ? 'received' : 'read',
      order_id: order === null ? null : ids.orders.get(order),
      wa_timestamp: at,
      created_at: at,
    })),
  )
  await tx.run(
    `update conversations v set last_message_id = m.id, last_message_at = m.wa_timestamp
     from (select distinct on (conversation_id) id, conversation_id, wa_timestamp from messages order by conversation_id, id desc) m
     where m.conversation_id = v.id`,
  )
}
