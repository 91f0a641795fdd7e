import t from 'tap'
import type { ConversationId, MessageId } from '../../src/domain/ids.ts'
import { asId } from '../../src/domain/ids.ts'
import type { E164 } from '../../src/domain/phone.ts'
import {
  type ConversationFilter,
  findConversation,
  listConversations,
  markRead,
  replyAddress,
} from '../../src/persistence/conversations.ts'
import { listMessages } from '../../src/persistence/messages.ts'
import { AMAL, makeShop, NOON } from '../support/bot-shop.ts'

const BASIL = '+15550100002' as E164

async function chats(t: Parameters<typeof makeShop>[0]) {
  const shop = await makeShop(t)
  const erin = await shop.account('erin@example.com')
  const omar = await shop.account('omar@example.com')
  await shop.contact(erin.session, AMAL, 'Amal')
  await shop.contact(erin.session, BASIL, 'Basil')
  await shop.contact(omar.session, AMAL, 'Amal of Omar')
  await shop.product({ name: 'Blue Mug', price: 12, stock: 50 })
  const idOf = (outcome: object) => (outcome as { conversationId: ConversationId }).conversationId
  const later = (minutes: number) => new Date(NOON.getTime() + minutes * 60_000)
  const amal = idOf(await shop.say(erin, 'ORDER Blue Mug:1', { at: later(1), id: 'A1' }))
  const basil = idOf(await shop.say(erin, 'hi', { phone: BASIL, at: later(2) }))
  const foreign = idOf(await shop.say(omar, 'hi', { at: later(3) }))
  return { shop, erin, omar, amal, basil, foreign, later }
}

t.test('conversations are listed within the scope, the latest first', async (t) => {
  const { shop, erin, amal, basil, foreign } = await chats(t)
  const own = { kind: 'users', ids: [erin.session] } as const
  const list = async (filter: ConversationFilter = {}, limit = 10) =>
    (await listConversations(shop.db, own, filter, { limit })).rows
  t.same(
    (await list()).map((row) => row.id),
    [basil, amal],
  )
  t.match((await list())[1], {
    customer: { name: 'Amal', phone: AMAL, optedOut: false },
    lastMessage: { author: 'bot', type: 'text', text: /Thank you, Amal/ },
    unread: 1,
    owner: 'bot',
    openOrders: 1,
  })
  t.same(
    (await list({ q: 'bas' })).map((row) => row.id),
    [basil],
  )
  t.same(await list({ owner: 'human' }), [])
  t.equal((await listConversations(shop.db, { kind: 'all' }, {}, { limit: 10 })).rows.length, 3)
  t.equal(await findConversation(shop.db, own, foreign), null)
  t.match(await findConversation(shop.db, own, amal), { id: amal })

  const first = await listConversations(shop.db, own, {}, { limit: 1 })
  const second = await listConversations(shop.db, own, {}, { limit: 1, cursor: first.next ?? undefined })
  t.same([first.rows[0]?.id, second.rows[0]?.id, second.next], [basil, amal, null])
})

t.test('reading clears what is unread, only in the own scope', async (t) => {
  const { shop, erin, omar, amal } = await chats(t)
  t.equal(await markRead(shop.db, { kind: 'users', ids: [omar.session] }, amal), false)
  t.equal(await markRead(shop.db, { kind: 'users', ids: [erin.session] }, amal), true)
  const unread = await listConversations(shop.db, { kind: 'all' }, { unread: true }, { limit: 10 })
  t.equal(unread.rows.length, 2)
})

t.test('history pages backwards and forwards without gap or repeat', async (t) => {
  const { shop, erin, amal, later } = await chats(t)
  for (let index = 0; index < 5; index += 1)
    await shop.say(erin, `note ${index}`, {
      at: later(10 + index),
      content: { kind: 'text', text: `note ${index}`, quotedId: index === 0 ? 'A1' : null },
      fromMe: true,
    })
  const whole = await listMessages(shop.db, amal, { limit: 50 })
  t.equal(whole.next, null)
  t.same(
    whole.rows.map((row) => row.author),
    ['phone', 'phone', 'phone', 'phone', 'phone', 'bot', 'customer'],
  )
  t.match(whole.rows.at(-1), {
    direction: 'in',
    text: 'ORDER Blue Mug:1',
    orderId: String,
    status: 'received',
    waMessageId: 'A1',
  })
  t.match(whole.rows[4], { quoted: { waMessageId: 'A1', text: 'ORDER Blue Mug:1', id: whole.rows.at(-1)?.id } })
  const ids: string[] = []
  let before: MessageId | undefined
  do {
    const page = await listMessages(shop.db, amal, { limit: 2, before })
    ids.push(...page.rows.map((row) => row.id))
    before = page.next === null ? undefined : asId<MessageId>(page.next.id)
  } while (before !== undefined)
  t.same(
    ids,
    whole.rows.map((row) => row.id),
  )
  const newer = await listMessages(shop.db, amal, { limit: 3, after: whole.rows.at(-1)?.id })
  t.same(
    newer.rows.map((row) => row.id),
    whole.rows.slice(3, 6).map((row) => row.id),
  )
  t.equal(newer.next?.id, whole.rows[3]?.id)
})

t.test('where an answer goes is sealed, and bound to its conversation', async (t) => {
  const { shop, amal, basil } = await chats(t)
  t.equal(await replyAddress(shop.db, shop.sealer, amal), `${AMAL.slice(1)}@s.whatsapp.net`)
  await shop.db.run(
    'update conversations set reply_address = (select reply_address from conversations where id = ?) where id = ?',
    [amal, basil],
  )
  await t.rejects(replyAddress(shop.db, shop.sealer, basil), { name: 'SealBroken' })
})
