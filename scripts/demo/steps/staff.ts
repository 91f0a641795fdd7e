// Staff read the conversation and the order over HTTP, and answer the customer themselves.

import { z } from 'zod'
import { listOf } from '../../../src/http/schemas/common.ts'
import { conversationView, messageView } from '../../../src/http/schemas/conversations.ts'
import { orderRow, orderView } from '../../../src/http/schemas/orders.ts'
import { sendMessageAnswer } from '../../../src/http/schemas/whatsapp.ts'
import { AMAL, CUSTOMERS, OWNER } from '../cast.ts'
import { hears } from '../dialogue.ts'
import type { Scene } from '../story.ts'
import { until } from '../until.ts'

const ANSWER = 'Your laptop is packed. You can fetch it from five o’clock.'

export async function staff(scene: Scene): Promise<void> {
  const { api, stage, paper, check } = scene
  paper.chapter(`7. ${OWNER.name} reads along over HTTP, and answers`)
  const conversations = await api.call('GET', '/api/whatsapp/conversations', { shape: listOf(conversationView) })
  const names = conversations.data.map(({ customer }) => customer.name)
  check.equal('each customer has a conversation', [...names].sort(), CUSTOMERS.map(({ name }) => name).sort())
  const withAmal = conversations.data.find(({ customer }) => customer.name === AMAL.name)
  const messages = `/api/whatsapp/conversations/${withAmal?.id}/messages`
  const read = () => api.call('GET', `${messages}?limit=100`, { shape: listOf(messageView) })
  const history = (await read()).data.toReversed()
  const asked = ['customer text', 'bot text']
  check.equal(
    'the conversation is kept in order',
    history.map(({ author, type }) => `${author} ${type}`),
    [...asked, ...asked, 'system text', ...asked, ...asked],
  )
  paper.say(`GET ${messages}`)
  for (const { author, text, status } of history)
    paper.say(`    ${author.padEnd(9)}${firstLine(text)}${author === 'customer' ? '' : ` (${status})`}`)

  const { data } = await api.call('GET', '/api/orders?q=amal', { shape: listOf(orderRow) })
  const { order } = await api.call('GET', `/api/orders/${data[0]?.id}`, { shape: z.object({ order: orderView }) })
  check.equal(
    'the order has its lines, total and source',
    {
      customer: order.customer.name,
      status: order.status,
      lines: order.lines.map(({ quantity, productName, total }) => [quantity, productName, total.amount]),
      total: order.total.amount,
      fromChat: order.source !== null,
    },
    {
      customer: AMAL.name,
      status: 'shipped',
      lines: [
        [1, 'Gaming Laptop', 129_900],
        [2, 'Blue Mug', 2_400],
      ],
      total: 132_300,
      fromChat: true,
    },
  )
  paper.say(`GET /api/orders/${order.id}`)
  paper.say(`    ${order.label}, ${order.status}, ${order.lines.length} lines, ${order.total.formatted}`)

  const sent = await api.call('POST', '/api/whatsapp/send-message', {
    body: { to: AMAL.phone, message: ANSWER },
    status: 202,
    shape: sendMessageAnswer,
  })
  const got = await hears(scene, AMAL, new RegExp(`^${ANSWER}$`))
  await stage.sim.read(AMAL.phone, got)
  const status = async () => (await read()).data.find(({ id }) => id === sent.message.id)?.status
  await until('the message is shown as read', status, (now) => now === 'read')
  paper.fact(`the message of ${OWNER.name} is shown as read`)
}

function firstLine(text: string | null): string {
  const [first = '', ...others] = (text ?? '').split('\n')
  return others.length === 0 ? first : `${first} …`
}
