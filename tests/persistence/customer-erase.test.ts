import t, { type Test } from 'tap'
import { uuidv7 } from 'uuidv7'
import type { CustomerId } from '../../src/domain/ids.ts'
import { catalogPage } from '../../src/persistence/catalogue-search.ts'
import { eraseIn } from '../../src/persistence/customer-erase.ts'
import { writeOrder } from '../../src/persistence/staff-orders.ts'
import { DEFAULT_POLICY } from '../../src/policy.ts'
import { testApp } from '../support/app.ts'
import { testSealer } from '../support/rows.ts'
import { findAnywhere } from '../support/scan.ts'
import { chat, order } from '../support/shop.ts'
import { until } from '../support/until.ts'

const PHONE = '+5511987654321'

/** A customer of whom something stands wherever something can stand, and a neighbour of whom everything has to stay. */
async function known(t: Test) {
  const it = await testApp(t)
  const admin = await it.person('admin')
  const manager = await it.person('manager')
  const me = await it.person('employee', { managerId: manager.id })
  const account = await it.person('customer')
  const contact = await it.call({
    method: 'POST',
    url: '/api/whatsapp/contact/add',
    payload: { phoneNumber: PHONE, name: 'Zuleika "Zu" Quimby', tags: ['tagged-zu'] },
    headers: { 'idempotency-key': 'add-zu' },
    as: me.token,
  })
  const zu = await chat(it.db, it.organization, me.id, PHONE, ['my secret words', 'and others'])
  const id = zu.customerId
  await it.db.run(`update contacts set name = 'Zuleika "Zu" Quimby' where customer_id = ?`, [id])
  await it.db.run(
    `insert into customer_identities (org_id, kind, value, customer_id) values (?, 'lid', '998877665544', ?)`,
    [it.organization.id, id],
  )
  const neighbour = await chat(it.db, it.organization, me.id, '+15550100777', ['neighbourly words'])
  const orderId = await order(it.db, it.organization, me.id, id)
  await it.db.run(
    `update orders set note = 'ring at Quimby', address = '{"street":"12 Secret Lane"}', cancel_reason = 'Zu called' where id = ?`,
    [orderId],
  )
  await it.db.run(
    `insert into order_events (id, order_id, type, actor_type, data) values (?, ?, 'note', 'user', '{"reason":"Zu called","amount":5}')`,
    [uuidv7(), orderId],
  )
  await it.db.run(
    `insert into payments (id, order_id, kind, method, amount_minor, reference) values (?, ?, 'payment', 'transfer', 500, 'from Z. Quimby')`,
    [uuidv7(), orderId],
  )
  await it.db.run(
    `insert into outbox (id, session_id, idem_key, wa_msg_id, conversation_id, recipient, payload, state)
     values (?, ?, 'k', 'w', ?, ?, ?, 'queued')`,
    [uuidv7(), me.id, zu.conversationId, Buffer.from(PHONE), Buffer.from('my secret words')],
  )
  await it.db.run(
    `insert into bot_prompts (conversation_id, kind, payload, expires_at) values (?, 'confirm', '{"name":"Zu"}', now())`,
    [zu.conversationId],
  )
  await it.db.run('update users set customer_id = ?, name = ? where id = ?', [id, 'Zuleika herself', account.id])
  await it.call({
    method: 'PATCH',
    url: `/api/customers/${id}`,
    payload: { displayName: 'Zuleika Quimby', notes: 'lives in Secret Lane', language: 'pt' },
    as: me.token,
  })
  for (const column of ['before', 'after'])
    await it.db.run(`insert into audit_log (id, org_id, action, ${column}) values (?, ?, 'x', ?::jsonb)`, [
      uuidv7(),
      it.organization.id,
      JSON.stringify({ name: 'Zuleika Quimby', phone: PHONE }),
    ])
  await it.db.run(`insert into event_log (org_id, type, payload) values (?, 'x', ?::jsonb)`, [
    it.organization.id,
    JSON.stringify({ phone: '+551187654321' }),
  ])
  const erase = (as: string, payload: object = { reason: 'asked' }) =>
    it.call({ method: 'POST', url: `/api/customers/${id}/erase`, payload, as })
  return { ...it, admin, manager, me, account, contact, zu, id, neighbour, orderId, erase }
}

const WAITING = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`

const TRACES = [
  '987654321',
  '551187654321',
  '998877665544',
  'Zuleika',
  'Quimby',
  'tagged-zu',
  'my secret words',
  'and others',
  'Secret Lane',
  'Zu called',
]

t.test('after an erasure the number and the words stand in no column of any table', async (t) => {
  const { db, id, erase, manager, account, orderId, neighbour, call, admin } = await known(t)
  const total = async () =>
    (await db.rows('select total_minor, number, placed_at from orders where id = ?', [orderId]))[0]
  const [before, lines] = [await total(), await db.rows('select * from order_lines where order_id = ?', [orderId])]
  t.ok((await findAnywhere(db, TRACES)).length >= 15, 'they stand in many')
  t.match((await erase(manager.token)).body, { status: 409, code: 'open-orders' })
  t.ok((await findAnywhere(db, ['my secret words'])).length > 0, 'nothing was erased')
  const done = await erase(manager.token, { reason: 'asked', force: true })
  t.match(done.body, { erased: { customerId: id, messages: 2, orders: 1 } })
  t.same(await findAnywhere(db, [...TRACES, account.email]), [])
  t.same(await total(), before, 'the order is as it was')
  t.same(await db.rows('select * from order_lines where order_id = ?', [orderId]), lines)
  t.same(await db.rows(`select data from order_events where type = 'note'`), [{ data: { amount: 5 } }])
  t.same(await db.rows('select amount_minor from payments'), [{ amount_minor: '500' }])
  const shown = await call({ url: `/api/orders/${orderId}`, as: admin.token })
  t.match(shown.body.order.customer, { name: `Deleted customer #${id.slice(-8)}`, phoneMasked: null })
  const left = await call({ url: `/api/customers/${id}`, as: admin.token })
  t.match(left.body.customer, { displayName: `Deleted customer #${id.slice(-8)}`, phoneNumber: null, erasedAt: String })
  const list = await call({ url: '/api/customers', as: admin.token })
  t.same(
    list.body.data.map((row: { id: CustomerId }) => row.id),
    [neighbour.customerId],
  )
  t.ok((await findAnywhere(db, ['neighbourly words'])).length > 0, 'others are untouched')
  t.ok((await findAnywhere(db, ['15550100777'])).length > 0)
  t.equal((await call({ url: '/api/auth/profile', as: account.token })).status, 401, 'their account opens no door')
  t.equal((await erase(manager.token)).status, 404, 'once')
  t.match(await db.rows(`select actor_id, after from audit_log where action = 'customer.erase'`), [
    { actor_id: manager.id, after: { reason: 'asked', force: true } },
  ])
})

t.test('a STOP outlives the erasure, in any form of the number; what nobody said does not', async (t) => {
  const { call, db, me, manager, id, erase } = await known(t)
  await call({ method: 'POST', url: `/api/customers/${id}/opt-out`, as: me.token })
  t.equal((await erase(manager.token, { reason: 'asked', force: true })).status, 200)
  t.same(await findAnywhere(db, TRACES), [])
  const add = async (phoneNumber: string) =>
    (
      await call({
        method: 'POST',
        url: '/api/whatsapp/contact/add',
        payload: { phoneNumber, name: 'Somebody' },
        as: me.token,
      })
    ).body.contact
  const again = await add('+551187654321')
  t.match(again, { optedOut: true })
  t.match(await add('+15550100888'), { optedOut: false })
  const [row] = await db.rows<{ id: string }>('select customer_id as id from contacts where id = ?', [again.id])
  await call({ method: 'POST', url: `/api/customers/${row?.id}/opt-in`, as: me.token })
  await call({
    method: 'POST',
    url: `/api/customers/${row?.id}/erase`,
    payload: { reason: 'asked' },
    as: manager.token,
  })
  t.match(await add(PHONE), { optedOut: false }, 'START takes it back for good')
})

t.test('a manager does not erase what another team knows', async (t) => {
  const { erase, manager, admin, db, organization, person, id } = await known(t)
  const other = await person('employee')
  await chat(db, organization, other.id, PHONE, ['to another team'])
  t.match((await erase(manager.token, { reason: 'asked', force: true })).body, { status: 403, code: 'forbidden' })
  t.ok((await findAnywhere(db, ['my secret words'])).length > 0)
  t.equal((await erase(admin.token, { reason: 'asked', force: true })).status, 200)
  t.same(await findAnywhere(db, ['to another team']), [])
  t.ok(id)
})

t.test('a message that was looked up before and is written after the erasure is not', async (t) => {
  const { erase, manager, me, db, id } = await known(t)
  await erase(manager.token, { reason: 'asked', force: true })
  const late = (sql: string, params: readonly unknown[]) =>
    t.rejects(db.run(sql, params), { message: /duplicate|not there/ })
  await late('insert into conversations (id, user_id, customer_id) values (?, ?, ?)', [uuidv7(), me.id, id])
  await late(`insert into contacts (id, user_id, customer_id, name) values (?, ?, ?, 'x')`, [uuidv7(), me.id, id])
  await late(
    `insert into customer_identities (org_id, kind, value, customer_id) select id, 'lid', '1', ? from organizations`,
    [id],
  )
})

t.test('while a message is being written, the erasure waits, and forgets it as well', async (t) => {
  const { erase, manager, me, db, zu } = await known(t)
  const gate = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const writing = db.transaction(async (tx) => {
    await tx.run(
      `insert into conversations (id, user_id, customer_id) values (?, ?, ?)
       on conflict (user_id, customer_id) do update set unread = conversations.unread + 1`,
      [uuidv7(), me.id, zu.customerId],
    )
    await tx.run(
      `insert into messages (id, conversation_id, user_id, wa_message_id, from_me, author, type, text, status, wa_timestamp)
       values (?, ?, ?, 'late', false, 'customer', 'text', 'my secret words', 'received', now())`,
      [uuidv7(), zu.conversationId, me.id],
    )
    begun.resolve()
    await gate.promise
  })
  await begun.promise
  const erasing = erase(manager.token, { reason: 'asked', force: true })
  gate.resolve()
  await writing
  t.equal((await erasing).body.erased.messages, 3)
  t.same(await findAnywhere(db, TRACES), [])
})

t.test('nothing more is written for who was erased, not even by who looked a moment before', async (t) => {
  const { db, organization, call, me, id, erase, admin, orderId } = await known(t)
  await db.run(`update orders set status = 'delivered' where id = ?`, [orderId])
  const { items } = await catalogPage(db, organization.id, { offset: 0, limit: 1 })
  const [variant] = items
  if (variant === undefined) throw new Error('nothing to sell')
  const deps = {
    organization,
    sealer: testSealer(),
    policy: DEFAULT_POLICY.orders,
    newId: uuidv7,
    newWaMessageId: uuidv7,
  }
  const input = {
    ...{
      userId: me.id,
      customerId: id,
      channel: 'api' as const,
      lines: [{ variant, quantity: 1 }],
      terms: {},
      draft: true,
      notify: true,
    },
    ...{ actor: { type: 'user', id: me.id } as const, at: new Date() },
  } as const
  const by = { id: uuidv7(), orgId: organization.id, actorId: admin.id }
  const what = { id, scope: { kind: 'all' }, force: false, reason: 'asked', at: new Date() } as const
  const { resolve: commit, promise: told } = Promise.withResolvers<void>()
  const { resolve: erased, promise: erasing } = Promise.withResolvers<void>()
  const erasure = db.transaction(async (tx) => {
    await eraseIn(tx, what, testSealer().mac, by)
    erased()
    await told
  })
  await erasing
  const written = writeOrder(db, deps, input)
  await until('the order waits for the erasure', async () => (await db.rows(WAITING)).length > 0)
  commit()
  await erasure
  t.match(await written, { ok: false, refusal: { code: 'customer-gone' } })
  const [count] = await db.rows<{ n: number }>('select count(*)::int as n from orders where customer_id = ?', [id])
  t.equal(count?.n, 1)
  const payload = { customerId: id, items: [{ variantId: variant.variantId, quantity: 1 }] }
  const refused = await call({ method: 'POST', url: '/api/orders', payload, as: me.token })
  t.match(refused.body, { status: 409, code: 'customer-gone' })
  t.equal((await erase(admin.token)).status, 404)
})
