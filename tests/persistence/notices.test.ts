import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { asId, type ConversationId, type OrderId, type OutboxId } from '../../src/domain/ids.ts'
import { dropNotices, giveUpNotices } from '../../src/persistence/notices.ts'
import { findOrder, listOrders } from '../../src/persistence/order-views.ts'
import { contentOf, dueOutbox, enqueue, markFailed, markSending } from '../../src/persistence/outbox.ts'
import { AMAL, NOON } from '../support/bot-shop.ts'
import { type Desk, openDesk } from '../support/order-desk.ts'

const ALL = { kind: 'all' } as const
const after = (seconds: number) => new Date(NOON.getTime() + seconds * 1_000)
const texts = async (desk: Desk, id: OrderId) => (await desk.notices(id)).map(({ text }) => text.split('\n')[0])
/** What the outbox would send at this time. */
const due = async ({ shop, erin }: Desk, at: Date) => {
  const rows = await dueOutbox(shop.db, shop.sealer, erin.session, at, 20)
  return rows.map(({ content }) => (content?.kind === 'text' ? content.text.split('\n')[0] : null))
}

t.test('each change tells the customer once, in their chat', async (t) => {
  const desk = await openDesk(t, [5])
  const { db, sealer } = desk.shop
  const id = await desk.placed([[0, 2]])
  const steps = ['confirmed', 'processing', 'shipped', 'delivered'] as const
  for (const [index, to] of steps.entries()) {
    const moved = await desk.move(id, to, { at: after(31 * index) })
    t.match(moved, { ok: true, value: { told: 'queued' } })
  }
  t.same(await texts(desk, id), [
    '📦 ORD-001001 is confirmed.',
    '📦 ORD-001001 is being prepared.',
    '📦 ORD-001001 is ready for pickup.',
    '📦 ORD-001001 is delivered. Thank you!',
  ])
  const notices = await desk.notices(id)
  t.equal(notices[0]?.text, '📦 ORD-001001 is confirmed.\n2 × Thing a\nTotal: $20.00 (not paid yet)')
  t.same(
    notices.map(({ nextAt }) => nextAt.getTime() - NOON.getTime()),
    [30_000, 61_000, 92_000, 123_000],
    'half a minute after its change',
  )
  const [row] = await dueOutbox(db, sealer, desk.erin.session, after(30), 20)
  t.match(row, { recipient: `${AMAL.slice(1)}@s.whatsapp.net`, proactive: true, content: { kind: 'text' } })
  const stored = await db.rows(
    `select author, status, from_me, order_id from messages where order_id = ? order by id`,
    [id],
  )
  t.same(stored, Array(4).fill({ author: 'system', status: 'queued', from_me: true, order_id: id }))
})

t.test('it is said in the language that was chosen, else in that of the chat, else in that of the shop', async (t) => {
  const desk = await openDesk(t, [9])
  const { db, organization } = desk.shop
  const said = async () => {
    const id = await desk.placed()
    await desk.move(id, 'confirmed')
    return (await desk.notices(id)).at(-1)?.text
  }
  t.match(await said(), /is confirmed/)
  Object.assign(organization, { settings: { ...organization.settings, languageDefault: 'es' } })
  t.match(await said(), /está confirmado[\s\S]*sin pagar/)
  await db.run(`update conversations set bot_state = '{"scripts":["a","l","a"]}'`)
  t.match(await said(), /مؤكد[\s\S]*المجموع/)
  await db.run(`update customers set language = 'en'`)
  t.match(await said(), /is confirmed/)
})

t.test('three changes within half a minute are one message with the last', async (t) => {
  const desk = await openDesk(t, [5])
  const { db, sealer } = desk.shop
  const id = await desk.placed()
  await desk.move(id, 'confirmed', { at: NOON })
  const [message] = await db.rows<{ id: string }>('select id from messages')
  await desk.move(id, 'processing', { at: after(20) })
  await desk.move(id, 'shipped', { at: after(45) })
  t.same(await texts(desk, id), ['📦 ORD-001001 is ready for pickup.'])
  t.same(await due(desk, after(74)), [])
  t.same(await due(desk, after(75)), ['📦 ORD-001001 is ready for pickup.'])
  t.match(await db.rows('select id, text from messages'), [{ id: message?.id, text: /ready for pickup/ }])
  t.match(await findOrder(db, ALL, id), { notice: { messageId: message?.id, status: 'queued' } })
  const [row] = await dueOutbox(db, sealer, desk.erin.session, after(75), 20)
  if (row === undefined) throw new Error('nothing is due')
  t.match(await contentOf(db, sealer, desk.erin.session, { ...row, content: null }), { text: /ready for pickup/ })
})

t.test('whoever has read a message that was then replaced sends nothing', async (t) => {
  const desk = await openDesk(t, [5])
  const { db, sealer } = desk.shop
  const id = await desk.placed()
  await desk.move(id, 'confirmed', { at: NOON })
  // A node whose clock is ahead.
  const [read] = await dueOutbox(db, sealer, desk.erin.session, after(31), 20)
  if (read === undefined) throw new Error('nothing is due')
  await desk.move(id, 'processing', { at: after(29) })
  t.notOk(await markSending(db, desk.erin, read.id, after(31)))
  t.same(await texts(desk, id), ['📦 ORD-001001 is being prepared.'])
})

t.test('a message that is on its way is not taken back: the next one follows it', async (t) => {
  const desk = await openDesk(t, [5])
  const { db, sealer } = desk.shop
  const id = await desk.placed()
  await desk.move(id, 'confirmed', { at: NOON })
  const [read] = await dueOutbox(db, sealer, desk.erin.session, after(31), 20)
  if (read === undefined) throw new Error('nothing is due')
  t.ok(await markSending(db, desk.erin, read.id, after(31)))
  await desk.move(id, 'processing', { at: after(29) })
  t.same(await texts(desk, id), ['📦 ORD-001001 is confirmed.', '📦 ORD-001001 is being prepared.'])
})

t.test('a message that waits for its time holds up nothing else in its chat', async (t) => {
  const desk = await openDesk(t, [5])
  const id = await desk.placed()
  await desk.move(id, 'confirmed', { at: NOON })
  await desk.shop.say(desk.erin, 'help')
  // The answer is queued at the database's own time.
  const now = new Date()
  await desk.shop.db.run('update outbox set next_at = ? where notice_of is not null', [
    new Date(now.getTime() + 30_000),
  ])
  t.match(await due(desk, new Date(now.getTime() + 5_000)), [/You can write/])
})

t.test('after STOP nothing is sent, and the order shows why', async (t) => {
  const desk = await openDesk(t, [5])
  const { db } = desk.shop
  const id = await desk.placed()
  await desk.shop.say(desk.erin, 'help')
  await desk.move(id, 'confirmed', { at: NOON })
  await db.transaction(async (tx) => {
    await tx.run('update customers set opted_out_at = ? where id = ?', [NOON, desk.amal])
    t.equal(await dropNotices(tx, desk.amal), 1)
  })
  t.same(await texts(desk, id), [], 'what waited is dropped')
  t.equal((await db.rows('select from messages where order_id = ?', [id])).length, 0)
  t.match(await findOrder(db, ALL, id), { attention: ['opted_out'], notice: null })
  t.match(await desk.move(id, 'processing', { at: after(60) }), { value: { told: 'opted-out' } })
  t.same(await texts(desk, id), [])
  t.match(await findOrder(db, ALL, id), { status: 'processing', attention: ['opted_out'] })
  t.equal((await desk.shop.replies(desk.erin.session)).length, 1, 'the answer to the customer stays')
  const last = await db.rows('select m.text from conversations c join messages m on m.id = c.last_message_id')
  t.match(last, [{ text: /You can write/ }], 'the chat shows the message before')
  await db.run('update customers set opted_out_at = null')
  t.match(await desk.move(id, 'shipped', { at: after(90) }), { value: { told: 'queued' } })
  t.match(await findOrder(db, ALL, id), { attention: [], notice: { status: 'queued' } })
})

t.test('a change nobody wants told is not, and takes back what is no longer true', async (t) => {
  const desk = await openDesk(t, [5])
  const id = await desk.placed()
  await desk.move(id, 'confirmed', { at: NOON })
  t.match(await desk.move(id, 'cancelled', { at: after(10), notify: false }), { value: { told: 'silent' } })
  t.same(await texts(desk, id), [])
  t.match(await findOrder(desk.shop.db, ALL, id), { notice: null, attention: [] })
})

t.test('who is told that an order is cancelled is told why', async (t) => {
  const desk = await openDesk(t, [5])
  const id = await desk.placed()
  await desk.walk(id, 'confirmed')
  await desk.move(id, 'cancelled', { reason: 'the supplier\nlet us down', at: after(5) })
  t.same(await texts(desk, id), ['📦 ORD-001001 is cancelled: the supplier let us down'])
})

t.test('what could not be delivered within a day is given up, and the order shows it', async (t) => {
  const desk = await openDesk(t, [5])
  const { db } = desk.shop
  const id = await desk.placed()
  await desk.move(id, 'confirmed')
  t.equal(await giveUpNotices(db, new Date(Date.now() - 3_600_000)), 0)
  t.equal(await giveUpNotices(db, new Date(Date.now() + 3_600_000)), 1)
  t.match(await desk.notices(id), [{ state: 'failed' }])
  t.match(await db.rows('select status, error_code from messages'), [{ status: 'failed', error_code: 'too-late' }])
  t.match(await findOrder(db, ALL, id), { attention: ['not_notified'], notice: { status: 'failed' } })
  t.equal((await listOrders(db, ALL, { attention: ['not_notified'] }, { limit: 5 })).rows.length, 1)
})

t.test('what nobody was here to send for a day is not sent, also before it is given up', async (t) => {
  const desk = await openDesk(t, [5])
  const { db, sealer } = desk.shop
  const id = await desk.placed()
  await desk.shop.say(desk.erin, 'help')
  await desk.move(id, 'confirmed')
  const [answer] = await db.rows<{ id: string; chat: ConversationId }>(
    `select id, conversation_id as chat from outbox where notice_of is null`,
  )
  if (answer === undefined) throw new Error('nothing was answered')
  await db.transaction((tx) =>
    enqueue(tx, sealer, {
      ...{ id: asId<OutboxId>(uuidv7()), session: desk.erin.session, idemKey: 'by-hand', waMessageId: 'BYHAND' },
      ...{ conversationId: answer.chat, messageId: null, recipient: '15550100@s.whatsapp.net' },
      payload: { kind: 'text', text: 'Your parcel is here' },
    }),
  )
  const aged = (hours: number) =>
    db.run('update outbox set created_at = now() - make_interval(hours => ?), next_at = created_at', [hours])
  await aged(23)
  t.match(await due(desk, new Date()), [/You can write/])
  // Tried once, and nobody knows how it went.
  t.ok(await markSending(db, desk.erin, asId(answer.id), new Date()))
  await aged(25)
  t.same(await due(desk, new Date()), ['Your parcel is here'], 'what a person wrote goes, and waits for nothing')
  t.equal(await giveUpNotices(db, new Date(Date.now() - 24 * 3_600_000)), 2)
  t.same(await due(desk, new Date()), ['Your parcel is here'])
})

t.test('a message that failed shows on its order, and one that arrives late after all does not', async (t) => {
  const desk = await openDesk(t, [5])
  const { db, sealer } = desk.shop
  const id = await desk.placed()
  await desk.move(id, 'confirmed')
  const [row] = await dueOutbox(db, sealer, desk.erin.session, after(31), 20)
  if (row === undefined) throw new Error('nothing is due')
  await markFailed(db, desk.erin, row.id, 'no-recipient')
  t.match(await findOrder(db, ALL, id), { attention: ['not_notified'] })
  await db.run(`update messages set status = 'delivered' where id = ?`, [row.messageId])
  t.match(await findOrder(db, ALL, id), { attention: [], notice: { status: 'delivered' } })
})

t.test('who is no contact of the account any more is not written to', async (t) => {
  const desk = await openDesk(t, [5])
  const id = await desk.placed()
  await desk.shop.db.run('delete from contacts')
  t.match(await desk.move(id, 'confirmed'), { value: { told: 'unreachable' } })
  t.match(await findOrder(desk.shop.db, ALL, id), { attention: ['not_notified'] })
  t.equal((await desk.shop.db.rows('select from outbox')).length, 0)
})
