import t, { type Test } from 'tap'
import type { MessageContent } from '../../../src/domain/conversation/message.ts'
import type { Fence } from '../../../src/domain/ids.ts'
import { AMAL, makeShop, NOON, type Said, type Shop } from '../../support/bot-shop.ts'

type Media = Extract<MessageContent, { kind: 'media' }>
const file = (media: Media['media'], more: Partial<Media> = {}): Media => ({
  kind: 'media',
  media,
  mime: null,
  bytes: 9,
  caption: null,
  ...more,
})
const after = (minutes: number) => new Date(NOON.getTime() + minutes * 60_000)

async function openShop(t: Test) {
  const shop = await makeShop(t)
  const erin = await shop.account('erin@example.com')
  await shop.contact(erin.session, AMAL, 'Amal')
  await shop.product({ name: 'Blue Mug', price: 12, stock: 50 })
  /** What was said to it, and what waits for a person. */
  const send = async (content: MessageContent, said: Said = {}) => {
    const before = await shop.replies(erin.session)
    const outcome = await shop.say(erin, '', { content, ...said })
    return { outcome, said: (await shop.replies(erin.session)).slice(before.length), waits: await waits(shop) }
  }
  return { shop, erin, send }
}

async function waits(shop: Shop): Promise<readonly string[]> {
  const [row] = await shop.db.rows<{ attention: string[]; handed: boolean }>(
    'select attention, handoff_at is not null as handed from conversations',
  )
  return [...(row?.attention ?? [])].sort()
}

async function seen(shop: Shop): Promise<void> {
  await shop.db.run(`update conversations set attention = '{}', handoff_at = null`)
}

async function place(shop: Shop, erin: Fence): Promise<void> {
  await shop.say(erin, 'ORDER Blue Mug:1')
}

t.test(
  'to a voice note is said once in ten minutes that a person will listen, and one is asked for each time',
  async (t) => {
    const { shop, send } = await openShop(t)
    const first = await send(file('voice'))
    t.match(first, { outcome: { kind: 'stored', replied: true }, said: [/^🎙️ I cannot listen to voice messages/] })
    t.same(first.waits, ['handoff', 'voice'])
    const events = await shop.db.rows(`select from event_log where type = 'conversation.updated'`)
    t.equal(events.length, 1, 'whoever watches the chat is told')
    await seen(shop)
    t.same((await send(file('voice'), { now: after(9) })).said, [])
    t.same(await waits(shop), ['handoff', 'voice'])
    t.equal((await send(file('audio'), { now: new Date(Date.now() + 11 * 60_000) })).said.length, 1)
  },
)

t.test('a cart is stored with its count and total, told, and waits for a person', async (t) => {
  const { shop, send } = await openShop(t)
  const cart = { kind: 'cart', orderId: 'C1', itemCount: 3, totalAmount1000: 120_000, currency: 'USD' } as const
  const { said, waits: waiting } = await send(cart)
  t.match(said, [/^🛒 We received your cart: 3 items, \$120\.00\./])
  t.same(waiting, ['cart'])
  const [row] = await shop.db.rows(`select type, media from messages where not from_me`)
  t.match(row, { type: 'cart', media: { itemCount: 3, totalAmount1000: 120_000 } })
  const yen = await send({ ...cart, totalAmount1000: 5_000_000, currency: 'JPY' })
  t.match(yen.said, [/¥5,000/])
  t.match((await send({ ...cart, currency: '' })).said, [], 'without a currency of its own it is the same in ours')
  const paused = { ...cart, itemCount: 4 }
  await seen(shop)
  await shop.db.run('update conversations set bot_paused_until = ?', [after(60)])
  const quiet = await send(paused)
  t.same([quiet.said, quiet.waits], [[], ['cart']], 'never silently dropped, also while a person answers')
})

t.test('a photo or a PDF is a proof of payment only while something is to be paid, and pays nothing', async (t) => {
  const { shop, erin, send } = await openShop(t)
  t.match(await send(file('image')), { said: [], waits: [] })
  await place(shop, erin)
  const proof = await send(file('image', { mime: 'image/jpeg' }))
  t.match(proof.said, [/^🧾 /])
  t.same(proof.waits, ['payment-proof'])
  t.same(await shop.db.rows('select payment_status from orders'), [{ payment_status: 'unpaid' }])
  t.same(await shop.db.rows('select from payments'), [])
  await seen(shop)
  const again = await send(file('document', { mime: 'application/pdf' }))
  t.same([again.said, again.waits], [[], ['payment-proof']], 'the next page of the same')
  await seen(shop)
  t.same((await send(file('document', { mime: 'text/csv' }))).waits, [])
  const words = await send(file('image', { caption: 'paid it just now, see' }))
  t.same([words.said, words.waits], [[], ['payment-proof']])
  await seen(shop)
  await shop.db.run(`update orders set payment_status = 'paid'`)
  t.same((await send(file('image'))).waits, [])
})

t.test('a caption is read like a text', async (t) => {
  const { shop, send } = await openShop(t)
  const { outcome } = await send(file('image', { caption: 'ORDER Blue Mug:1' }))
  t.match(outcome, { kind: 'stored', command: 'order', orderId: String })
  t.same(await waits(shop), [])
  t.match(await send(file('document', { caption: 'status', mime: 'application/pdf' })), {
    said: [/ORD-001001/],
    waits: [],
  })
})

t.test('a place waits for a person; a sticker, a GIF, a video or a contact for nobody', async (t) => {
  const { shop, erin, send } = await openShop(t)
  await place(shop, erin)
  const pin = { kind: 'location', latitude: 52.5, longitude: 13.4, name: null } as const
  t.match(await send(pin), {
    said: ['📍 We got your place and noted it for ORD-001001. A colleague will see it.'],
    waits: ['location'],
  })
  t.match(await shop.db.rows('select address from orders'), [{ address: { text: '(52.5, 13.4)' } }])
  await seen(shop)
  const home = { ...pin, latitude: 1, name: 'Home', address: '1 Main St' }
  t.match(await send(home), { said: ['📍 We got your place. A colleague will see it.'], waits: ['location'] })
  t.match(await send(home), { said: [] }, 'said once in a while')
  t.match(
    await shop.db.rows('select address from orders'),
    [{ address: { text: '(52.5, 13.4)' } }],
    'nothing is overwritten',
  )
  await seen(shop)
  for (const content of [
    file('sticker'),
    file('video', { details: { animated: true } }),
    file('video'),
    { kind: 'contact-card', count: 1, cards: [] } as const,
    { kind: 'view-once' } as const,
  ])
    t.match(await send(content), { said: [], waits: [] })
})

t.test('what the owner sends, and another account of the shop, asks for nobody', async (t) => {
  const { shop, erin, send } = await openShop(t)
  await place(shop, erin)
  t.match(await send(file('voice'), { fromMe: true }), { said: [], waits: [] })
  await shop.db.run('update conversations set bot_paused_until = null')
  const omar = await shop.account('omar@example.com')
  await shop.db.run('update session set phone = ? where id = ?', [AMAL, omar.session])
  t.match(await send(file('voice')), { said: [], waits: [] })
})
