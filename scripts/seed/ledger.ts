// What sixty days of orders did to the shelves: every level is the sum of its movements, and at no instant was more promised than was there.
// The first receipt of each variant is chosen so that today exactly what the catalogue file says may be sold.

import type { VariantId } from '../../src/domain/ids.ts'
import { RESERVING } from '../../src/domain/order/order.ts'
import type { MovementKind } from '../../src/domain/stock/level.ts'
import type { Movement } from '../../src/persistence/stock.ts'
import type { PastOrder, Step } from './history.ts'

export interface PastMovement extends Omit<Movement, 'id' | 'orderLineId'> {
  /** The order by its number, and which of its lines. */
  readonly line: { readonly order: number; readonly position: number } | null
  readonly by: Step['by']
  readonly at: Date
}

export interface Shelf {
  readonly variantId: VariantId
  /** What may be sold today. */
  readonly available: number
}

/** Changes beside orders, of the goods at these places. */
export interface Event {
  readonly variantId: VariantId
  readonly kind: 'adjustment' | 'writeoff'
  readonly delta: number
  readonly reason: string
  readonly at: Date
}

type Change = Omit<PastMovement, 'onHandAfter' | 'reservedAfter'>

export function makeLedger(
  shelves: readonly Shelf[],
  orders: readonly PastOrder[],
  events: readonly Event[],
  openedAt: Date,
): readonly PastMovement[] {
  const changes = [...orders.flatMap(changesOf), ...events.map(changeOf)]
  const byVariant = Map.groupBy(changes, ({ variantId }) => variantId)
  const all = shelves.flatMap(({ variantId, available }) => {
    const own = (byVariant.get(variantId) ?? []).toSorted((a, b) => a.at.getTime() - b.at.getTime())
    return movementsOf(variantId, available, own, openedAt)
  })
  return all.toSorted((a, b) => a.at.getTime() - b.at.getTime())
}

function movementsOf(
  variantId: VariantId,
  left: number,
  own: readonly Change[],
  openedAt: Date,
): readonly PastMovement[] {
  const net = own.reduce((sum, each) => sum + each.onHandDelta - each.reservedDelta, 0)
  const opening = left - net
  const receipt = {
    kind: 'receipt',
    onHandDelta: opening,
    reservedDelta: 0,
    line: null,
    reason: 'opening stock',
  } as const
  const first: readonly Change[] = opening === 0 ? [] : [{ ...receipt, variantId, by: 'user', at: openedAt }]
  let [onHand, reserved] = [0, 0]
  return [...first, ...own].map((change) => {
    onHand += change.onHandDelta
    reserved += change.reservedDelta
    if (reserved < 0 || reserved > onHand) throw new Error('the story of the demo shop sells what was not there')
    return { ...change, onHandAfter: onHand, reservedAfter: reserved }
  })
}

function changesOf(order: PastOrder): readonly Change[] {
  return order.bill.lines.flatMap(({ variantId, quantity }, position) =>
    order.steps.flatMap(({ from, to, at, by }): readonly Change[] => {
      const change = (kind: MovementKind, onHandDelta: number, reservedDelta: number, reason: string): Change => ({
        ...{ variantId, kind, onHandDelta, reservedDelta, reason, by, at },
        line: { order: order.number, position },
      })
      if (to === 'pending') return [change('reserve', 0, quantity, 'order placed')]
      if (to === 'shipped') return [change('sale', -quantity, -quantity, 'order shipped')]
      if (to === 'cancelled' && from !== null && RESERVING.includes(from))
        return [change('release', 0, -quantity, 'order cancelled')]
      if (to === 'returned') return [change('return', quantity, 0, 'order returned')]
      return []
    }),
  )
}

function changeOf({ variantId, kind, delta, reason, at }: Event): Change {
  return { variantId, kind, onHandDelta: delta, reservedDelta: 0, line: null, reason, by: 'user', at }
}
