// Stock levels and their ledger. Every change of a level has its movement; movements are never changed. What an order takes is written with
// the order: order-statement.ts.
import type { VariantId } from '../domain/ids.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import type { MovementKind } from '../domain/stock/level.ts'
import type { Tx } from './database.ts'

/** Who moved the stock. */
export interface StockActor {
  readonly type: 'user' | 'customer' | 'system'
  readonly id: string | null
}

export interface ShortLine {
  readonly variantId: VariantId
  readonly wanted: number
  readonly available: number
}

interface LevelRow {
  readonly on_hand: number
  readonly reserved: number
}

export interface Movement {
  readonly id: string
  readonly variantId: VariantId
  readonly kind: MovementKind
  readonly onHandDelta: number
  readonly reservedDelta: number
  readonly onHandAfter: number
  readonly reservedAfter: number
  readonly orderLineId: string | null
  readonly reason: string
}

/** Appends to the ledger. */
export async function recordMovements(tx: Tx, movements: readonly Movement[], actor: StockActor): Promise<void> {
  if (movements.length === 0) return
  await tx.run(
    `insert into stock_movements (id, variant_id, kind, on_hand_delta, reserved_delta, on_hand_after, reserved_after,
       order_line_id, reason, actor_type, actor_id)
     select m.id, m.variant_id, m.kind, m.on_hand_delta, m.reserved_delta, m.on_hand_after, m.reserved_after,
       m.order_line_id, m.reason, ?, ?::uuid
     from unnest(?::uuid[], ?::uuid[], ?::text[], ?::int[], ?::int[], ?::int[], ?::int[], ?::uuid[], ?::text[])
       as m (id, variant_id, kind, on_hand_delta, reserved_delta, on_hand_after, reserved_after, order_line_id, reason)`,
    [
      actor.type,
      actor.id,
      movements.map((each) => each.id),
      movements.map((each) => each.variantId),
      movements.map((each) => each.kind),
      movements.map((each) => each.onHandDelta),
      movements.map((each) => each.reservedDelta),
      movements.map((each) => each.onHandAfter),
      movements.map((each) => each.reservedAfter),
      movements.map((each) => each.orderLineId),
      movements.map((each) => each.reason),
    ],
  )
}

/** Makes the level of a new variant, empty. */
export async function openLevel(tx: Tx, variantId: VariantId): Promise<void> {
  await tx.run('insert into stock_levels (variant_id, on_hand, reserved) values (?, 0, 0)', [variantId])
}

/** Puts goods on the shelf: the level goes up and the ledger says so. `unknown-variant` when it has no level. */
export async function receive(
  tx: Tx,
  variantId: VariantId,
  quantity: number,
  reason: string,
  actor: StockActor,
  newId: () => string,
): Promise<Result<void, 'unknown-variant'>> {
  if (!Number.isInteger(quantity) || quantity < 1) throw new Error(`not a quantity to receive: ${quantity}`)
  const [row] = await tx.rows<LevelRow>(
    'update stock_levels set on_hand = on_hand + ? where variant_id = ? returning on_hand, reserved',
    [quantity, variantId],
  )
  if (row === undefined) return refuse('unknown-variant', 'There is no such variant.')
  const movement: Movement = {
    id: newId(),
    variantId,
    kind: 'receipt',
    onHandDelta: quantity,
    reservedDelta: 0,
    onHandAfter: row.on_hand,
    reservedAfter: row.reserved,
    orderLineId: null,
    reason,
  }
  await recordMovements(tx, [movement], actor)
  return ok(undefined)
}
