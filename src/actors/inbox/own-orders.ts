// The orders of one customer as the bot speaks of them, through any account of the shop.

import { orderSaid } from '../../domain/bot/order-said.ts'
import type { OrderSaid } from '../../domain/bot/say.ts'
import type { CustomerId, OrderId, OrgId } from '../../domain/ids.ts'
import type { Queryable } from '../../persistence/database.ts'
import { latestOrders } from '../../persistence/order-views.ts'

/** Orders that `status` tells about. */
export const STATUS_ORDERS = 5

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
