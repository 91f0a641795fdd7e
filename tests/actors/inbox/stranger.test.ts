import t, { type Test } from 'tap'
import { processInbound } from '../../../src/actors/inbox/process.ts'
import { interpret } from '../../../src/domain/bot/interpret.ts'
import { makeCatalogueNames } from '../../../src/domain/bot/names.ts'
import type { Fence } from '../../../src/domain/ids.ts'
import type { E164 } from '../../../src/domain/phone.ts'
import { readCounter } from '../../../src/persistence/counters.ts'
import { advanceStatus, dueOutbox, findSent } from '../../../src/persistence/outbox.ts'
import { pruneStrangers } from '../../../src/persistence/strangers.ts'
import { DEFAULT_POLICY } from '../../../src/policy.ts'
import { AMAL, inbound, makeShop, NOON, type Said, type Shop, warm } from '../../support/bot-shop.ts'
import { findAnywhere } from '../../support/scan.ts'

const DAY_MS = 86_400_000

const ZOE = '+15550177777' as E164
const NAME = 'Zoe Quixote'
const TRACES = ['5550177777', '987654321000', NAME, 'ZOE-MESSAGE']
const MINUTE = 60_000
const after = (minutes: number) => new Date(NOON.getTime() + minutes * MINUTE)

async function openShop(
  t: Test,
): Promise<{ shop: Shop; erin: Fence; zoe: (text: string, said?: Said) => Promise<Heard> }> {
  const shop = await makeShop(t)
  const erin = await shop.account('erin@example.com')
  await shop.contact(erin.session, AMAL, 'Amal')
  await shop.product({ name: 'Gaming Laptop', sku: 'LAP-GAM-01', price: '1299.00', stock: 8 })
  await shop.product({ name: 'Blue Mug', sku: 'MUG', price: 12, stock: 50 })
  await shop.product({ name: 'Wireless Earbuds', price: '49', stock: 1 })
  let serial = 0
  const zoe = async (text: string, said: Said = {}): Promise<Heard> => {
    serial += 1
    const heard = { phone: ZOE, lid: '987654321000', pushName: NAME, id: `ZOE-MESSAGE-${serial}`, ...said }
    const before = await texts(shop, erin)
    const outcome = await shop.say(erin, text, heard)
    return { outcome, said: (await texts(shop, erin)).slice(before.length) }
  }
  return { shop, erin, zoe }
}

const prune = (shop: Shop, now: Date) => pruneStrangers(shop.db, now, new Date(now.getTime() - 24 * 60 * MINUTE))

interface Heard {
  readonly outcome: Awaited<ReturnType<Shop['say']>>
  readonly said: readonly string[]
}

/** Everything queued for this account, also what no message row has. */
async function texts(shop: Shop, erin: Fence): Promise<string[]> {
  const rows = await shop.db.rows<{ wa_msg_id: string }>(
    'select wa_msg_id from outbox where session_id = ? order by seq',
    [erin.session],
  )
  const contents = await Promise.all(
    rows.map(({ wa_msg_id }) => findSent(shop.db, shop.sealer, erin.session, wa_msg_id)),
  )
  return contents.map((content) => (content?.kind === 'text' ? content.text : ''))
}

async function count(shop: Shop, table: string, where = 'true'): Promise<number> {
  const [row] = await shop.db.rows<{ n: number }>(`select count(*)::int as n from ${table} where ${where}`)
  return row?.n ?? -1
}

async function nothingKept(t: Test, shop: Shop, words: readonly string[] = []): Promise<void> {
  t.same(await findAnywhere(shop.db, [...TRACES, ...words]), [])
  t.equal(await count(shop, 'messages', 'not from_me'), 0)
  for (const table of ['conversations', 'messages', 'orders', 'bot_prompts'])
    t.equal(await count(shop, table), 0, table)
  t.equal(await count(shop, 'customers'), 1, 'Amal alone')
}

t.test('a stranger is answered, and no row has their number, name or text', async (t) => {
  const { shop, erin, zoe } = await openShop(t)
  t.match(await zoe('hi'), { outcome: { kind: 'stranger', replied: true }, said: [/^👋 Welcome to Nour & Co\.!/] })
  t.match(await zoe('catalog'), { said: [/^🛍️ Page 1 of 1\n1\. Gaming Laptop/] })
  t.match(await zoe('help'), { said: [/^ℹ️ You can write:/] })
  t.match(await zoe('contact'), { said: [/^📍 .*\nNour & Co\.\n12 Example St/] })
  t.match(await zoe('agent'), { said: [/^📍 /] }, 'nobody would see them: they are told where to find somebody')
  t.match(await zoe('status 1001'), { said: [/^📦 You have no/] })
  t.match(await zoe('ORDER Blue Mug:2, Gaming Laptop:1 xyzzy-word'), { said: [String] })
  t.match(await zoe('ORDER Blue Mug:2'), { said: [/^🔒 [\s\S]*2 × Blue Mug[\s\S]*\$24\.00[\s\S]*YES or NO/] })
  t.match(await zoe('my plumbus is broken'), { said: [/^ℹ️/] })
  await nothingKept(t, shop, ['xyzzy-word', 'plumbus', 'status 1001'])
  t.equal(await readCounter(shop.db, erin.session, '2026-03-01', 'skipped_non_contacts'), 9)
  t.same(
    await findAnywhere(shop.db, ['5550100001']),
    ['customer_identities: 5550100001'],
    'the scan would find a number',
  )
})

t.test('what is not understood is helped once in a day, and not at all after that', async (t) => {
  const { zoe } = await openShop(t)
  t.equal((await zoe('is this the bakery?')).said.length, 1)
  t.equal((await zoe('hello?? anybody there to talk')).said.length, 0)
  t.equal((await zoe('so?', { now: after(23 * 60) })).said.length, 0)
  t.match(await zoe('catalog', { now: after(23 * 60) }), { said: [/^🛍️/] }, 'a command is answered')
  t.equal((await zoe('so?', { now: after(25 * 60) })).said.length, 1)
})

t.test('nobody gets answers without end', async (t) => {
  const { zoe } = await openShop(t)
  let answers = 0
  for (let n = 0; n < 30; n += 1) answers += (await zoe('hi', { now: after(n) })).said.length
  t.equal(answers, DEFAULT_POLICY.strangers.perHour)
  t.equal((await zoe('hi', { now: after(61) })).said.length, 1, 'an hour later they are')
})

t.test('YES makes a customer, a contact and the order, and from then on all is kept', async (t) => {
  const { shop, erin, zoe } = await openShop(t)
  await zoe('ORDER Blue Mug:2')
  t.same(await shop.db.rows('select quantity, price_minor from pending_intents limit 1'), [
    { quantity: 2, price_minor: '1200' },
  ])
  t.equal(await count(shop, 'stock_levels', 'reserved > 0'), 0, 'a question reserves nothing')
  const yes = await zoe('yes')
  t.match(yes.outcome, { kind: 'stored', command: 'order', orderId: String, replied: true })
  t.match(yes.said, [/^✅ Thank you, Zoe Quixote! We got ORD-001001[\s\S]*2 × Blue Mug[\s\S]*\$24\.00/])
  const undo = /reply: (cancel.*)$/m.exec(yes.said[0] ?? '')?.[1] ?? ''
  t.same(interpret(undo, { names: makeCatalogueNames(), prompt: null }), { intent: 'cancel', order: 1001 })
  t.match(await shop.db.rows('select number, status, total_minor from orders'), [
    { number: 1001, status: 'pending', total_minor: '2400' },
  ])
  const [customer] = await shop.db.rows(
    `select cu.consent_source, cu.consent_at, c.name from customers cu join contacts c on c.customer_id = cu.id where c.name = ?`,
    [NAME],
  )
  t.match(customer, { consent_source: 'self', consent_at: NOON, name: NAME })
  t.same(await shop.db.rows(`select kind, value from customer_identities where value <> ? order by kind`, [AMAL]), [
    { kind: 'lid', value: '987654321000' },
    { kind: 'phone', value: ZOE },
  ])
  t.same(await shop.db.rows('select text from messages where not from_me'), [{ text: 'yes' }], 'nothing from before')
  t.equal(await count(shop, 'pending_intents'), 0)
  t.equal(await count(shop, 'stranger_answers'), 1, 'of all strangers together')
  t.equal(await count(shop, 'audit_log', `action = 'contact.consent'`), 1)
  t.match((await zoe('status')).outcome, { kind: 'stored', replied: true })
  t.match(await shop.say(erin, 'hi', { phone: ZOE }), { kind: 'stored' })
})

t.test('two YES at once make one order', async (t) => {
  const { shop, erin, zoe } = await openShop(t)
  await zoe('ORDER Blue Mug:2')
  await warm(shop.db)
  const rows = await Promise.all(Array.from({ length: 6 }, () => shop.journal(erin)))
  const same = { kind: 'message', message: inbound('YES', { phone: ZOE, id: 'YES-ONCE' }) } as const
  const other = { kind: 'message', message: inbound('YES', { phone: ZOE, id: 'YES-TWICE' }) } as const
  await Promise.all(
    rows.map((row, n) => processInbound(shop.deps, erin, row, n < 5 ? same : other, NOON, { phone: null })),
  )
  t.equal(await count(shop, 'orders'), 1)
  t.equal(await count(shop, 'customers'), 2)
  t.equal(await count(shop, 'contacts'), 2)
})

t.test('NO, or a quarter of an hour of silence, and nothing remains', async (t) => {
  const { shop, zoe } = await openShop(t)
  await zoe('ORDER Blue Mug:2')
  t.match(await zoe('no'), { outcome: { kind: 'stranger' }, said: [/^👌/] })
  t.equal(await count(shop, 'pending_intents'), 0)
  t.match(await zoe('yes'), { outcome: { kind: 'stranger' } }, 'nothing is open any more')
  await zoe('ORDER Blue Mug:2')
  t.match(await zoe('YES', { now: after(16) }), { outcome: { kind: 'stranger' }, said: [/^⌛/] })
  await zoe('ORDER Blue Mug:2', { now: after(17) })
  t.ok((await prune(shop, after(33))) > 0)
  t.equal(await count(shop, 'pending_intents'), 0)
  await prune(shop, after(48 * 60))
  t.equal(await count(shop, 'stranger_answers'), 0)
  await nothingKept(t, shop)
})

t.test('strict is silence and a counter', async (t) => {
  const { shop, erin, zoe } = await openShop(t)
  shop.bot({ unknownSenderPolicy: 'strict' })
  for (const text of ['hi', 'ORDER Blue Mug:1', 'yes'])
    t.same(await zoe(text), { outcome: { kind: 'stranger', replied: false }, said: [] })
  await nothingKept(t, shop)
  for (const table of ['stranger_answers', 'pending_intents', 'outbox']) t.equal(await count(shop, table), 0, table)
  t.equal(await readCounter(shop.db, erin.session, '2026-03-01', 'skipped_non_contacts'), 3)
})

t.test('auto needs no question for an order that is clear, and makes nobody a contact for less', async (t) => {
  const { shop, zoe } = await openShop(t)
  shop.bot({ unknownSenderPolicy: 'auto' })
  t.match((await zoe('catalog')).outcome, { kind: 'stranger' })
  t.match(await zoe('ORDER Bleu Mug:1'), { outcome: { kind: 'stranger' }, said: [/^❓ /] })
  t.equal(await count(shop, 'customers'), 1)
  t.match((await zoe('ORDER Blue Mug:1')).outcome, { kind: 'stored', orderId: String })
  t.match(await shop.db.rows('select consent_source from customers where consent_at is not null'), [
    { consent_source: 'order' },
  ])
})

t.test('a price that changed is asked about again, and what is gone is not sold', async (t) => {
  const { shop, zoe } = await openShop(t)
  await zoe('ORDER Blue Mug:2')
  await shop.db.run(`update variants set price_minor = 1500 where sku = 'MUG'`)
  t.match(await zoe('yes'), { outcome: { kind: 'stranger' }, said: [/^❓ [\s\S]*\$30\.00/] })
  t.match(await zoe('yes'), { outcome: { kind: 'stored' }, said: [/^✅ [\s\S]*\$30\.00/] })
  t.equal(await count(shop, 'orders', 'total_minor = 3000'), 1)
})

t.test('when others were faster they stay a stranger, and nothing of them is kept', async (t) => {
  const { shop, erin, zoe } = await openShop(t)
  await zoe('ORDER Wireless Earbuds:1')
  await shop.say(erin, 'ORDER Wireless Earbuds:1')
  t.match(await zoe('yes'), { outcome: { kind: 'stranger' }, said: [/^⚠️ Sold out: Wireless Earbuds/] })
  t.same(await findAnywhere(shop.db, TRACES), [])
  t.equal(await count(shop, 'pending_intents'), 0)
  await zoe('ORDER Blue Mug:2')
  await shop.db.run(`update products set status = 'archived' where name = 'Blue Mug'`)
  t.match(await zoe('yes'), { outcome: { kind: 'stranger' }, said: [/^⌛/] })
})

t.test('more than the shop sells without looking becomes a draft for a person', async (t) => {
  const { shop, zoe } = await openShop(t)
  shop.bot({ confirmAboveMinor: 100_000 })
  t.match(await zoe('ORDER Gaming Laptop:1'), { said: [/^🔒/] })
  t.match(await zoe('yes'), { outcome: { kind: 'stored', replied: true }, said: [/^🙋/] })
  t.match(await shop.db.rows('select status, source_conversation_id is not null as chat from orders'), [
    { status: 'draft', chat: true },
  ])
  t.equal(await count(shop, 'conversations', 'handoff_at is not null'), 1)
  t.equal(await count(shop, 'stock_levels', 'reserved > 0'), 0)
})

t.test('a STOP of a stranger outlives everything, as a keyed hash, until START', async (t) => {
  const { shop, zoe } = await openShop(t)
  t.match(await zoe('STOP'), { said: [/^🔕/] })
  t.same(await findAnywhere(shop.db, TRACES), [])
  await zoe('ORDER Blue Mug:1')
  await zoe('yes')
  t.equal(await count(shop, 'customers', 'opted_out_at is not null'), 1)
  const other = await openShop(t)
  await other.zoe('STOP')
  t.match(await other.zoe('START'), { said: [/^🔔/] })
  t.equal(await count(other.shop, 'suppressions'), 0)
})

t.test('what a stranger was told is emptied when their phone has it, or after a day', async (t) => {
  const { shop, erin, zoe } = await openShop(t)
  await zoe('hi')
  await zoe('help')
  const rows = await shop.db.rows<{ wa_msg_id: string }>('select wa_msg_id from outbox order by seq')
  const [first, second] = rows
  if (first === undefined || second === undefined) throw new Error('no answers')
  const full = () => count(shop, 'outbox', 'octet_length(recipient) > 0 and octet_length(payload) > 0')
  t.equal(await count(shop, 'outbox', 'message_id is null and stranger'), 2)
  const [due, next] = await dueOutbox(shop.db, shop.sealer, erin.session, {
    now: new Date(),
    limit: 10,
    lifeMs: DAY_MS,
  })
  t.match(
    due,
    { cold: false, recipient: '987654321000@lid', content: { kind: 'text' } },
    'they wrote first: nothing holds it',
  )
  t.equal(next, undefined, 'answers to one stranger go one after the other')
  await advanceStatus(shop.db, erin, first.wa_msg_id, 'sent')
  t.equal(await full(), 2, 'their phone may still ask for it again')
  await advanceStatus(shop.db, erin, first.wa_msg_id, 'delivered')
  t.equal(await full(), 1)
  t.equal(await count(shop, 'outbox', `conversation_id = id and state = 'delivered'`), 1)
  await prune(shop, new Date(Date.now() + 23 * 60 * MINUTE))
  t.equal(await full(), 1)
  await prune(shop, new Date(Date.now() + 25 * 60 * MINUTE))
  t.equal(await full(), 0)
  t.equal(await count(shop, 'outbox', `state = 'failed'`), 1, 'it is not sent any more')
})

t.test(
  'no answer to other accounts of the shop, to what is no text, to what the owner writes, or while the bot is off',
  async (t) => {
    const { shop, erin, zoe } = await openShop(t)
    const silent = { outcome: { kind: 'stranger', replied: false }, said: [] }
    t.same(await zoe('hi', { fromMe: true }), silent)
    t.equal(await readCounter(shop.db, erin.session, '2026-03-01', 'skipped_non_contacts'), 0)
    const sticker = { kind: 'media', media: 'sticker', mime: null, bytes: null, caption: null } as const
    t.same(await zoe('', { content: sticker }), silent)
    t.same(await zoe('', { content: { kind: 'edit', targetId: 'X', text: 'ORDER Blue Mug:1' } }), silent)
    t.same(await zoe('hi', { at: after(-60) }), silent, 'an hour late')
    t.match(
      await zoe('ORDER Blue Mug:1', { at: after(-60) }),
      { said: [/^🔒/] },
      'an order is asked about, however late',
    )
    shop.bot({ enabled: false })
    t.same(await zoe('hi'), silent)
    shop.bot({ enabled: true })
    const omar = await shop.account('omar@example.com')
    await shop.db.run('update session set phone = ? where id = ?', [ZOE, omar.session])
    t.same(await zoe('hi'), silent)
  },
)

t.test('a contact who was removed is a stranger, and their old chat stays as it was', async (t) => {
  const { shop, erin } = await openShop(t)
  await shop.say(erin, 'hi')
  await shop.db.run('delete from contacts where name = ?', ['Amal'])
  t.match(await shop.say(erin, 'ORDER Blue Mug:1'), { kind: 'stranger', replied: true })
  t.equal(await count(shop, 'messages', 'not from_me'), 1)
  t.match(await shop.say(erin, 'yes'), { kind: 'stored', orderId: String })
  t.equal(await count(shop, 'customers'), 1, 'the same customer again')
})

t.test('somebody who is known by LID alone can agree as well', async (t) => {
  const { shop, zoe } = await openShop(t)
  const alone = { phone: null, pushName: null }
  await zoe('ORDER Blue Mug:1', alone)
  t.match((await zoe('yes', alone)).outcome, { kind: 'stored' })
  t.equal(await count(shop, 'contacts', `name = 'Customer'`), 1)
  t.match((await zoe('status', alone)).outcome, { kind: 'stored' })
})

t.test('a number is one stranger in all its forms', async (t) => {
  const { zoe } = await openShop(t)
  await zoe('ORDER Blue Mug:1', { phone: '+525512345678', lid: null })
  t.match((await zoe('yes', { phone: '+5215512345678', lid: null })).outcome, { kind: 'stored' })
})
