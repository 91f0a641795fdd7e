// What orders that move do to the stock: several levels at once, all or none, locked in the order of their variants so that nobody waits for
// another in a circle; each change with its movement and the level after it. What a new order takes is written with it: order-statement.ts.
import type { OrderId, VariantId } from '../domain/ids.ts'
import type { MovementKind } from '../domain/stock/level.ts'
import type { Queryable, Tx } from './database.ts'
import { type Movement, recordMovements, type ShortLine, type StockActor } from './stock.ts'

export interface StockChange {
  readonly variantId: VariantId
  readonly lineId: string
  readonly kind: MovementKind
  readonly onHandDelta: number
  readonly reservedDelta: number
  readonly reason: string
}

interface Level {
  onHand: number
  reserved: number
}

/** @returns every variant of which there is too little: then nothing is changed. Empty when all is done. */
export async function changeStock(
  tx: Tx,
  changes: readonly StockChange[],
  actor: StockActor,
  newId: () => string,
): Promise<readonly ShortLine[]> {
  if (changes.length === 0) return []
  const levels = await lockLevels(
    tx,
    changes.map(({ variantId }) => variantId),
  )
  const short = shortOf(changes, levels)
  if (short.length > 0) return short
  const movements = changes.map((change): Movement => {
    const level = levels.get(change.variantId)
    if (level === undefined) throw new Error(`variant ${change.variantId} has no level`)
    level.onHand += change.onHandDelta
    level.reserved += change.reservedDelta
    return {
      id: newId(),
      variantId: change.variantId,
      kind: change.kind,
      onHandDelta: change.onHandDelta,
      reservedDelta: change.reservedDelta,
      onHandAfter: level.onHand,
      reservedAfter: level.reserved,
      orderLineId: change.lineId,
      reason: change.reason,
    }
  })
  const all = [...levels]
  await tx.run(
    `update stock_levels s set on_hand = w.on_hand, reserved = w.reserved
     from unnest(?::uuid[], ?::int[], ?::int[]) as w (variant_id, on_hand, reserved) where s.variant_id = w.variant_id`,
    [all.map(([id]) => id), all.map(([, level]) => level.onHand), all.map(([, level]) => level.reserved)],
  )
  await recordMovements(tx, movements, actor)
  return []
}

async function lockLevels(tx: Tx, variants: readonly VariantId[]): Promise<Map<VariantId, Level>> {
  const rows = await tx.rows<{ variant_id: VariantId; on_hand: number; reserved: number }>(
    `select variant_id, on_hand, reserved from stock_levels where variant_id = any(?::uuid[])
     order by variant_id for update`,
    [[...new Set(variants)]],
  )
  return new Map(rows.map((row) => [row.variant_id, { onHand: row.on_hand, reserved: row.reserved }]))
}

/** What is newly promised must be there once everything else is done. */
function shortOf(changes: readonly StockChange[], levels: ReadonlyMap<VariantId, Level>): readonly ShortLine[] {
  return [...Map.groupBy(changes, ({ variantId }) => variantId)].flatMap(([variantId, own]) => {
    const sum = (some: readonly StockChange[], pick: (change: StockChange) => number) =>
      some.reduce((all, change) => all + pick(change), 0)
    const wanted = sum(
      own.filter(({ kind }) => kind === 'reserve'),
      ({ reservedDelta }) => reservedDelta,
    )
    const level = levels.get(variantId)
    const others = own.filter(({ kind }) => kind !== 'reserve')
    const available =
      level === undefined
        ? 0
        : level.onHand - level.reserved + sum(others, ({ onHandDelta, reservedDelta }) => onHandDelta - reservedDelta)
    return wanted > 0 && wanted > available ? [{ variantId, wanted, available: Math.max(0, available) }] : []
  })
}

/** What a line of an order has taken, by the ledger. */
export interface Held {
  readonly lineId: string
  readonly variantId: VariantId
  /** Promised and still on the shelf. */
  readonly reserved: number
  /** Gone from the shelf. */
  readonly sold: number
}

/** Lines that took nothing, because their goods are not counted, are not in it. */
export function heldByOrder(q: Queryable, orderId: OrderId): Promise<readonly Held[]> {
  return q.rows<Held>(
    `select l.id as "lineId", m.variant_id as "variantId", sum(m.reserved_delta)::int as reserved, -sum(m.on_hand_delta)::int as sold
     from order_lines l join stock_movements m on m.order_line_id = l.id
     where l.order_id = ? group by l.id, m.variant_id order by l.id`,
    [orderId],
  )
}
