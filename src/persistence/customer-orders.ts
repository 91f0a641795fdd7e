// What a customer does with an order of theirs in chat: cancels it. What they then read is the bot's own answer, so no message about the change
// is queued. Under the fence of whoever acts for the session: it is the caller's transaction.

import type { CustomerId, OrderId } from '../domain/ids.ts'
import { type CustomerCancel, customerCancel } from '../domain/order/customer-cancel.ts'
import { never, ok, type Result } from '../domain/result.ts'
import type { Tx } from './database.ts'
import { type ChangeBy, type LockedOrder, lockOrder, type OrderDeps, recordChange } from './order-changes.ts'
import { type MovedOrder, type MoveRefusal, moveLocked } from './order-moves.ts'

export interface CustomerActs extends Omit<ChangeBy, 'actor'> {
  readonly orderId: OrderId
  readonly customerId: CustomerId
}

/** What came of it; `number` and `status` as they are now. */
export interface CustomerCancelled {
  /** What it came to; of a `request`, `again`: staff had been asked before. */
  readonly outcome: CustomerCancel
  readonly again: boolean
  readonly number: number
  readonly status: LockedOrder['status']
}

/** Cancels what may be cancelled, asks staff for the rest, and says which. Only orders of this customer, through any account. */
export async function cancelByCustomer(
  tx: Tx,
  deps: OrderDeps,
  input: CustomerActs,
): Promise<Result<CustomerCancelled, MoveRefusal>> {
  const locked = await lockOwn(tx, input)
  if (!locked.ok) return locked
  const order = locked.value
  const { number, status } = order
  const wish = customerCancel(status)
  const came = (again: boolean, to = status) => ok({ outcome: wish, again, number, status: to })
  switch (wish) {
    case 'too-late':
    case 'closed':
      return came(false)
    case 'request':
      return came(!(await requestCancel(tx, deps, order, input)))
    case 'drop':
    case 'cancel': {
      const to = wish === 'drop' ? 'expired' : 'cancelled'
      const moved = await moveByCustomer(tx, deps, order, input, to)
      if (!moved.ok) return moved
      return came(false, to)
    }
    default:
      return never(wish)
  }
}

const lockOwn = (tx: Tx, { customerId, orderId, expectedVersion }: CustomerActs) =>
  lockOrder(tx, { kind: 'customer', customerId }, orderId, expectedVersion ?? null)

const actorOf = ({ customerId }: CustomerActs) => ({ type: 'customer', id: customerId }) as const

function moveByCustomer(
  tx: Tx,
  deps: OrderDeps,
  order: LockedOrder,
  input: CustomerActs,
  to: 'expired' | 'cancelled',
): Promise<Result<MovedOrder, MoveRefusal>> {
  return moveLocked(tx, deps, order, { ...input, to, mover: 'customer', actor: actorOf(input), notify: false })
}

/** @returns false when it was asked before: nothing is changed then */
async function requestCancel(tx: Tx, deps: OrderDeps, order: LockedOrder, input: CustomerActs): Promise<boolean> {
  if (order.cancelRequestedAt !== null) return false
  await tx.run('update orders set cancel_requested_at = ?, updated_at = ?, version = version + 1 where id = ?', [
    input.at,
    input.at,
    order.id,
  ])
  const changed = { ...order, version: order.version + 1 }
  await recordChange(
    tx,
    deps,
    changed,
    { ...input, actor: actorOf(input) },
    {
      type: 'cancel-requested',
      event: 'order.attention',
      action: 'order.cancel-request',
      after: { status: order.status },
    },
  )
  return true
}
