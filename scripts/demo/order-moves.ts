// What the steps about orders do over HTTP: move the latest order of a customer, read it, set a price, look at the shelf.

import { productView, variantAnswer } from '../../src/http/schemas/catalogue.ts'
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

/** The latest order of this customer, as staff see it; null when there is none. */
export async function latestOf({ api }: Scene, { name }: Person) {
  const { data } = await api.call('GET', `/api/orders?q=${name}`, { shape: listOf(orderRow) })
  const [latest] = data
  if (latest === undefined) return null
  return (await api.call('GET', `/api/orders/${latest.id}`, { shape: orderAnswer })).order
}

/** @param minor the new price, in cents */
export async function reprice({ api, paper, check }: Scene, name: string, minor: number): Promise<void> {
  const { data } = await api.call('GET', `/api/products?q=${encodeURIComponent(name)}`, { shape: listOf(productView) })
  const id = data.find((product) => product.name === name)?.variants[0]?.id
  const { variant } = await api.call('PATCH', `/api/variants/${id}`, {
    body: { price: minor / 100 },
    shape: variantAnswer,
  })
  check.equal(`the price of ${name}`, variant.price.amount, minor)
  paper.say(`PATCH /api/variants/…: ${name} costs ${variant.price.formatted} now`)
}
