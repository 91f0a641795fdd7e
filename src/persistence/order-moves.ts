// Moves an order to another status, in one transaction: the order's row first, then the levels of its stock with their movements, one row of
// history, the event, the audit row and the message to the customer. Which moves there are is domain/order/transitions.ts. Not fenced: staff,
// customers with an account and the timer do not act for a session; who does puts its fence into the same transaction.
import type { Scope } from '../domain/access.ts'
import type { OrderId } from '../domain/ids.ts'
import type { OrderStatus } from '../domain/order/order.ts'
import { type Restock, returnedLines } from '../domain/order/restock.ts'
import { decideMove, type MoveCode, type Mover, type StockEffect } from '../domain/order/transitions.ts'
import { never, ok, type Result, refuse } from '../domain/result.ts'
import type { Tx } from './database.ts'
import { type Told, tellCustomer } from './notices.ts'
import { type ChangeBy, type LockedOrder, lockOrder, type OrderDeps, recordChange } from './order-changes.ts'
import { type ShortItem, shortItems, unsoldOf } from './order-items.ts'
import { changeStock, heldByOrder, type StockChange } from './stock-changes.ts'

export interface MoveOrder extends ChangeBy {
  readonly scope: Scope
  readonly orderId: OrderId
  readonly to: OrderStatus
  readonly mover: Mover
  /** The customer reads it when the order is cancelled. */
  readonly reason?: string | null
  /** For a return: what goes back on the shelf; null is everything. */
  readonly restock?: readonly Restock[] | null
  /** Whether the customer is told; false for whoever answers them anyway. */
  readonly notify: boolean
}

export interface MovedOrder {
  readonly id: OrderId
  readonly number: number
  readonly from: OrderStatus
  readonly status: OrderStatus
  readonly version: number
  readonly told: Told
}

export type MoveRefusal =
  | MoveCode
  | 'not-found'
  | 'stale-version'
  | 'insufficient-stock'
  | 'unknown-variant'
  | 'invalid-restock'

export async function moveOrder(tx: Tx, deps: OrderDeps, input: MoveOrder): Promise<Result<MovedOrder, MoveRefusal>> {
  const locked = await lockOrder(tx, input.scope, input.orderId, input.expectedVersion ?? null)
  if (!locked.ok) return locked
  return moveLocked(tx, deps, locked.value, input)
}

/** The same for an order that this transaction has locked. */
export async function moveLocked(
  tx: Tx,
  deps: OrderDeps,
  order: LockedOrder,
  input: Omit<MoveOrder, 'scope' | 'orderId'>,
): Promise<Result<MovedOrder, MoveRefusal>> {
  const { to, mover, at, notify } = input
  const reason = input.reason?.trim() || null
  const move = decideMove(order.status, to, mover, reason)
  if (!move.ok) return move
  const stock = await stockOf(tx, order, move.value.stock, input.restock ?? null)
  if (!stock.ok) return stock
  const short = await changeStock(tx, stock.value, input.actor, deps.newId)
  if (short.length > 0) return insufficient(await shortItems(tx, short))
  const from = order.status
  const version = order.version + 1
  await tx.run(
    `update orders set status = ?, status_at = ?, updated_at = ?, version = version + 1,
       placed_at = case when status = 'draft' and ? = 'pending' then ? else placed_at end,
       expires_at = null, cancel_requested_at = case when ? = 'cancelled' then null else cancel_requested_at end,
       cancel_reason = case when ? = 'cancelled' then ? else cancel_reason end
     where id = ?`,
    [to, at, at, to, at, to, to, reason, order.id],
  )
  await recordChange(tx, deps, { ...order, status: to, version }, input, {
    type: 'status',
    from,
    to,
    data: reason === null ? {} : { reason },
    action: 'order.transition',
    before: { status: from },
    after: { status: to, by: mover, ...(reason === null ? {} : { reason }) },
  })
  const told = await tellCustomer(tx, deps, { orderId: order.id, version, notify, at })
  return ok({ id: order.id, number: order.number, from, status: to, version, told })
}

/** Every line that is short, by name. */
export function insufficient(short: readonly ShortItem[]) {
  const words = short.map(({ name, available }) =>
    available === 0 ? `${name} is sold out` : `only ${available} left of ${name}`,
  )
  return refuse('insufficient-stock', `There is not enough stock: ${words.join(', ')}.`, {
    errors: short.map(({ variantId, available, name }) => ({
      path: variantId,
      code: 'insufficient-stock',
      message: available === 0 ? `${name} is sold out.` : `Only ${available} left of ${name}.`,
    })),
    details: { short },
  })
}

type Reason = Readonly<Record<Exclude<StockEffect, 'none' | 'return'>, string>>
const REASONS: Reason = { reserve: 'order placed', sale: 'order shipped', release: 'order cancelled' }

/** What the move takes from the shelf, or puts back. */
async function stockOf(
  tx: Tx,
  order: LockedOrder,
  effect: StockEffect,
  restock: readonly Restock[] | null,
): Promise<Result<readonly StockChange[], 'unknown-variant' | 'invalid-restock'>> {
  switch (effect) {
    case 'none':
      return ok([])
    case 'reserve':
      return reserved(tx, order.id)
    case 'sale':
    case 'release': {
      const held = await heldByOrder(tx, order.id)
      return ok(
        held
          .filter((line) => line.reserved > 0)
          .map(({ lineId, variantId, reserved }) => ({
            variantId,
            lineId,
            kind: effect,
            onHandDelta: effect === 'sale' ? -reserved : 0,
            reservedDelta: -reserved,
            reason: REASONS[effect],
          })),
      )
    }
    case 'return':
      return returned(tx, order.id, restock)
    default:
      return never(effect)
  }
}

async function reserved(tx: Tx, orderId: OrderId): Promise<Result<readonly StockChange[], 'unknown-variant'>> {
  const gone = await unsoldOf(tx, orderId)
  if (gone.length > 0) return refuse('unknown-variant', `No longer sold: ${gone.join(', ')}. Take it out of the order.`)
  const lines = await tx.rows<Pick<StockChange, 'variantId' | 'lineId'> & { quantity: number }>(
    `select l.id as "lineId", l.variant_id as "variantId", l.quantity
     from order_lines l join variants v on v.id = l.variant_id where l.order_id = ? and v.track_stock order by l.position`,
    [orderId],
  )
  return ok(
    lines.map(({ lineId, variantId, quantity }) => ({
      variantId,
      lineId,
      kind: 'reserve',
      onHandDelta: 0,
      reservedDelta: quantity,
      reason: REASONS.reserve,
    })),
  )
}

/** All that comes back comes back; what is not fit for the shelf is written off at once. */
async function returned(
  tx: Tx,
  orderId: OrderId,
  restock: readonly Restock[] | null,
): Promise<Result<readonly StockChange[], 'invalid-restock'>> {
  const sold = (await heldByOrder(tx, orderId)).filter((line) => line.sold > 0)
  const lines = returnedLines(sold, restock)
  if (!lines.ok) return lines
  return ok(
    sold.flatMap(({ lineId, variantId }): StockChange[] => {
      const line = lines.value.find((each) => each.lineId === lineId)
      if (line === undefined) throw new Error('a line that was sold is not returned')
      const base = { lineId, variantId, reservedDelta: 0 }
      const writtenOff = line.sold - line.restocked
      return [
        { ...base, kind: 'return', onHandDelta: line.sold, reason: 'order returned' },
        ...(writtenOff === 0
          ? []
          : [{ ...base, kind: 'writeoff', onHandDelta: -writtenOff, reason: 'returned, not fit to sell' } as const]),
      ]
    }),
  )
}
