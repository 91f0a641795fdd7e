import t from 'tap'
import { processInbound } from '../../../src/actors/inbox/process.ts'
import { interpret } from '../../../src/domain/bot/interpret.ts'
import type { Fence } from '../../../src/domain/ids.ts'
import type { E164 } from '../../../src/domain/phone.ts'
import { replyAddress } from '../../../src/persistence/conversations.ts'
import { readCounter } from '../../../src/persistence/counters.ts'
import { claim, FencedError } from '../../../src/persistence/leases.ts'
import { dueOutbox } from '../../../src/persistence/outbox.ts'
import { AMAL, inbound, makeShop, NOON, type Shop, warm } from '../../support/bot-shop.ts'
import { demoNames } from '../../support/demo-names.ts'

const DAY_MS = 86_400_000

const BASIL = '+4915112345678' as E164

async function openShop(t: Parameters<typeof makeShop>[0]): Promise<{ shop: Shop; erin: Fence }> {
  const shop = await makeShop(t)
  const erin = await shop.account('erin@example.com')
  await shop.contact(erin.session, AMAL, 'Amal')
  await shop.contact(erin.session, BASIL, 'Basil')
  await shop.product({ name: 'Gaming Laptop', sku: 'LAP-GAM-01', price: '1299.00', stock: 8, lowStockThreshold: 2 })
  await shop.product({ name: 'Blue Mug', price: 12, stock: 50 })
  await shop.product({ name: 'Wireless Earbuds', price: '49', stock: 1, aliases: ['earbuds'] })
  await shop.product({ name: '1TB External SSD', price: '99', stock: 0 })
  return { shop, erin }
}

async function count(shop: Shop, table: string, where = 'true'): Promise<number> {
  const [row] = await shop.db.rows<{ n: number }>(`select count(*)::int as n from ${table} where ${where}`)
  return row?.n ?? -1
}

async function last(shop: Shop, erin: Fence): Promise<string> {
  return (await shop.replies(erin.session)).at(-1) ?? ''
}

t.test('an order in chat is placed, reserved, answered and announced', async (t) => {
  const { shop, erin } = await openShop(t)
  const outcome = await shop.say(erin, 'ORDER Gaming Laptop:1', { id: 'M1' })
  t.match(outcome, { kind: 'stored', command: 'order', replied: true })
  t.ok(outcome.kind === 'stored' && outcome.orderId !== undefined)
  const text = await last(shop, erin)
  t.match(text, /^✅ Thank you, Amal! We got ORD-001001\n1 × Gaming Laptop – \$1,299\.00\nTotal: \$1,299\.00\n/)
  const [order] = await shop.db.rows('select number, status, total_minor, source_wa_id, channel from orders')
  t.match(order, { number: 1001, status: 'pending', total_minor: '129900', source_wa_id: 'M1', channel: 'whatsapp' })
  const [level] = await shop.db.rows(
    `select s.on_hand, s.reserved from stock_levels s join variants v on v.id = s.variant_id where v.sku = 'LAP-GAM-01'`,
  )
  t.match(level, { on_hand: 8, reserved: 1 })
  t.equal(await count(shop, 'stock_movements', `kind = 'reserve' and order_line_id is not null`), 1)
  t.equal(await count(shop, 'event_log', `type = 'order.created' and user_id = '${erin.session}'`), 1)
  t.equal(await count(shop, 'order_events', `to_status = 'pending'`), 1)
  t.equal(await count(shop, 'messages', 'order_id is not null and not from_me'), 1)
  const [due] = await dueOutbox(shop.db, shop.sealer, erin.session, { now: new Date(), limit: 10, lifeMs: DAY_MS })
  t.match(due, { recipient: '15550100001@s.whatsapp.net', content: { kind: 'text', text }, waMessageId: 'BOT0' })
  t.equal(await count(shop, 'inbox', `state = 'done' and payload is null and outcome = 'stored'`), 1)
})

t.test('the same message again does nothing', async (t) => {
  const { shop, erin } = await openShop(t)
  await shop.say(erin, 'ORDER Blue Mug:1', { id: 'SAME' })
  t.same(await shop.say(erin, 'ORDER Blue Mug:1', { id: 'SAME' }), { kind: 'duplicate' })
  t.equal(await count(shop, 'orders'), 1)
  t.equal(await count(shop, 'outbox'), 1)
  t.equal(await count(shop, 'messages'), 2)
})

t.test('twenty deliveries at once of one message make one order and one answer', async (t) => {
  const { shop, erin } = await openShop(t)
  const message = { kind: 'message', message: inbound('ORDER Gaming Laptop:1, Blue Mug:2', { id: 'RUSH' }) } as const
  const row = await shop.journal(erin)
  const rows = [...Array(10).fill(row), ...(await Promise.all(Array.from({ length: 10 }, () => shop.journal(erin))))]
  await warm(shop.db)
  const outcomes = await Promise.all(
    rows.map((each) => processInbound(shop.deps, erin, each, message, NOON, { phone: null })),
  )
  t.equal(outcomes.filter((each) => each.kind === 'stored').length, 1)
  t.equal(outcomes.filter((each) => each.kind === 'duplicate').length, 19)
  t.equal(await count(shop, 'orders'), 1)
  t.equal(await count(shop, 'outbox'), 1)
  t.equal(await count(shop, 'stock_levels', 'reserved > 0'), 2)
  t.equal(await count(shop, 'inbox', `state = 'done'`), 11)
})

t.test('what waited while we were offline is processed as if it were live', async (t) => {
  const { shop, erin } = await openShop(t)
  const at = new Date(NOON.getTime() - 5 * 60_000)
  t.match(await shop.say(erin, 'ORDER Blue Mug:1', { offline: true, at }), { kind: 'stored', replied: true })
  t.equal(await count(shop, 'orders'), 1)
})

t.test('an order with one unknown product places nothing and says which items were fine', async (t) => {
  const { shop, erin } = await openShop(t)
  await shop.say(erin, 'ORDER Gaming Laptop:1\nFlying Carpet:2')
  t.equal(await count(shop, 'orders'), 0)
  t.equal(await count(shop, 'stock_levels', 'reserved > 0'), 0)
  t.equal(
    await last(shop, erin),
    '⚠️ I could not find "Flying Carpet". Send catalog to see everything.\n' +
      'These 1 of 2 items are fine:\n1 × Gaming Laptop – $1,299.00\nTotal: $1,299.00\n' +
      'Reply YES to get just these, or send everything again.',
  )
})

t.test('too little in stock and nothing in stock are told apart', async (t) => {
  const { shop, erin } = await openShop(t)
  await shop.say(erin, 'ORDER Gaming Laptop:5, Gaming Laptop:6')
  t.match(await last(shop, erin), /^⚠️ Only 8 left of Gaming Laptop\.\nReply YES or NO\.$/)
  await shop.say(erin, 'ORDER 1TB External SSD:1')
  t.match(await last(shop, erin), /^⚠️ Sold out: 1TB External SSD\./)
  await shop.say(erin, 'ORDER Blue Mug:0')
  t.match(await last(shop, erin), /^❓ How many Blue Mug would you like\?/)
  t.equal(await count(shop, 'orders'), 0)
})

t.test('a product with variants is chosen from a list', async (t) => {
  const { shop, erin } = await openShop(t)
  const variants = ['Red S', 'Blue S'].map((name) => ({ name, price: 14, stock: 5, options: { colour: name } }))
  await shop.product({ name: 'Kids T-Shirt', variants })
  await shop.say(erin, 'ORDER Kids T-Shirt:2')
  t.match(
    await last(shop, erin),
    /^❓ Which "Kids T-Shirt" do you mean\?\n1\. Kids T-Shirt Red S – .*\n2\. Kids T-Shirt Blue S/,
  )
  t.equal(await count(shop, 'orders'), 0)
  t.match(await shop.say(erin, 'ORDER kids t-shirt blue s:2'), { orderId: String })
})

t.test('two customers who want the last one: one gets it, the other is told', async (t) => {
  const { shop, erin } = await openShop(t)
  await warm(shop.db)
  await Promise.all([
    shop.say(erin, 'ORDER earbuds:1, Blue Mug:1', { phone: AMAL }),
    shop.say(erin, 'ORDER Blue Mug:1, earbuds:1', { phone: BASIL }),
  ])
  t.equal(await count(shop, 'orders'), 1)
  const replies = await shop.replies(erin.session)
  t.equal(replies.filter((text) => text.startsWith('✅ Thank you')).length, 1)
  t.equal(replies.filter((text) => text.startsWith('⚠️ Sold out: Wireless Earbuds')).length, 1)
  const levels = await shop.db.rows<{ on_hand: number; reserved: number }>(
    'select on_hand, reserved from stock_levels where reserved > 0 order by on_hand',
  )
  t.same(levels, [
    { on_hand: 1, reserved: 1 },
    { on_hand: 50, reserved: 1 },
  ])
})

t.test('the commands are answered in words', async (t) => {
  const { shop, erin } = await openShop(t)
  await shop.say(erin, 'hi')
  t.match(await last(shop, erin), /^👋 Welcome to Nour & Co\., Amal!.*\n• catalog\n• ORDER Gaming Laptop:1/)
  await shop.say(erin, 'help')
  t.match(await last(shop, erin), /^ℹ️ You can write:/)
  await shop.say(erin, 'contact')
  t.match(await last(shop, erin), /^📍 This is how to reach us:\nNour & Co\.\n12 Example St\n.*\n\+15550109999$/)
  await shop.say(erin, 'catalog')
  const catalog = await last(shop, erin)
  t.match(catalog, /^🛍️ Page 1 of 1\n1\. Gaming Laptop – \$1,299\.00 \(in stock\)\n/)
  t.match(catalog, /4\. 1TB External SSD – \$99\.00 \(out of stock\)\nTo buy, reply like this:\nORDER Gaming Laptop:1$/)
  await shop.say(erin, 'ORDER')
  t.match(await last(shop, erin), /^⚠️ To buy, write what and how many, like this:\nORDER Gaming Laptop:1/)
})

t.test('status tells the latest orders, also those placed with a colleague', async (t) => {
  const { shop, erin } = await openShop(t)
  await shop.say(erin, 'status')
  t.match(await last(shop, erin), /^📦 You have no open orders\./)
  const omar = await shop.account('omar@example.com')
  await shop.contact(omar.session, AMAL, 'Amal N.')
  await shop.say(omar, 'ORDER Blue Mug:3')
  await shop.say(erin, 'my order')
  t.match(
    await last(shop, erin),
    /^📦 Your latest:\nORD-001001 is waiting for confirmation\.\n3 × Blue Mug\nTotal: \$36\.00 \(not paid yet\), Mar 1, 2026/,
  )
  await shop.say(erin, 'status #1001')
  t.match(await last(shop, erin), /ORD-001001/)
  await shop.say(erin, 'status 7')
  t.match(await last(shop, erin), /^📦 I could not find ORD-000007/)
  await shop.say(erin, 'status 1001', { phone: BASIL })
  t.match(await last(shop, erin), /^📦 I could not find ORD-001001/)
})

t.test('a stranger gets no answer and leaves nothing but a number in a counter', async (t) => {
  const { shop, erin } = await openShop(t)
  shop.bot({ unknownSenderPolicy: 'strict' })
  const before = await everyText(shop)
  for (const text of ['ORDER Blue Mug:1', 'hello secret-word']) {
    const outcome = await shop.say(erin, text, {
      phone: '+15550177777',
      lid: '987654321000',
      id: `STRANGE${text.length}`,
    })
    t.same(outcome, { kind: 'stranger', replied: false })
  }
  const after = await everyText(shop)
  for (const trace of ['5550177777', '987654321000', 'secret-word', 'Push Name', 'STRANGE']) {
    t.notOk(after.includes(trace), trace)
  }
  t.ok(before.includes('5550100001'), 'the scan would find a number')
  for (const table of ['messages', 'conversations', 'orders', 'outbox']) t.equal(await count(shop, table), 0, table)
  t.equal(await count(shop, 'customers'), 2)
  t.equal(await count(shop, 'inbox', `payload is null and outcome = 'stranger'`), 2)
  t.equal(await readCounter(shop.db, erin.session, '2026-03-01', 'skipped_non_contacts'), 2)
})

/** Every value of every row of every table as text; bytes are looked into as well. */
async function everyText(shop: Shop): Promise<string> {
  const tables = await shop.db.rows<{ table_name: string }>(
    `select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  )
  let all = ''
  for (const { table_name } of tables) {
    for (const row of await shop.db.rows<Record<string, unknown>>(`select * from "${table_name}"`)) {
      for (const value of Object.values(row)) {
        all += Buffer.isBuffer(value) ? value.toString('latin1') : JSON.stringify(value)
        all += '\n'
      }
    }
  }
  return all
}

t.test('who was removed from the contacts is a stranger again', async (t) => {
  const { shop, erin } = await openShop(t)
  shop.bot({ unknownSenderPolicy: 'strict' })
  t.match(await shop.say(erin, 'hi'), { kind: 'stored' })
  await shop.db.run('delete from contacts where user_id = ? and name = ?', [erin.session, 'Amal'])
  t.same(await shop.say(erin, 'ORDER Blue Mug:1'), { kind: 'stranger', replied: false })
  t.equal(await count(shop, 'orders'), 0)
})

t.test('a contact of one account is a stranger to another', async (t) => {
  const { shop } = await openShop(t)
  shop.bot({ unknownSenderPolicy: 'strict' })
  const omar = await shop.account('omar@example.com')
  t.same(await shop.say(omar, 'hi'), { kind: 'stranger', replied: false })
})

t.test('a contact saved by number is known by LID once both were seen together', async (t) => {
  const { shop, erin } = await openShop(t)
  shop.bot({ unknownSenderPolicy: 'strict' })
  t.same(await shop.say(erin, 'hi', { phone: null, lid: '111222333' }), { kind: 'stranger', replied: false })
  const both = await shop.say(erin, 'ORDER Blue Mug:1', { phone: AMAL, lid: '111222333' })
  t.match(both, { kind: 'stored', replied: true })
  const alone = await shop.say(erin, 'ORDER Blue Mug:1', { phone: null, lid: '111222333' })
  t.match(alone, { kind: 'stored', replied: true })
  t.ok(both.kind === 'stored' && alone.kind === 'stored' && both.conversationId === alone.conversationId)
  t.equal(await count(shop, 'customers'), 2)
  t.equal(await count(shop, 'orders'), 2)
  if (alone.kind === 'stored') {
    t.equal(await replyAddress(shop.db, shop.sealer, alone.conversationId), '111222333@lid')
  }
})

t.test('a number that arrives in its other form is the same customer', async (t) => {
  const { shop, erin } = await openShop(t)
  await shop.contact(erin.session, '+525512345678' as E164, 'Lupe')
  t.match(await shop.say(erin, 'hi', { phone: '+5215512345678' }), { kind: 'stored' })
  t.match(await last(shop, erin), /Welcome to Nour & Co\., Lupe/)
})

t.test('what the owner writes on the phone is stored and not answered', async (t) => {
  const { shop, erin } = await openShop(t)
  t.match(await shop.say(erin, 'ORDER Blue Mug:1', { fromMe: true }), { kind: 'stored', command: null, replied: false })
  const [row] = await shop.db.rows('select author, from_me, status from messages')
  t.match(row, { author: 'phone', from_me: true, status: 'sent' })
  t.equal(await count(shop, 'orders'), 0)
  t.equal(await count(shop, 'conversations', 'unread > 0'), 0)
  t.same(await shop.say(erin, 'hi', { fromMe: true, phone: '+15550177777' }), { kind: 'stranger', replied: false })
  t.equal(await readCounter(shop.db, erin.session, '2026-03-01', 'skipped_non_contacts'), 0)
})

t.test('groups and protocol messages leave nothing', async (t) => {
  const { shop, erin } = await openShop(t)
  const row = await shop.journal(erin)
  const group = { kind: 'ignored', reason: 'group', keepPayload: false } as const
  t.same(await processInbound(shop.deps, erin, row, group, NOON, { phone: null }), { kind: 'ignored', reason: 'group' })
  t.same(await processInbound(shop.deps, erin, row, group, NOON, { phone: null }), { kind: 'duplicate' })
  const kept = await shop.journal(erin)
  await processInbound(shop.deps, erin, kept, { ...group, reason: 'protocol', keepPayload: true }, NOON, {
    phone: null,
  })
  t.equal(await count(shop, 'inbox', 'payload is not null'), 1)
  t.equal(await count(shop, 'messages'), 0)
})

t.test('who is not understood gets the hint, then the offer of a person, then silence for ten minutes', async (t) => {
  const { shop, erin } = await openShop(t)
  t.match(await shop.say(erin, 'when do you open?'), { kind: 'stored', command: 'unknown', replied: true })
  t.match(await shop.say(erin, 'anyone there'), { kind: 'stored', command: 'unknown', replied: true })
  t.match(await last(shop, erin), /^🤔 I still do not get it\. Write agent/)
  t.match(await shop.say(erin, 'somebody'), { kind: 'stored', command: 'unknown', replied: false })
  t.equal(await count(shop, 'conversations', `attention = '{not-understood}'`), 1)
  t.match(await shop.say(erin, 'so?', { phone: BASIL }), { replied: true })
  t.equal((await shop.replies(erin.session)).length, 3)
})

t.test('a message of 60,000 characters is stored whole and answered', async (t) => {
  const { shop, erin } = await openShop(t)
  const long = 'ORDER Blue Mug:1\n'.padEnd(60_000, 'lorem ')
  t.match(await shop.say(erin, long), { kind: 'stored', command: 'order', replied: true })
  t.equal(await count(shop, 'messages', 'length(text) = 60000'), 1)
  t.equal(await count(shop, 'orders'), 0)
  t.match(await shop.say(erin, 'x\u0000y\ud800'), { kind: 'stored' })
})

t.test('an edit and a deletion of an order change the message and place nothing', async (t) => {
  const { shop, erin } = await openShop(t)
  await shop.say(erin, 'ORDER Blue Mug:1', { id: 'E1' })
  const edit = { kind: 'edit', targetId: 'E1', text: 'ORDER Blue Mug:5' } as const
  t.match(await shop.say(erin, '', { content: edit }), { kind: 'changed', messageId: String })
  t.equal(await count(shop, 'messages', `text = 'ORDER Blue Mug:5' and edited_at is not null`), 1)
  t.match(await shop.say(erin, '', { content: { kind: 'delete', targetId: 'E1' } }), { kind: 'changed' })
  t.equal(await count(shop, 'messages', 'text is null and revoked_at is not null'), 1)
  t.match(await shop.say(erin, '', { content: { kind: 'delete', targetId: 'NONE' } }), { messageId: null })
  t.equal(await count(shop, 'orders'), 1)
  t.equal(await count(shop, 'outbox'), 2)
})

t.test('what is not text is stored by its kind; a caption may order, a sticker is not answered', async (t) => {
  const { shop, erin } = await openShop(t)
  const picture = { kind: 'media', media: 'image', mime: 'image/jpeg', bytes: 1234 } as const
  t.match(await shop.say(erin, '', { content: { ...picture, caption: 'ORDER Blue Mug:1' } }), { command: 'order' })
  t.match(await shop.say(erin, '', { content: { ...picture, caption: 'look at this' } }), { replied: false })
  t.match(await shop.say(erin, '', { content: { ...picture, media: 'sticker', caption: null } }), { replied: false })
  t.match(await shop.say(erin, '', { content: { kind: 'reaction', targetId: 'X', emoji: '👍' } }), {
    kind: 'changed',
    messageId: null,
  })
  const cart = { kind: 'cart', orderId: 'C1', itemCount: 3, totalAmount1000: 120_000, currency: 'USD' } as const
  t.match(await shop.say(erin, '', { content: cart }), { kind: 'stored', command: null, replied: true })
  t.equal(await count(shop, 'messages', `type = 'image' and media->>'mime' = 'image/jpeg'`), 2)
  t.equal(await count(shop, 'orders'), 1)
})

t.test('another account of ours is stored but never answered', async (t) => {
  const { shop, erin } = await openShop(t)
  const omar = await shop.account('omar@example.com')
  await shop.db.run('update session set phone = ? where id = ?', ['+15550108888', omar.session])
  await shop.contact(erin.session, '+15550108888' as E164, 'Omar')
  t.match(await shop.say(erin, 'hi', { phone: '+15550108888' }), { kind: 'stored', replied: false })
})

t.test('who lost the session writes nothing', async (t) => {
  const { shop, erin } = await openShop(t)
  const row = await shop.journal(erin)
  await claim(shop.db, [erin.session], erin.owner)
  const message = { kind: 'message', message: inbound('ORDER Blue Mug:1') } as const
  await t.rejects(processInbound(shop.deps, erin, row, message, NOON, { phone: null }), FencedError)
  t.equal(await count(shop, 'messages'), 0)
  t.equal(await count(shop, 'inbox', `state = 'new'`), 1)
})

t.test('when something of ours fails nothing is half-done, and the next try does it all', async (t) => {
  const { shop, erin } = await openShop(t)
  const row = await shop.journal(erin)
  const message = { kind: 'message', message: inbound('ORDER Blue Mug:1') } as const
  const broken = {
    ...shop.deps,
    newWaMessageId: () => {
      throw new Error('no id')
    },
  }
  await t.rejects(processInbound(broken, erin, row, message, NOON, { phone: null }), { message: 'no id' })
  for (const table of ['messages', 'orders', 'outbox']) t.equal(await count(shop, table), 0, table)
  t.equal(await count(shop, 'order_counters', 'next > 1001'), 0)
  t.equal(await count(shop, 'stock_levels', 'reserved > 0'), 0)
  t.match(await processInbound(shop.deps, erin, row, message, NOON, { phone: null }), { kind: 'stored', replied: true })
  t.equal(await count(shop, 'orders', 'number = 1001'), 1)
})

t.test('no answer reads as a command', async (t) => {
  const { shop, erin } = await openShop(t)
  for (const text of [
    'hi',
    'help',
    'contact',
    'catalog',
    'catalog 9',
    'ORDER',
    'ORDER Blue Mug:1',
    'ORDER x:1',
    'status',
    '??',
  ])
    await shop.say(erin, text)
  const replies = await shop.replies(erin.session)
  t.equal(replies.length, 10)
  for (const text of replies) t.same(interpret(text, { names: demoNames(), prompt: null }), { intent: 'unknown' }, text)
})
