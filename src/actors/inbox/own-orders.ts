// The orders of one customer as the bot speaks of them, through any account of the shop, and which of them `cancel` means.

import { orderSaid } from '../../domain/bot/order-said.ts'
import type { OrderSaid, Voice } from '../../domain/bot/say.ts'
import type { CustomerId, OrderId, OrgId } from '../../domain/ids.ts'
import { type CustomerCancel, customerCancel } from '../../domain/order/customer-cancel.ts'
import { OPEN } from '../../domain/order/order.ts'
import { never } from '../../domain/result.ts'
import type { Queryable } from '../../persistence/database.ts'
import { latestOrders } from '../../persistence/order-views.ts'

/** Orders that `status` tells about. */
export const STATUS_ORDERS = 5
/** Orders that `cancel` looks at, and those it lists. */
export const CANCEL_ORDERS = 20
const CANCEL_CHOICES = 10

export interface OwnOrder extends OrderSaid {
  readonly id: OrderId
}

/** Newest first. @param number of the only one that is asked about; null: any */
export async function ownOrders(
  q: Queryable,
  { orgId, customerId }: { readonly orgId: OrgId; readonly customerId: CustomerId },
  number: number | null,
  limit: number,
): Promise<readonly OwnOrder[]> {
  const orders = await latestOrders(q, { orgId, customerId, limit, number: number ?? undefined })
  return orders.map((order) => ({ ...orderSaid(order), id: order.id }))
}

/** Those that somebody may mean who cancels without a number: what nobody works on yet, else all that is open. */
export function cancellable<T extends OrderSaid>(orders: readonly T[]): readonly T[] {
  const pending = orders.filter(({ status }) => status === 'pending')
  const meant =
    pending.length > 0 ? pending : orders.filter(({ status }) => OPEN.includes(status) && status !== 'draft')
  return meant.slice(0, CANCEL_CHOICES)
}

/** What is said to who wants to cancel this one. Nothing is cancelled yet. */
export function cancelText(say: Voice, order: OrderSaid): string {
  const wish = customerCancel(order.status)
  switch (wish) {
    case 'drop':
    case 'cancel':
      return say.cancelThis(order)
    case 'request':
      return say.cancelAsked(order.number)
    case 'too-late':
      return say.cancelTooLate(order.number)
    case 'closed':
      return say.nothingToCancel()
    default:
      return never(wish)
  }
}

/** What is said when it is done, or is not. */
export function undoneText(say: Voice, wish: CustomerCancel, number: number): string {
  switch (wish) {
    case 'drop':
    case 'cancel':
      return say.cancelled(number)
    case 'request':
      return say.cancelAsked(number)
    case 'too-late':
      return say.cancelTooLate(number)
    case 'closed':
      return say.nothingToCancel()
    default:
      return never(wish)
  }
}
