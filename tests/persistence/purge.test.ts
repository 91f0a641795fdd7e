import { createHmac } from 'node:crypto'
import t, { type Test } from 'tap'
import { uuidv7 } from 'uuidv7'
import { asId, type UserId } from '../../src/domain/ids.ts'
import { takeChore } from '../../src/persistence/chores.ts'
import { ensureOrganization } from '../../src/persistence/organization.ts'
import { type PurgeDeps, purge } from '../../src/persistence/purge.ts'
import { noEarlierThan } from '../../src/persistence/uuid-time.ts'
import { DEFAULT_POLICY } from '../../src/policy.ts'
import { testDatabase } from '../support/database.ts'
import { aUser } from '../support/rows.ts'
import { chat, order } from '../support/shop.ts'

const NOW = new Date('2026-06-01T12:00:00Z')
const ago = (days: number) => new Date(NOW.getTime() - days * 86_400_000)

async function shop(t: Test, policy: Partial<PurgeDeps['policy']> = {}) {
  const { db } = await testDatabase(t)
  const organization = await ensureOrganization(
    db,
    { name: 'Shop', currency: 'USD', timezone: 'UTC', locale: 'en-US', contactText: '' },
    uuidv7,
  )
  const user = await aUser(db, organization.id)
  const ana = await chat(db, organization, user, '+15550100101', [])
  const deps: PurgeDeps = {
    organization,
    holder: uuidv7(),
    mac: (text) => createHmac('sha256', 'k').update(text).digest(),
    newId: uuidv7,
    policy: { ...DEFAULT_POLICY.retention, ...policy },
  }
  let serial = 0
  /** A message stored so many days ago. */
  const message = async (
    days: number,
    text: string,
    more: { expires?: Date; media?: boolean; state?: string } = {},
  ) => {
    serial += 1
    const id = noEarlierThan(ago(days)).slice(0, -6) + String(serial).padStart(6, '0')
    await db.run(
      `insert into messages (id, conversation_id, user_id, wa_message_id, from_me, author, type, text, media, media_source,
         status, wa_timestamp, expires_at) values (?, ?, ?, ?, ?, 'customer', 'text', ?, ?::jsonb, ?, 'received', ?, ?)`,
      [
        id,
        ana.conversationId,
        user,
        id,
        more.state !== undefined,
        text,
        more.media === true ? '{"mime":"image/png"}' : null,
        more.media === true ? Buffer.from('x') : null,
        ago(days),
        more.expires ?? null,
      ],
    )
    if (more.state !== undefined)
      await db.run(
        `insert into outbox (id, session_id, idem_key, wa_msg_id, conversation_id, message_id, recipient, payload, state)
         values (?, ?, ?, ?, ?, ?, '', '', ?)`,
        [uuidv7(), user, id, id, ana.conversationId, id, more.state],
      )
  }
  const texts = async () =>
    (await db.rows<{ text: string }>('select text from messages order by text')).map(({ text }) => text)
  const set = (retention: object) =>
    db.run('update organizations set settings = ?::jsonb', [JSON.stringify({ retention })])
  return { db, organization, user, ana, deps, message, texts, set, run: () => purge(db, deps, NOW) }
}

t.test('messages go when their time is over, the time that the shop has set', async (t) => {
  const { message, texts, run, set, db } = await shop(t)
  await message(366, 'a year ago')
  await message(364, 'almost a year ago', { state: 'sent' })
  await message(29, 'a month ago')
  await message(40, 'disappears', { expires: ago(1) })
  await message(1, 'disappears later', { expires: ago(-1) })
  t.match(await run(), { messages: 1, disappeared: 1 })
  t.same(await texts(), ['a month ago', 'almost a year ago', 'disappears later'])
  t.equal((await db.rows('select from outbox')).length, 1)
  await set({ messages: 30 })
  t.match(await run(), { messages: 1 })
  t.same(await texts(), ['a month ago', 'disappears later'])
  t.equal((await db.rows('select from outbox')).length, 0, 'with what was sent of it')
  t.equal((await db.rows('select from conversations')).length, 1, 'the conversation stays')
})

t.test('a message that still waits to be sent is not purged', async (t) => {
  const { message, texts, run } = await shop(t)
  await message(400, 'waits', { state: 'held' })
  t.match(await run(), { messages: 0 })
  t.same(await texts(), ['waits'])
})

t.test('what is known of a file goes before its message', async (t) => {
  const { message, run, db } = await shop(t)
  await message(91, 'old picture', { media: true })
  await message(89, 'new picture', { media: true })
  t.match(await run(), { media: 1, messages: 0 })
  t.same(await db.rows('select text, media is null and media_source is null as gone from messages order by text'), [
    { text: 'new picture', gone: false },
    { text: 'old picture', gone: true },
  ])
})

t.test('each kind has its own time', async (t) => {
  const { db, run, organization, user, ana } = await shop(t)
  for (const days of [800, 700]) {
    await db.run(`insert into audit_log (id, org_id, action, at) values (?, ?, 'x', ?)`, [
      uuidv7(),
      organization.id,
      ago(days),
    ])
  }
  for (const days of [8, 6])
    await db.run(`insert into event_log (org_id, type, at) values (?, 'x', ?)`, [organization.id, ago(days)])
  for (const days of [15, 13])
    await db.run(`insert into inbox (session_id, hash, message_key, state, done_at) values (?, ?, 'm', 'done', ?)`, [
      user,
      Buffer.from(String(days)),
      ago(days),
    ])
  for (const days of [2, 0.5])
    await db.run(
      `insert into idempotency_keys (user_id, route, key, request_hash, created_at) values (?, 'r', ?, '', ?)`,
      [user, String(days), ago(days)],
    )
  await db.run(`insert into bot_prompts (conversation_id, kind, payload, expires_at) values (?, 'confirm', '{}', ?)`, [
    ana.conversationId,
    ago(2),
  ])
  t.match(await run(), { audit: 1, events: 1, receipts: 1, idempotencyKeys: 1, drafts: 1 })
  t.match(await run(), { audit: 0, events: 0, receipts: 0, idempotencyKeys: 0, drafts: 0 })
})

t.test('orders are nobody’s two years after the last one, and keep their amounts', async (t) => {
  const { db, run, organization, user, ana } = await shop(t)
  const other = await chat(db, organization, user, '+15550100102', [])
  const [old, recent] = [
    await order(db, organization, user, ana.customerId),
    await order(db, organization, user, other.customerId),
  ]
  await db.run(`update orders set note = 'ring twice', address = '{"street":"x"}', status = 'delivered'`)
  await db.run(`update customers set created_at = ?`, [ago(900)])
  await db.run('update orders set placed_at = ? where id = ?', [ago(731), old])
  await db.run('update orders set placed_at = ? where id = ?', [ago(729), recent])
  t.match(await run(), { pseudonymised: 1 })
  t.match(await db.rows('select note, address, total_minor from orders where id = ?', [old]), [
    { note: '', address: null, total_minor: '3750' },
  ])
  t.match(await db.rows('select note from orders where id = ?', [recent]), [{ note: 'ring twice' }])
  t.match(await run(), { pseudonymised: 0 }, 'once')
  t.equal((await db.rows('select from customer_identities')).length, 2, 'a contact stays one')
  // Nobody's contact, nothing said: nothing is left of them.
  await db.run('delete from contacts')
  await db.run('update orders set placed_at = ?', [ago(731)])
  t.match(await run(), { pseudonymised: 1 })
  t.match(await db.rows('select display_name from customers where id = ?', [other.customerId]), [
    { display_name: `Deleted customer #${other.customerId.slice(-8)}` },
  ])
})

t.test('one node at a time purges, in steps, and one that died at it is not waited for for ever', async (t) => {
  const { db, deps, message, texts, run } = await shop(t, { batch: 2, batches: 2 })
  for (const text of ['a', 'b', 'c', 'd', 'e']) await message(400, text)
  const other = asId<UserId>(uuidv7())
  t.equal(await takeChore(db, 'purge', other, 60_000), true)
  t.same(await run(), {}, 'another is at it')
  t.equal((await texts()).length, 5)
  await db.run(`update chores set until = now() - interval '1 second'`)
  t.match(await run(), { messages: 4 })
  t.match(await run(), { messages: 1 }, 'the rest with the next run')
  t.same(await db.rows('select from chores'), [])
  t.ok(deps)
})
