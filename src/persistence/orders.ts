// Placing an order, in the caller's transaction: stock first, in variant order; the organisation's number last, because
// everyone waits for it. Either all of it is there or nothing. Reading orders is order-views.ts.
import type { ConversationId, CustomerId, OrderId, OrgId, UserId } from '../domain/ids.ts'
import { FIRST_ORDER_NUMBER, type OrderChannel } from '../domain/order/order.ts'
import { type Bill, billOf, type WantedLine } from '../domain/order/place.ts'
import type { Tx } from './database.ts'
import { appendEvent } from './events.ts'
import { findOrderView, type OrderView } from './order-views.ts'
import { type LevelAfter, type Movement, recordMovements, reserve, type ShortLine, type StockActor } from './stock.ts'

export interface PlaceOrder {
  readonly orgId: OrgId
  /** The account it comes in through. */
  readonly userId: UserId
  readonly customerId: CustomerId
  readonly channel: OrderChannel
  readonly lines: readonly WantedLine[]
  /** The message that places it: it never places another. */
  readonly source?: { readonly conversationId: ConversationId; readonly waMessageId: string } | undefined
  readonly actor: StockActor
}

export type Placed =
  | { readonly ok: true; readonly order: OrderView }
  /** The source message has its order. */
  | { readonly ok: false; readonly code: 'already-placed' }
  /** Every line that is short. */
  | { readonly ok: false; readonly code: 'insufficient-stock'; readonly short: readonly ShortLine[] }

/**
 * Places an order as `pending`, its stock reserved. After a refusal nothing is changed and the transaction may go on.
 */
export async function placeOrder(tx: Tx, input: PlaceOrder, newId: () => string, now: Date): Promise<Placed> {
  const bill = billOf(input.lines)
  await tx.run('savepoint place_order')
  const tracked = input.lines.filter((line) => line.variant.trackStock)
  const reserved = await reserve(
    tx,
    tracked.map((line) => ({ variantId: line.variant.variantId, quantity: line.quantity })),
  )
  if (!reserved.ok) {
    await tx.run('rollback to savepoint place_order')
    return { ok: false, code: 'insufficient-stock', short: reserved.short }
  }
  const orderId = newId() as OrderId
  const number = await nextNumber(tx, input.orgId)
  if (!(await insertOrder(tx, orderId, number, input, bill, now))) {
    await tx.run('rollback to savepoint place_order')
    return { ok: false, code: 'already-placed' }
  }
  const lineIds = await insertLines(tx, orderId, bill, newId)
  await recordMovements(tx, movementsOf(bill, lineIds, reserved.levels, newId), input.actor)
  await noteCreated(tx, orderId, number, input, bill, newId, now)
  await tx.run('release savepoint place_order')
  const order = await findOrderView(tx, orderId)
  if (order === null) throw new Error('the order just written is not there')
  return { ok: true, order }
}

/** The next number of the organisation. Gap-free: the row is locked until the transaction ends. */
async function nextNumber(tx: Tx, orgId: OrgId): Promise<number> {
  const [row] = await tx.rows<{ number: number }>(
    `insert into order_counters (org_id, next) values (?, ?)
     on conflict (org_id) do update set next = order_counters.next + 1 returning next - 1 as number`,
    [orgId, FIRST_ORDER_NUMBER + 1],
  )
  if (row === undefined) throw new Error('the counter gave no number')
  return row.number
}

/** @returns false when the source message placed an order already. */
async function insertOrder(
  tx: Tx,
  orderId: OrderId,
  number: number,
  input: PlaceOrder,
  bill: Bill,
  now: Date,
): Promise<boolean> {
  const { totals } = bill
  const written = await tx.run(
    `insert into orders (id, org_id, number, customer_id, user_id, channel, status, currency, subtotal_minor,
       discount_minor, shipping_minor, tax_minor, total_minor, source_conversation_id, source_wa_id, placed_at, updated_at)
     values (?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (user_id, source_conversation_id, source_wa_id) do nothing`,
    [
      orderId,
      input.orgId,
      number,
      input.customerId,
      input.userId,
      input.channel,
      bill.currency,
      totals.subtotalMinor,
      totals.discountMinor,
      totals.shippingMinor,
      totals.taxMinor,
      totals.totalMinor,
      input.source?.conversationId ?? null,
      input.source?.waMessageId ?? null,
      now,
      now,
    ],
  )
  return written > 0
}

/** @returns the ids of the lines, in the bill's order. */
async function insertLines(tx: Tx, orderId: OrderId, bill: Bill, newId: () => string): Promise<readonly string[]> {
  const ids = bill.lines.map(() => newId())
  for (const [position, line] of bill.lines.entries()) {
    await tx.run(
      `insert into order_lines (id, order_id, position, variant_id, sku, product_name, variant_name, quantity,
         unit_price_minor, tax_rate_bp, line_subtotal_minor, line_discount_minor, line_tax_minor, line_total_minor)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        ids[position],
        orderId,
        position,
        line.variantId,
        line.sku,
        line.productName,
        line.variantName,
        line.quantity,
        line.unitPriceMinor,
        line.taxRateBp,
        line.subtotalMinor,
        line.discountMinor,
        line.taxMinor,
        line.totalMinor,
      ],
    )
  }
  return ids
}

function movementsOf(
  bill: Bill,
  lineIds: readonly string[],
  levels: readonly LevelAfter[],
  newId: () => string,
): readonly Movement[] {
  return levels.map((level) => {
    const position = bill.lines.findIndex((line) => line.variantId === level.variantId)
    return {
      id: newId(),
      variantId: level.variantId,
      kind: 'reserve',
      onHandDelta: 0,
      reservedDelta: level.quantity,
      onHandAfter: level.onHand,
      reservedAfter: level.reserved,
      orderLineId: lineIds[position] ?? null,
      reason: 'order placed',
    }
  })
}

async function noteCreated(
  tx: Tx,
  orderId: OrderId,
  number: number,
  input: PlaceOrder,
  bill: Bill,
  newId: () => string,
  now: Date,
): Promise<void> {
  await tx.run(
    `insert into order_events (id, order_id, type, from_status, to_status, actor_type, actor_id, at)
     values (?, ?, 'created', null, 'pending', ?, ?, ?)`,
    [newId(), orderId, input.actor.type, input.actor.id, now],
  )
  await appendEvent(tx, {
    orgId: input.orgId,
    type: 'order.created',
    subject: orderId,
    userId: input.userId,
    payload: { number, customerId: input.customerId, totalMinor: bill.totals.totalMinor, currency: bill.currency },
  })
}
