// Stock levels and their ledger. A reservation is one conditional UPDATE per variant, in variant-id order: reading first
// and writing later sold 190 too many of 10, and unordered rows deadlocked (commerce.md 1.6). Every change of a level has
// its movement; movements are never changed.
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

/** A level after it was changed. */
export interface LevelAfter {
  readonly variantId: VariantId
  readonly quantity: number
  readonly onHand: number
  readonly reserved: number
}

interface LevelRow {
  readonly on_hand: number
  readonly reserved: number
}

export type Reserved =
  | { readonly ok: true; readonly levels: readonly LevelAfter[] }
  /** Nothing is reserved; every line that is short is named. */
  | { readonly ok: false; readonly short: readonly ShortLine[] }

/**
 * Reserves every line or none; the same variant twice is added up first. The movements are the caller's to write, once
 * the order lines they belong to exist: `recordMovements`.
 */
export async function reserve(
  tx: Tx,
  lines: readonly { readonly variantId: VariantId; readonly quantity: number }[],
): Promise<Reserved> {
  const wanted = new Map<VariantId, number>()
  for (const { variantId, quantity } of lines) wanted.set(variantId, (wanted.get(variantId) ?? 0) + quantity)
  const inOrder = [...wanted].sort(([a], [b]) => (a < b ? -1 : 1))
  const levels: LevelAfter[] = []
  await tx.run('savepoint reserve_stock')
  for (const [variantId, quantity] of inOrder) {
    const [row] = await tx.rows<LevelRow>(
      `update stock_levels set reserved = reserved + ?
       where variant_id = ? and on_hand - reserved >= ? returning on_hand, reserved`,
      [quantity, variantId, quantity],
    )
    if (row === undefined) {
      await tx.run('rollback to savepoint reserve_stock')
      return { ok: false, short: await shortOf(tx, inOrder, variantId) }
    }
    levels.push({ variantId, quantity, onHand: row.on_hand, reserved: row.reserved })
  }
  return { ok: true, levels }
}

/** Every line that is short now; the one that failed always, even if some came back in this moment. */
async function shortOf(
  tx: Tx,
  wanted: readonly (readonly [VariantId, number])[],
  failed: VariantId,
): Promise<readonly ShortLine[]> {
  const rows = await tx.rows<{ variant_id: VariantId; available: number }>(
    'select variant_id, on_hand - reserved as available from stock_levels where variant_id = any(?::uuid[])',
    [wanted.map(([variantId]) => variantId)],
  )
  const left = new Map(rows.map((row) => [row.variant_id, row.available]))
  return wanted.flatMap(([variantId, quantity]) => {
    const available = Math.max(0, left.get(variantId) ?? 0)
    if (variantId === failed) return [{ variantId, wanted: quantity, available: Math.min(available, quantity - 1) }]
    return available < quantity ? [{ variantId, wanted: quantity, available }] : []
  })
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
