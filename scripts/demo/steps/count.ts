// Counts at the end, from the API and from the people's phones, and holds the two against each other. Checks the stock as well.

import { productView } from '../../../src/http/schemas/catalogue.ts'
import { listOf } from '../../../src/http/schemas/common.ts'
import { conversationView, messageView } from '../../../src/http/schemas/conversations.ts'
import { orderRow } from '../../../src/http/schemas/orders.ts'
import { statusAnswer } from '../../../src/http/schemas/whatsapp.ts'
import { CUSTOMERS, EVERYBODY, STRANGER } from '../cast.ts'
import type { Scene } from '../story.ts'
import { until } from '../until.ts'

/** Read from the API. */
export interface Totals {
  readonly orders: number
  /** Messages of customers that were kept. */
  readonly messagesStored: number
  /** Messages of people who are no contacts: counted, not kept. */
  readonly messagesIgnored: number
  /** Answers of the bot. */
  readonly replies: number
  /** Messages about orders that moved. */
  readonly notices: number
}

/** name, on hand, reserved, available */
const STOCK = [
  ['Gaming Laptop', 7, 0, 7],
  ['Blue Mug', 48, 0, 48],
  ['Wireless Earbuds', 1, 1, 0],
  ['Green Tea 50 Bags', 120, 3, 117],
] as const
const ORDERS = 4

export async function countEverything(scene: Scene): Promise<Totals> {
  const { api, stage, paper, check } = scene
  paper.chapter('10. The figures')
  for (const [name, ...wanted] of STOCK) {
    const { data } = await api.call('GET', `/api/products?q=${encodeURIComponent(name)}`, {
      shape: listOf(productView),
    })
    const stock = data.find((product) => product.name === name)?.stock
    check.equal(`the stock of ${name}`, [stock?.onHand, stock?.reserved, stock?.available], wanted)
  }
  const orders = await api.call('GET', '/api/orders?limit=100', { shape: listOf(orderRow) })
  const delivered = await until(
    'every message of ours is delivered',
    () => allMessages(scene),
    (all) => all.every(({ direction, status }) => direction === 'in' || status === 'delivered' || status === 'read'),
  )
  const { skippedNonContactsToday } = await api.call('GET', '/api/whatsapp/status', { shape: statusAnswer })
  const totals = {
    orders: orders.data.length,
    messagesStored: delivered.filter(({ direction }) => direction === 'in').length,
    messagesIgnored: skippedNonContactsToday,
    replies: delivered.filter(({ author }) => author === 'bot').length,
    notices: delivered.filter(({ author }) => author === 'system').length,
  }
  const staffMessages = delivered.filter(({ author }) => author === 'user').length

  const inboxes = await Promise.all(CUSTOMERS.map(({ phone }) => stage.sim.inbox(phone)))
  const received = inboxes.flat()
  const written = (await stage.sim.log()).filter(({ kind }) => kind === 'handed-over')
  check.equal('orders', totals.orders, ORDERS)
  check.equal('what we say is delivered was received', received.length, totals.replies + totals.notices + staffMessages)
  check.equal(
    'everything was received once',
    received.filter(({ count }) => count !== 1),
    [],
  )
  check.equal('what was written is kept or counted', written.length, totals.messagesStored + totals.messagesIgnored)
  check.equal('the stranger was asked once and heard nothing more', (await stage.sim.inbox(STRANGER.phone)).length, 1)
  paper.table([
    ['people who wrote', `${CUSTOMERS.length} customers, ${EVERYBODY.length - CUSTOMERS.length} stranger`],
    ['messages of customers, kept', String(totals.messagesStored)],
    ['messages of strangers, ignored', String(totals.messagesIgnored)],
    ['answers of the bot, all delivered once', String(totals.replies)],
    ['messages about orders that moved', String(totals.notices)],
    ['messages of staff', String(staffMessages)],
    [
      'orders',
      orders.data.map(({ label, customer, total }) => `${label} ${customer.name} ${total.formatted}`).join(', '),
    ],
    ['stock left (reserved)', STOCK.map(([name, , reserved, left]) => `${name} ${left} (${reserved})`).join(', ')],
  ])
  return totals
}

async function allMessages({ api }: Scene) {
  const { data } = await api.call('GET', '/api/whatsapp/conversations', { shape: listOf(conversationView) })
  const pages = await Promise.all(
    data.map(({ id }) =>
      api.call('GET', `/api/whatsapp/conversations/${id}/messages?limit=100`, { shape: listOf(messageView) }),
    ),
  )
  return pages.flatMap((page) => page.data)
}
