// What the steps about orders do over HTTP: move the latest order of a customer, and look at the shelf.

import { productView } from '../../src/http/schemas/catalogue.ts'
import { listOf } from '../../src/http/schemas/common.ts'
import { orderAnswer, orderRow } from '../../src/http/schemas/orders.ts'
import type { Person } from './cast.ts'
import type { Scene } from './story.ts'

/** Moves the latest order of this customer. @returns its label */
export async function moveLatest(
  { api, paper, check }: Scene,
  { name }: Person,
  to: string,
  more: object = {},
): Promise<string> {
  const { data } = await api.call('GET', `/api/orders?q=${name}`, { shape: listOf(orderRow) })
  const path = `/api/orders/${data[0]?.id}/transitions`
  const { order } = await api.call('POST', path, { body: { to, ...more }, shape: orderAnswer })
  check.equal(`${order.label} is ${to}`, order.status, to)
  paper.say(`POST /api/orders/…/transitions: ${order.label} of ${name} is ${to}`)
  return order.label
}

/** [on hand, reserved] */
export async function shelfOf({ api }: Scene, name: string): Promise<readonly (number | undefined)[]> {
  const { data } = await api.call('GET', `/api/products?q=${encodeURIComponent(name)}`, { shape: listOf(productView) })
  const stock = data.find((product) => product.name === name)?.stock
  return [stock?.onHand, stock?.reserved]
}
