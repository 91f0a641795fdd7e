// Which moves an order may make, who may make them, and what each does to the stock: one table. Carrying a move out is
// persistence/order-moves.ts; what the customer reads about it is domain/bot/notice.ts.
import type { Role } from '../access.ts'
import { ok, type Result, refuse } from '../result.ts'
import type { OrderStatus } from './order.ts'

/** Who moves an order: staff by their role, the customer (by chat or with an account), or time. */
export type Mover = Role | 'timer'

/** `reserve`: promise the goods; `sale`: they leave the shelf; `release`: promise no longer; `return`: they come back. */
export type StockEffect = 'none' | 'reserve' | 'sale' | 'release' | 'return'

export interface Move {
  readonly from: OrderStatus
  readonly to: OrderStatus
  readonly by: readonly Mover[]
  readonly stock: StockEffect
  /** A reason must be given: the customer reads it. */
  readonly reasoned: boolean
}

const STAFF: readonly Mover[] = ['employee', 'manager', 'admin']
const LEADS: readonly Mover[] = ['manager', 'admin']

const move = (
  from: OrderStatus,
  to: OrderStatus,
  by: readonly Mover[],
  stock: StockEffect,
  reasoned = false,
): Move => ({
  from,
  to,
  by,
  stock,
  reasoned,
})

/** Every move there is; what is not here does not happen. */
export const MOVES: readonly Move[] = [
  move('draft', 'pending', ['customer', ...STAFF], 'reserve'),
  move('draft', 'expired', ['customer', 'timer'], 'none'),
  move('pending', 'confirmed', STAFF, 'none'),
  move('pending', 'cancelled', ['customer', ...STAFF, 'timer'], 'release'),
  move('confirmed', 'processing', STAFF, 'none'),
  move('confirmed', 'cancelled', STAFF, 'release', true),
  move('processing', 'shipped', STAFF, 'sale'),
  move('processing', 'cancelled', STAFF, 'release', true),
  move('shipped', 'delivered', STAFF, 'none'),
  move('shipped', 'returned', LEADS, 'return'),
  move('delivered', 'returned', LEADS, 'return'),
]

/** Where this person may move an order of this status. */
export function movesFor(status: OrderStatus, mover: Mover): readonly OrderStatus[] {
  return MOVES.filter(({ from, by }) => from === status && by.includes(mover)).map(({ to }) => to)
}

export type MoveCode = 'order-transition-not-allowed' | 'forbidden' | 'reason-required'

/**
 * The move from one status to another, if this person may make it now. `order-transition-not-allowed` says where the order may go
 * instead (`details.allowed`); `forbidden` is for moves that are never this person's.
 */
export function decideMove(
  from: OrderStatus,
  to: OrderStatus,
  mover: Mover,
  reason: string | null,
): Result<Move, MoveCode> {
  const found = MOVES.find((each) => each.from === from && each.to === to)
  if (found === undefined || !found.by.includes(mover)) {
    if (isNever(to, mover)) return refuse('forbidden', `Your role may not make an order ${to}. Ask a manager.`)
    const allowed = movesFor(from, mover)
    const instead = allowed.length === 0 ? 'Nothing more can be done with it' : `It may become ${allowed.join(' or ')}`
    return refuse('order-transition-not-allowed', `The order is ${from} and cannot become ${to}. ${instead}.`, {
      details: { allowed },
    })
  }
  if (found.reasoned && (reason === null || reason.trim() === '')) {
    const message = 'Say why the order is cancelled: the customer reads it.'
    return refuse('reason-required', message, { errors: [{ path: 'reason', code: 'reason-required', message }] })
  }
  return ok(found)
}

/** Others may do it, this person never. */
function isNever(to: OrderStatus, mover: Mover): boolean {
  const into = MOVES.filter((each) => each.to === to)
  return into.some(({ by }) => by.includes('admin')) && !into.some(({ by }) => by.includes(mover))
}
