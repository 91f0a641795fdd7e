import t from 'tap'
import type { Fence } from '../../src/domain/ids.ts'
import type { E164 } from '../../src/domain/phone.ts'
import { resumeBot } from '../../src/persistence/conversation-changes.ts'
import { DEFAULT_POLICY } from '../../src/policy.ts'
import { AMAL, makeShop, NOON, type Said, type Shop } from '../support/bot-shop.ts'

const BASIL = '+4915112345678' as E164
const SECOND = 1_000
const MINUTE = 60_000
const later = (minutes: number) => new Date(NOON.getTime() + minutes * MINUTE)
const lenient = { ...DEFAULT_POLICY.bot, guard: { ...DEFAULT_POLICY.bot.guard, repliesPerMinute: 1_000 } }

async function openShop(t: Parameters<typeof makeShop>[0], bot = lenient): Promise<{ shop: Shop; erin: Fence }> {
  const shop = await makeShop(t, bot)
  const erin = await shop.account('erin@example.com')
  await shop.contact(erin.session, AMAL, 'Amal')
  await shop.contact(erin.session, BASIL, 'Basil')
  await shop.product({ name: 'Blue Mug', price: 12, stock: 50 })
  await shop.product({ name: 'Red Mug', price: 10, stock: 50 })
  return { shop, erin }
}

async function count(shop: Shop, table: string, where = 'true'): Promise<number> {
  const [row] = await shop.db.rows<{ n: number }>(`select count(*)::int as n from ${table} where ${where}`)
  return row?.n ?? -1
}

/** Says it and returns the answer; null when there is none. */
async function ask(shop: Shop, erin: Fence, text: string, said: Said = {}): Promise<string | null> {
  const before = (await shop.replies(erin.session)).length
  await shop.say(erin, text, said)
  return (await shop.replies(erin.session)).slice(before).at(0) ?? null
}

const setOrder = (shop: Shop, number: number, status: string) =>
  shop.db.run('update orders set status = ? where number = ?', [status, number])

t.test('S27, S28, S29: status of none, one, and seven orders; a number tells more of one', async (t) => {
  const { shop, erin } = await openShop(t)
  t.match(await ask(shop, erin, 'status'), /^📦 You have no open orders\. Send catalog to start\.\nORDER Blue Mug:1/)
  await ask(shop, erin, 'ORDER Blue Mug:1')
  t.match(
    await ask(shop, erin, 'status'),
    /ORD-001001 is waiting for confirmation\.\n1 × Blue Mug\nTotal: \$12\.00 \(not paid yet\), Mar 1/,
  )
  for (const quantity of [2, 3, 4, 5, 6, 7]) await ask(shop, erin, `ORDER Red Mug:${quantity}`)
  const many = (await ask(shop, erin, 'my orders')) ?? ''
  t.equal(many.match(/ORD-/g)?.length, 5)
  t.match(many, /There are more/)
  t.match(await ask(shop, erin, '2'), /^📦 Your latest:\nORD-001006 .*\n6 × Red Mug\nTotal: \$60\.00/)
})

t.test('S32: cancel with one pending order asks; NO keeps it, YES cancels it and gives the stock back', async (t) => {
  const { shop, erin } = await openShop(t)
  await ask(shop, erin, 'ORDER Blue Mug:4')
  t.match(await ask(shop, erin, 'cancel'), /^❓ Do you want to undo ORD-001001 \(\$48\.00\)\?\nReply YES or NO/)
  t.match(await ask(shop, erin, 'no'), /ORD-001001 is waiting/)
  t.equal(await count(shop, 'orders', `status = 'pending'`), 1)
  await ask(shop, erin, 'cancel 1001')
  t.match(await ask(shop, erin, 'yes'), /^✅ Done: ORD-001001 is cancelled/)
  t.equal(await count(shop, 'orders', `status = 'cancelled'`), 1)
  t.equal(await count(shop, 'stock_levels', 'reserved > 0'), 0)
  t.equal(await count(shop, 'event_log', `type = 'order.updated'`), 1)
  t.match(await ask(shop, erin, 'cancel'), /^📦 There is nothing open to undo/)
})

t.test('S33: cancel with several pending orders lists them; the one that is chosen is asked about', async (t) => {
  const { shop, erin } = await openShop(t)
  await ask(shop, erin, 'ORDER Blue Mug:1')
  await ask(shop, erin, 'ORDER Red Mug:1')
  t.match(await ask(shop, erin, 'cancel'), /^❓ Which one.*\n1\. ORD-001002 – \$10\.00\n2\. ORD-001001 – \$12\.00/)
  t.match(await ask(shop, erin, '2'), /undo ORD-001001/)
  t.match(await ask(shop, erin, 'yes'), /ORD-001001 is cancelled/)
  t.equal(await count(shop, 'orders', `status = 'pending' and number = 1002`), 1)
})

t.test('S34, S35: what staff confirmed is asked of them, what is on its way is too late', async (t) => {
  const { shop, erin } = await openShop(t)
  await ask(shop, erin, 'ORDER Blue Mug:1')
  await setOrder(shop, 1001, 'confirmed')
  t.match(await ask(shop, erin, 'cancel 1001'), /^🙋 We are working on ORD-001001 already/)
  t.equal(await count(shop, 'orders', `status = 'confirmed' and cancel_requested_at is not null`), 1)
  t.equal(await count(shop, 'conversations', `attention = '{cancel-requested}'`), 1)
  await setOrder(shop, 1001, 'shipped')
  t.match(await ask(shop, erin, 'cancel #1001'), /^📦 It is too late to undo ORD-001001/)
  t.match(await ask(shop, erin, 'cancel 1001', { phone: BASIL }), /^📦 I could not find ORD-001001/)
})

t.test('an order that moved on between the question and YES is not cancelled', async (t) => {
  const { shop, erin } = await openShop(t)
  await ask(shop, erin, 'ORDER Blue Mug:1')
  await ask(shop, erin, 'cancel')
  await setOrder(shop, 1001, 'shipped')
  t.match(await ask(shop, erin, 'yes'), /^📦 It is too late/)
  t.equal(await count(shop, 'orders', `status = 'shipped'`), 1)
})

t.test('S36: cancel with an open question drops that, not an older order', async (t) => {
  const { shop, erin } = await openShop(t)
  await ask(shop, erin, 'ORDER Blue Mug:1')
  await ask(shop, erin, 'ORDER red mug')
  t.match(await ask(shop, erin, 'cancel'), /^👌/)
  t.equal(await count(shop, 'bot_prompts'), 0)
  t.equal(await count(shop, 'orders', `status = 'pending'`), 1)
})

t.test(
  'S44, S47, S48: after a word typed on the phone the bot is silent, an order is marked, and half an hour later it answers',
  async (t) => {
    const { shop, erin } = await openShop(t)
    await ask(shop, erin, 'hi')
    t.equal(await ask(shop, erin, 'I will look', { fromMe: true, id: 'PHONE' }), null)
    t.equal(
      await count(shop, 'conversations', `bot_pause_reason = 'phone' and bot_paused_until = '2026-03-01T12:30:00Z'`),
      1,
    )
    t.equal(await ask(shop, erin, 'hello?', { now: later(29) }), null)
    t.equal(await count(shop, 'conversations', `cardinality(attention) > 0`), 0)
    t.equal(await ask(shop, erin, 'ORDER Blue Mug:1', { now: later(29) }), null)
    t.equal(await count(shop, 'orders'), 0)
    t.equal(await count(shop, 'conversations', `attention = '{looks-like-order}'`), 1)
    t.match(await ask(shop, erin, 'ORDER Blue Mug:1', { now: later(31) }), /We got ORD-001001/)
    await ask(shop, erin, 'seen', { fromMe: true, now: later(40) })
    t.equal(await count(shop, 'conversations', `attention = '{}'`), 1)
  },
)

t.test('S45: the echo of a bot reply takes nothing over', async (t) => {
  const { shop, erin } = await openShop(t)
  await ask(shop, erin, 'hi')
  const [reply] = await shop.db.rows<{ id: string }>(`select wa_message_id as id from messages where author = 'bot'`)
  t.match(await shop.say(erin, 'echo', { fromMe: true, id: reply?.id ?? '' }), { kind: 'duplicate' })
  t.equal(await count(shop, 'conversations', 'bot_paused_until is not null'), 0)
})

t.test(
  'S49: a chat that is given back is answered at once; a shop that turned the bot off answers nobody',
  async (t) => {
    const { shop, erin } = await openShop(t)
    t.match(await ask(shop, erin, 'agent'), /^🙋 A colleague will answer you soon/)
    t.equal(
      await count(
        shop,
        'conversations',
        `attention = '{handoff}' and handoff_at is not null and bot_pause_reason = 'handoff'`,
      ),
      1,
    )
    t.equal(await ask(shop, erin, 'hi'), null)
    const outcome = await shop.say(erin, 'still there')
    if (outcome.kind === 'stored') await resumeBot(shop.db, outcome.conversationId)
    t.match(await ask(shop, erin, 'help'), /^ℹ️/)
    const { settings } = shop.organization
    Object.assign(shop.organization, { settings: { ...settings, bot: { ...settings.bot, enabled: false } } })
    t.equal(await ask(shop, erin, 'help me', { phone: BASIL }), null)
  },
)

t.test(
  'S51, S53, S54, S55: STOP is heard once, also by a paused bot; commands are still answered; START lifts it',
  async (t) => {
    const { shop, erin } = await openShop(t)
    t.match(await ask(shop, erin, 'stop sending it to the wrong address'), /^🤔/)
    t.equal(await count(shop, 'customers', 'opted_out_at is not null'), 0)
    await ask(shop, erin, 'I will look', { fromMe: true })
    t.match(await ask(shop, erin, 'STOP'), /^🔕 Done\. No more automatic messages/)
    t.equal(await ask(shop, erin, 'stop'), null)
    t.equal(await count(shop, 'customers', 'opted_out_at is not null'), 1)
    t.match(await ask(shop, erin, 'status', { now: later(31) }), /^📦/)
    t.match(await ask(shop, erin, 'START', { now: later(32) }), /^🔔/)
    t.equal(await count(shop, 'customers', 'opted_out_at is not null'), 0)
  },
)

t.test(
  'S76: who answers every reply at once is a machine: the bot leaves the chat for an hour and tells',
  async (t) => {
    const { shop, erin } = await openShop(t)
    const replies: (string | null)[] = []
    for (let turn = 0; turn < 8; turn += 1) {
      const now = new Date(NOON.getTime() + turn * 15 * SECOND)
      replies.push(await ask(shop, erin, turn % 2 === 0 ? 'help' : 'contact', { now }))
      // It left a second before they answer.
      await shop.db.run(`update outbox set state = 'sent', sent_at = ?`, [new Date(now.getTime() + 14 * SECOND)])
    }
    t.equal(replies.filter((text) => text !== null).length, 4)
    t.equal(
      await count(
        shop,
        'conversations',
        `bot_pause_reason = 'loop' and attention = '{loop}' and bot_paused_until > '2026-03-01T13:00:00Z'`,
      ),
      1,
    )
    t.equal(await count(shop, 'event_log', `type = 'conversation.updated'`), 1)
    t.match(await ask(shop, erin, 'help', { now: later(90) }), /^ℹ️/)
  },
)

t.test(
  'the same text three times in two minutes is not answered again, seven different ones in a minute pause the bot',
  async (t) => {
    const { shop, erin } = await openShop(t, DEFAULT_POLICY.bot)
    t.match(await ask(shop, erin, 'help'), /^ℹ️/)
    t.match(await ask(shop, erin, 'help'), /^ℹ️/)
    t.equal(await ask(shop, erin, 'Help'), null)
    for (const text of ['hi', 'contact', 'status', 'catalog']) t.not(await ask(shop, erin, text), null, text)
    t.equal(await ask(shop, erin, 'ORDER Blue Mug:1'), null)
    t.equal(await count(shop, 'conversations', `bot_pause_reason = 'loop'`), 1)
  },
)

t.test('what the bot remembers of a chat has no words in it', async (t) => {
  const { shop, erin } = await openShop(t)
  for (const text of ['ORDER Blue Mug:1', 'secretword', 'ORDER mug:2', 'hello']) await shop.say(erin, text)
  const rows = await shop.db.rows<{ all: string }>(
    'select coalesce(bot_state::text, $$$$) || coalesce((select payload::text from bot_prompts), $$$$) as all from conversations',
  )
  t.match(rows[0]?.all, /scripts/)
  for (const word of ['secretword', 'Mug', 'mug', 'hello', 'ORDER', 'Amal']) t.notOk(rows[0]?.all.includes(word), word)
})
