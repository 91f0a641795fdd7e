// Counts at the end, from the API and from the people's phones, and holds the two against each other. Checks the stock as well.

import { productView } from '../../../src/http/schemas/catalogue.ts'
import { listOf } from '../../../src/http/schemas/common.ts'
import { conversationView, messageView } from '../../../src/http/schemas/conversations.ts'
import { orderRow } from '../../../src/http/schemas/orders.ts'
import { statusAnswer } from '../../../src/http/schemas/whatsapp.ts'
import { CONTACTS, SHOP, STRANGER, VERA } from '../cast.ts'
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
  ['Blue Mug', 48, 1, 47],
  ['Wireless Earbuds', 1, 1, 0],
  ['Green Tea 50 Bags', 120, 6, 114],
  ['Arabic Coffee 250g', 90, 2, 88],
] as const
const ORDERS = 9
/** What a stranger hears before they are a customer; it is kept nowhere. */
const QUESTIONS = 1

export async function countEverything(scene: Scene): Promise<Totals> {
  const { api, stage, paper, check } = scene
  paper.chapter('17. The figures')
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
    (all) =>
      all.every(
        ({ direction, author, status }) =>
          direction === 'in' || author === 'phone' || status === 'delivered' || status === 'read',
      ),
    // One look is a call for each conversation.
    { pollMs: 1_000 },
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

  const inboxes = await Promise.all([...CONTACTS, VERA].map(({ phone }) => stage.sim.inbox(phone)))
  // What the owner typed on the phone came from there.
  const received = inboxes.flat().filter(({ device }) => device !== 0)
  const written = (await stage.sim.log()).filter(
    ({ kind, peer }) => kind === 'handed-over' && peer === SHOP.phone.slice(1),
  )
  check.equal('orders', totals.orders, ORDERS)
  check.equal(
    'what we say is delivered was received',
    received.length,
    totals.replies + totals.notices + staffMessages + QUESTIONS,
  )
  check.equal(
    'everything was received once',
    received.filter(({ count }) => count !== 1),
    [],
  )
  check.equal('what was written is kept or counted', written.length, totals.messagesStored + totals.messagesIgnored)
  check.equal('the stranger was asked once and said NO', (await stage.sim.inbox(STRANGER.phone)).length, 2)
  paper.table([
    ['people who wrote', `${CONTACTS.length} contacts, ${VERA.name} who became one, a stranger`],
    ['messages of customers, kept', String(totals.messagesStored)],
    ['messages of strangers, not kept', String(totals.messagesIgnored)],
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
