import t from 'tap'
import { processInbound } from '../../src/actors/inbox/process.ts'
import type { Fence } from '../../src/domain/ids.ts'
import { makeInboundWriter } from '../../src/persistence/inbound-writer.ts'
import { giveUpNotices } from '../../src/persistence/notices.ts'
import { listOrders } from '../../src/persistence/order-views.ts'
import { DEFAULT_POLICY } from '../../src/policy.ts'
import { AMAL, inbound, makeShop, NOON, type Shop, warm } from '../support/bot-shop.ts'

const MINUTE = 60_000
const later = (minutes: number) => new Date(NOON.getTime() + minutes * MINUTE)
const bot = { ...DEFAULT_POLICY.bot, guard: { ...DEFAULT_POLICY.bot.guard, repliesPerMinute: 1_000 } }

async function openShop(t: Parameters<typeof makeShop>[0]): Promise<{ shop: Shop; erin: Fence }> {
  const shop = await makeShop(t, bot)
  const erin = await shop.account('erin@example.com')
  await shop.contact(erin.session, AMAL, 'Amal')
  await shop.product({ name: 'Gaming Laptop', price: '1299.00', stock: 8 })
  await shop.product({ name: 'Gaming Mouse', price: '39', stock: 40, maxPerOrder: 100 })
  await shop.product({ name: 'Blue Mug', price: 12, stock: 50 })
  await shop.product({ name: 'Wireless Earbuds', price: '49', stock: 1 })
  await shop.product({ name: '1TB External SSD', price: '99', stock: 0 })
  return { shop, erin }
}

async function count(shop: Shop, table: string, where = 'true'): Promise<number> {
  const [row] = await shop.db.rows<{ n: number }>(`select count(*)::int as n from ${table} where ${where}`)
  return row?.n ?? -1
}

/** Says it and returns the answer; null when there is none. */
async function ask(
  shop: Shop,
  erin: Fence,
  text: string,
  said: Parameters<Shop['say']>[2] = {},
): Promise<string | null> {
  const before = (await shop.replies(erin.session)).length
  await shop.say(erin, text, said)
  return (await shop.replies(erin.session)).slice(before).at(0) ?? null
}

/** The id of the bot's last message. */
async function lastId(shop: Shop): Promise<string> {
  const [row] = await shop.db.rows<{ id: string }>(
    `select wa_message_id as id from messages where author = 'bot' order by id desc limit 1`,
  )
  return row?.id ?? ''
}

t.test('S04: the same order again within two minutes is asked about, later it is placed', async (t) => {
  const { shop, erin } = await openShop(t)
  await ask(shop, erin, 'ORDER Blue Mug:1')
  t.match(
    await ask(shop, erin, 'order blue mug:1', { now: later(1) }),
    /^❓ You just did this \(ORD-001001\)\. Once more\?/,
  )
  t.equal(await count(shop, 'orders'), 1)
  t.match(await ask(shop, erin, 'YES', { now: later(1) }), /We got ORD-001002/)
  t.match(await ask(shop, erin, 'ORDER Blue Mug:1', { now: later(10) }), /We got ORD-001003/)
})

t.test(
  'S06, S07: an order that waited five minutes is placed, one of three hours is asked about and reserves nothing',
  async (t) => {
    const { shop, erin } = await openShop(t)
    t.match(await ask(shop, erin, 'ORDER Blue Mug:1', { at: later(-5), offline: true }), /We got ORD-001001/)
    const asked = await ask(shop, erin, 'ORDER Gaming Laptop:1', { at: later(-180), offline: true })
    t.match(asked, /^❓ You asked for this at 10:00\. Do you still want it\?\n1 × Gaming Laptop/)
    t.equal(await count(shop, 'orders'), 1)
    t.equal(await count(shop, 'stock_levels', 'reserved > 0'), 1)
    t.match(await ask(shop, erin, 'yes'), /We got ORD-001002/)
  },
)

t.test('S08: of what waited, all is stored, one message is answered and the order is asked about', async (t) => {
  const { shop, erin } = await openShop(t)
  const old = { at: later(-180), offline: true }
  const texts = ['hi', 'catalog', 'hello', 'help', 'status', 'contact', 'anybody?', 'hm', 'hi', 'catalog', 'so']
  for (const text of texts) await shop.say(erin, text, old)
  await shop.say(erin, 'ORDER Blue Mug:1', old)
  t.equal(await count(shop, 'messages', 'not from_me'), 12)
  const replies = await shop.replies(erin.session)
  t.equal(replies.length, 2)
  t.match(replies[0], /^👋/)
  t.match(replies[1], /^❓ You asked for this at/)
})

t.test(
  'S10: an answer that could not leave for a day is given up, and its order shows that nobody was told',
  async (t) => {
    const { shop, erin } = await openShop(t)
    await ask(shop, erin, 'ORDER Blue Mug:1')
    const order = async () => (await listOrders(shop.db, { kind: 'all' }, {}, { limit: 5 })).rows[0]
    t.same((await order())?.attention, [])
    t.equal(await giveUpNotices(shop.db, new Date(Date.now() - MINUTE)), 0)
    t.equal(await giveUpNotices(shop.db, new Date(Date.now() + MINUTE)), 1)
    t.same(await shop.db.rows('select state, last_error from outbox'), [{ state: 'failed', last_error: 'too-late' }])
    t.same((await order())?.attention, ['not_notified'])
  },
)

t.test('S11: what is sold out is not placed, is written down, and something alike is offered', async (t) => {
  const { shop, erin } = await openShop(t)
  t.match(await ask(shop, erin, 'ORDER 1TB External SSD:2'), /^⚠️ Sold out: 1TB External SSD\./)
  t.equal(await count(shop, 'orders'), 0)
  t.equal(await count(shop, 'lost_sales', `reason = 'out_of_stock' and quantity = 2 and available = 0`), 1)
  await shop.db.run(
    `insert into categories (id, org_id, name, slug) select gen_random_uuid(), id, 'Storage', 'storage' from organizations`,
  )
  await shop.db.run(
    `update products set category_id = (select id from categories) where name in ('1TB External SSD', 'Blue Mug')`,
  )
  const offered = await ask(shop, erin, 'ORDER 1TB External SSD')
  t.match(
    offered,
    /^⚠️ Sold out: 1TB External SSD\..*\nPerhaps one of these instead\?\n1\. Blue Mug – \$12\.00 \(in stock\)/,
  )
  t.match(await ask(shop, erin, '1'), /^❓ How many Blue Mug would you like/)
  t.match(await ask(shop, erin, '3'), /^❓ Did you mean:\n3 × Blue Mug/)
  t.match(await ask(shop, erin, 'yes'), /We got ORD-001001\n3 × Blue Mug/)
})

t.test('S12, S15: of too little the rest is offered, and YES takes it', async (t) => {
  const { shop, erin } = await openShop(t)
  t.match(await ask(shop, erin, 'ORDER Wireless Earbuds:3'), /^⚠️ Only 1 left of Wireless Earbuds\.\nReply YES or NO\./)
  t.equal(await count(shop, 'orders'), 0)
  t.match(await ask(shop, erin, 'yes'), /We got ORD-001001\n1 × Wireless Earbuds/)
  t.match(await ask(shop, erin, 'ORDER Gaming Mouse:30, Gaming Mouse:30'), /^⚠️ Only 40 left of Gaming Mouse/)
})

t.test('S14: one item sold out places nothing and offers the rest', async (t) => {
  const { shop, erin } = await openShop(t)
  t.match(
    await ask(shop, erin, 'ORDER 1TB External SSD:1, Blue Mug:2'),
    /^⚠️ Sold out: 1TB.*\nThese 1 of 2 items are fine:\n2 × Blue Mug/,
  )
  t.equal(await count(shop, 'orders'), 0)
  t.match(await ask(shop, erin, 'ok'), /We got ORD-001001\n2 × Blue Mug/)
})

t.test('S16: a price that changed before YES is shown and asked about again', async (t) => {
  const { shop, erin } = await openShop(t)
  t.match(await ask(shop, erin, 'ORDER blue mug'), /^❓ Did you mean:\n1 × Blue Mug – \$12\.00/)
  await shop.db.run(
    `update variants set price_minor = 1500 where id in (select v.id from variants v join products p on p.id = v.product_id where p.name = 'Blue Mug')`,
  )
  t.match(
    await ask(shop, erin, 'yes'),
    /^❓ Something has changed meanwhile\. It would now be:\n1 × Blue Mug – \$15\.00/,
  )
  t.equal(await count(shop, 'orders'), 0)
  t.match(await ask(shop, erin, 'yes'), /We got ORD-001001\n1 × Blue Mug – \$15\.00/)
})

t.test('S17: what was archived before YES is not sold any more', async (t) => {
  const { shop, erin } = await openShop(t)
  await ask(shop, erin, 'ORDER blue mug')
  await shop.db.run(`update products set status = 'archived' where name = 'Blue Mug'`)
  t.match(await ask(shop, erin, 'yes'), /^⚠️ We no longer have Blue Mug/)
  t.equal(await count(shop, 'orders'), 0)
  t.match(await ask(shop, erin, 'yes'), /^🤔 I have no question open/)
})

t.test('S19: of many YES at once one places the order', async (t) => {
  const { shop, erin } = await openShop(t)
  await ask(shop, erin, 'ORDER blue mug')
  await warm(shop.db)
  // Each with a way of its own to the database, as two processes have for a moment when a session moves.
  const outcomes = await Promise.allSettled(
    Array.from({ length: 8 }, async () => {
      const deps = { ...shop.deps, writeInbound: makeInboundWriter(shop.db, shop.sealer, 1) }
      const message = { kind: 'message', message: inbound('YES') } as const
      return processInbound(deps, erin, await shop.journal(erin), message, NOON, { phone: null })
    }),
  )
  t.equal(outcomes.filter((each) => each.status === 'fulfilled').length, 8)
  t.equal(await count(shop, 'orders'), 1)
  t.equal(await count(shop, 'messages', `text = 'YES'`), 8)
  t.equal((await shop.replies(erin.session)).filter((text) => text.startsWith('✅')).length, 1)
})

t.test('S20, S24: what is not an answer leaves the question; after half an hour it took too long', async (t) => {
  const { shop, erin } = await openShop(t)
  await ask(shop, erin, 'ORDER blue mug')
  t.match(await ask(shop, erin, 'banana'), /^🤔/)
  t.match(await ask(shop, erin, 'YES', { now: later(31) }), /^⌛ That took too long/)
  t.match(await ask(shop, erin, 'YES', { now: later(32) }), /^🤔 I have no question open/)
  t.equal(await count(shop, 'orders'), 0)
})

t.test(
  'S21: YES that quotes an older question that still holds confirms that one, and the newer stays open',
  async (t) => {
    const { shop, erin } = await openShop(t)
    await ask(shop, erin, 'ORDER blue mug')
    const older = await lastId(shop)
    await ask(shop, erin, 'ORDER gaming mouse')
    const quoting = { content: { kind: 'text', text: 'YES', quotedId: older } } as const
    t.match(await ask(shop, erin, 'YES', quoting), /We got ORD-001001\n1 × Blue Mug/)
    t.match(await ask(shop, erin, 'YES', quoting), /^🤔 I have no question open/)
    t.match(await ask(shop, erin, 'YES'), /We got ORD-001002\n1 × Gaming Mouse/)
  },
)

t.test('S22: a number that quotes an old list gets a fresh one', async (t) => {
  const { shop, erin } = await openShop(t)
  await ask(shop, erin, 'hi')
  const text = await ask(shop, erin, '2', { content: { kind: 'text', text: '2', quotedId: 'LASTWEEK' } })
  t.match(text, /^🛍️ That list is old\. Here is a fresh one\.\n🛍️ Page 1 of 1\n1\. Gaming Laptop/)
})

t.test('S23: a number after a catalogue page means its item; YES still answers the question before it', async (t) => {
  const { shop, erin } = await openShop(t)
  await ask(shop, erin, 'catalog')
  t.match(await ask(shop, erin, '3'), /^❓ How many Blue Mug would you like\?.*\n\$12\.00 \(in stock\)/)
  t.match(await ask(shop, erin, '2'), /^❓ Did you mean:\n2 × Blue Mug/)
  await ask(shop, erin, 'catalog')
  t.match(await ask(shop, erin, 'yes'), /We got ORD-001001\n2 × Blue Mug/)
})

t.test('S25: a product with variants is a list; a number chooses, YES orders', async (t) => {
  const { shop, erin } = await openShop(t)
  const variants = ['Red S', 'Red M', 'Blue S', 'Blue M'].map((name) => ({
    name,
    price: 14,
    stock: 5,
    options: { it: name },
  }))
  await shop.product({ name: 'Kids T-Shirt', variants })
  t.match(
    await ask(shop, erin, 'ORDER Kids T-Shirt:2'),
    /^❓ Which.*\n1\. Kids T-Shirt Red S.*\n2\..*\n3\..*\n4\. Kids T-Shirt Blue M/,
  )
  t.match(await ask(shop, erin, '4'), /^❓ Did you mean:\n2 × Kids T-Shirt Blue M/)
  t.match(await ask(shop, erin, 'yes'), /We got ORD-001001\n2 × Kids T-Shirt Blue M/)
})

t.test(
  'S26: above the limit of a product or of the shop it is a draft for a colleague; nothing is reserved',
  async (t) => {
    const { shop, erin } = await openShop(t)
    t.match(await ask(shop, erin, 'ORDER Gaming Laptop:4'), /^🙋 We got it\. A colleague will look at it and confirm\./)
    t.equal(await count(shop, 'orders', `status = 'draft' and expires_at > '2026-03-07'`), 1)
    t.equal(await count(shop, 'stock_levels', 'reserved > 0'), 0)
    t.equal(await count(shop, 'conversations', `attention = '{over-limit}'`), 1)
    t.equal(await count(shop, 'event_log', `type = 'conversation.updated'`), 1)
    await shop.db.run(`update variants set max_per_order = 5`)
    t.match(await ask(shop, erin, 'ORDER Blue Mug:6'), /^🙋 We got it/)
  },
)

t.test('outside its hours the shop takes an order and says when it opens', async (t) => {
  const { shop, erin } = await openShop(t)
  const day = [{ from: '09:00', to: '10:00' }]
  const hours = { mon: day, tue: day, wed: day, thu: day, fri: day, sat: [], sun: [] }
  Object.assign(shop.organization, { settings: { ...shop.organization.settings, hours } })
  t.match(await ask(shop, erin, 'ORDER Blue Mug:1'), /\nWe open at 09:00\.\nTo undo it reply: cancel ORD-001001$/)
})

t.test('an Arabic customer is answered in Arabic, also to a number, until they choose a language', async (t) => {
  const { shop, erin } = await openShop(t)
  t.match(await ask(shop, erin, 'مرحبا'), /[\u0600-\u06ff]{4}/)
  await ask(shop, erin, 'مساعدة')
  t.match(await ask(shop, erin, '7'), /^🤔 [\u0600-\u06ff]{3}/)
  t.match(await ask(shop, erin, 'language English'), /^🗣️ From now on I write English/)
  t.match(await ask(shop, erin, 'مساعدة'), /^ℹ️ You can write/)
})
