import t from 'tap'
import { UNKNOWN_HINT } from '../../src/domain/bot/phrases.ts'
import { nameKey } from '../../src/domain/catalogue/search.ts'
import type { Fence } from '../../src/domain/ids.ts'
import type { E164 } from '../../src/domain/phone.ts'
import type { Question } from '../../src/persistence/admission.ts'
import { makeLook } from '../../src/persistence/looks.ts'
import { AMAL, makeShop, NOON, type Shop } from '../support/bot-shop.ts'

const BASIL = '+4915112345678' as E164

async function open(t: Parameters<typeof makeShop>[0]) {
  const shop = await makeShop(t)
  const [erin, omar] = [await shop.account('erin@example.com'), await shop.account('omar@example.com')]
  await shop.contact(erin.session, AMAL, 'Amal')
  await shop.contact(omar.session, AMAL, 'Mrs Amal')
  await shop.contact(omar.session, BASIL, 'Basil')
  await shop.product({ name: 'Blue Mug', price: 12, stock: 5 })
  await shop.product({ name: 'Red Mug', price: 12, stock: 5 })
  return { shop, erin, omar, look: makeLook(shop.db, shop.organization.id, 16) }
}

function question(shop: Shop, fence: Fence, phone: E164, more: Partial<Question> = {}): Question {
  const said = { text: UNKNOWN_HINT, since: new Date(NOON.getTime() - 600_000) }
  const chat = { phone, lid: null }
  const whose = { orgId: shop.organization.id, userId: fence.session, chat, waMessageId: 'M', fromMe: false, said }
  return { ...whose, ...more }
}

t.test('each of many that are looked at together gets what is theirs', async (t) => {
  const { shop, erin, omar, look } = await open(t)
  await shop.say(erin, 'ORDER Blue Mug:1', { id: 'PLACED' })
  const keys = (...names: readonly string[]) => names.map(nameKey)
  const [alone, placed, stranger, other, both] = await Promise.all([
    look(question(shop, omar, BASIL), []),
    look(question(shop, erin, AMAL, { waMessageId: 'PLACED' }), keys('Blue Mug')),
    look(question(shop, erin, BASIL), keys('Red Mug')),
    look(question(shop, omar, AMAL, { waMessageId: 'PLACED' }), keys('Red Mug', 'Green Mug')),
    look(question(shop, omar, BASIL), keys('Red Mug', 'Blue Mug')),
  ])
  t.match(alone, { admission: { name: 'Basil' }, hits: [] })
  t.match(placed, { admission: { name: 'Amal', stored: true, placed: true, lidKnown: true, ownAccount: false } })
  t.same(
    [placed, stranger, other, both].map(({ hits }) => hits.map(({ fullName, available }) => [fullName, available])),
    [
      [['Blue Mug', 4]],
      [['Red Mug', 5]],
      [['Red Mug', 5]],
      [
        ['Blue Mug', 4],
        ['Red Mug', 5],
      ],
    ],
  )
  t.equal(stranger.admission, null)
  t.match(other, { admission: { name: 'Mrs Amal', stored: false, placed: false, conversationId: null } })
})

t.test('one that cannot be looked at takes nothing from the others', async (t) => {
  const { shop, erin, omar, look } = await open(t)
  const results = await Promise.allSettled([
    look(question(shop, erin, AMAL), []),
    look(question(shop, erin, AMAL, { waMessageId: 'no\u0000text' }), []),
    look(question(shop, omar, BASIL), []),
  ])
  t.same(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
})

t.test('a connected account is known as one, and so is what the bot has said lately', async (t) => {
  const { shop, erin, omar, look } = await open(t)
  await shop.db.run('update session set phone = ? where id = ?', [BASIL, erin.session])
  await shop.say(omar, 'what?', { phone: AMAL })
  const [first, own, said] = await Promise.all([
    look(question(shop, erin, AMAL), []),
    look(question(shop, omar, BASIL), []),
    look(question(shop, omar, AMAL), []),
  ])
  t.match(first, { admission: { ownAccount: false, said: false } })
  t.match(own, { admission: { ownAccount: true, said: false } })
  t.match(said, { admission: { ownAccount: false, said: true } })
})
