// Placing an order, in the caller's transaction: stock first, in variant order; the organisation's number last, because
// everyone waits for it. Either all of it is there or nothing. Reading orders is order-views.ts.
import { asId, type ConversationId, type CustomerId, type OrderId, type OrgId, type UserId } from '../domain/ids.ts'
import type { Minor } from '../domain/money.ts'
import type { OrderChannel } from '../domain/order/order.ts'
import { type Bill, billOf, type WantedLine } from '../domain/order/place.ts'
import type { Tx } from './database.ts'
import { placeStatement } from './order-statement.ts'
import { type LevelAfter, type Movement, reserve, type ShortLine, type StockActor } from './stock.ts'

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

/** An order just written, as far as its answer needs it. */
export interface NewOrder {
  readonly id: OrderId
  readonly number: number
  readonly status: 'pending'
  readonly paymentStatus: 'unpaid'
  readonly currency: string
  readonly totalMinor: Minor
  readonly placedAt: Date
  readonly lines: Bill['lines']
}

export type Placed =
  | { readonly ok: true; readonly order: NewOrder }
  /** The source message has its order. */
  | { readonly ok: false; readonly code: 'already-placed' }
  /** Every line that is short. */
  | { readonly ok: false; readonly code: 'insufficient-stock'; readonly short: readonly ShortLine[] }

/**
 * Places an order as `pending`, its stock reserved. After a refusal nothing is changed and the transaction may go on.
 */
export async function placeOrder(tx: Tx, input: PlaceOrder, newId: () => string, at: Date): Promise<Placed> {
  const bill = billOf(input.lines)
  await tx.run('savepoint place_order')
  const tracked = input.lines.filter((line) => line.variant.trackStock)
  const reserved = await reserve(
    tx,
    tracked.map((line) => ({ variantId: line.variant.variantId, quantity: line.quantity })),
  )
  if (!reserved.ok) return { ok: false, code: 'insufficient-stock', short: reserved.short }
  const orderId = asId<OrderId>(newId())
  const lineIds = bill.lines.map(() => newId())
  const movements = movementsOf(bill, lineIds, reserved.levels, newId)
  const { sql, params } = placeStatement({ orderId, eventId: newId(), input, bill, lineIds, movements, at })
  const [row] = await tx.rows<{ number: number }>(sql, params)
  if (row === undefined) {
    await tx.run('rollback to savepoint place_order')
    return { ok: false, code: 'already-placed' }
  }
  const { currency, lines, totals } = bill
  const { totalMinor } = totals
  const fresh = { status: 'pending', paymentStatus: 'unpaid', placedAt: at } as const
  return { ok: true, order: { id: orderId, number: row.number, currency, totalMinor, lines, ...fresh } }
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
