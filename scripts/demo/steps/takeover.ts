// The owner answers on the phone: the bot leaves the chat to them, marks an order in it, and answers again when the chat is given back.

import { listOf } from '../../../src/http/schemas/common.ts'
import { conversationAnswer, conversationView } from '../../../src/http/schemas/conversations.ts'
import { OWNER, SHOP, TOM } from '../cast.ts'
import { hears, writes } from '../dialogue.ts'
import { latestOf } from '../order-moves.ts'
import type { Scene } from '../story.ts'
import { until } from '../until.ts'

const TYPED = 'Tom, it is me. The lamp comes with a bulb.'

export async function takeover(scene: Scene): Promise<void> {
  const { api, stage, paper, check } = scene
  paper.chapter(`14. ${OWNER.name} takes the chat over on the phone, and gives it back`)
  await stage.sim.type(SHOP.phone, TOM.phone, TYPED)
  await hears(scene, TOM, new RegExp(`^${TYPED}$`))
  const chat = async () => {
    const { data } = await api.call('GET', '/api/whatsapp/conversations', { shape: listOf(conversationView) })
    return data.find(({ customer }) => customer.name === TOM.name)
  }
  await until('the chat is with a person', chat, (seen) => seen?.owner === 'human')
  const before = (await latestOf(scene, TOM))?.label
  await writes(scene, TOM, 'ORDER Blue Mug:1')
  const marked = await until(
    'the order is marked',
    chat,
    (seen) => seen?.attention.includes('looks-like-order') === true,
  )
  check.equal('the bot placed nothing', (await latestOf(scene, TOM))?.label, before)
  paper.fact('the bot is silent in a chat that a person has, and marks what looks like an order')

  const { conversation } = await api.call('PATCH', `/api/whatsapp/conversations/${marked?.id}`, {
    body: { botPaused: false },
    shape: conversationAnswer,
  })
  check.equal('the chat is with the bot', [conversation.owner, conversation.attention], ['bot', []])
  paper.say('PATCH /api/whatsapp/conversations/…: the bot answers again')
  await writes(scene, TOM, 'status')
  await hears(scene, TOM, /Your latest:\nORD-\d{6} is waiting for confirmation\.\n1 × LED Desk Lamp/)
}
