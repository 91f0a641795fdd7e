// A place a customer sent on the map becomes the address of their order, when it can only be that one and nobody wrote an address on it yet.
import type { CustomerId, OrderId, OrgId } from '../domain/ids.ts'
import type { Queryable, Tx } from './database.ts'
import type { OrderDeps } from './order-changes.ts'
import { editOrder } from './order-edit.ts'

export interface PlaceOf {
  readonly orgId: OrgId
  readonly customerId: CustomerId
}

/** The one open order that has not left yet; null when there are several, or none without an address. */
export async function orderWithoutPlace(
  q: Queryable,
  { orgId, customerId }: PlaceOf,
  lock: '' | 'for update' = '',
): Promise<{ readonly id: OrderId; readonly number: number } | null> {
  const rows = await q.rows<{ id: OrderId; number: number; free: boolean }>(
    `select id, number, address is null as free from orders
     where org_id = ? and customer_id = ? and status in ('pending', 'confirmed', 'processing') order by id limit 2 ${lock}`,
    [orgId, customerId],
  )
  const [only] = rows
  return rows.length === 1 && only?.free === true ? { id: only.id, number: only.number } : null
}

/** @returns the number of the order that goes there now; null when there is no such order */
export async function notePlace(
  tx: Tx,
  deps: OrderDeps,
  of: PlaceOf,
  place: { readonly text: string; readonly at: Date },
): Promise<number | null> {
  const order = await orderWithoutPlace(tx, of, 'for update')
  if (order === null) return null
  const edited = await editOrder(tx, deps, {
    ...{ scope: { kind: 'all' }, orderId: order.id, address: { text: place.text }, terms: {}, discountLimitBp: null },
    ...{ actor: { type: 'customer', id: of.customerId }, at: place.at },
  })
  return edited.ok ? order.number : null
}
