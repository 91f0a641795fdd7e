import t from 'tap'
import { asId, type Fence, type VariantId } from '../../src/domain/ids.ts'
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
  const blue = await shop.product({ name: 'Blue Mug', price: 12, stock: 5 })
  const red = await shop.product({ name: 'Red Mug', price: 12, stock: 5 })
  const [mug, other] = [blue, red].flatMap(({ variants }) => variants.map(({ id }) => id))
  if (mug === undefined || other === undefined) throw new Error('no variants')
  return { mug, other, shop, erin, omar, look: makeLook(shop.db, shop.organization.id, 16) }
}

function question(shop: Shop, fence: Fence, phone: E164, more: Partial<Question> = {}): Question {
  const chat = { phone, lid: null }
  const whose = {
    orgId: shop.organization.id,
    userId: fence.session,
    chat,
    waMessageId: 'M',
    fromMe: false,
    lately: new Date(NOON.getTime() - 60_000),
  }
  return { ...whose, ...more }
}

t.test('each of many that are looked at together gets what is theirs', async (t) => {
  const { shop, erin, omar, look, mug, other: red } = await open(t)
  await shop.say(erin, 'ORDER Blue Mug:1', { id: 'PLACED' })
  const gone = asId<VariantId>('00000000-0000-7000-8000-000000000000')
  const [alone, placed, stranger, other, both] = await Promise.all([
    look(question(shop, omar, BASIL), []),
    look(question(shop, erin, AMAL, { waMessageId: 'PLACED' }), [mug]),
    look(question(shop, erin, BASIL), [red]),
    look(question(shop, omar, AMAL, { waMessageId: 'PLACED' }), [red, gone]),
    look(question(shop, omar, BASIL), [red, mug]),
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

t.test('a connected account is known as one, and the open question with its version', async (t) => {
  const { shop, erin, omar, look } = await open(t)
  await shop.db.run('update session set phone = ? where id = ?', [BASIL, erin.session])
  await shop.say(omar, 'ORDER mug', { phone: AMAL })
  const [first, own, asked] = await Promise.all([
    look(question(shop, erin, AMAL), []),
    look(question(shop, omar, BASIL), []),
    look(question(shop, omar, AMAL), []),
  ])
  t.match(first, { admission: { ownAccount: false, prompt: null } })
  t.match(own, { admission: { ownAccount: true, prompt: null } })
  t.match(asked, { admission: { ownAccount: false, prompt: { version: 1, waMessageId: String, expiresAt: Date } } })
})
