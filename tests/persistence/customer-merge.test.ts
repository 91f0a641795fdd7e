import t, { type Test } from 'tap'
import { uuidv7 } from 'uuidv7'
import { testApp } from '../support/app.ts'
import { chat, order } from '../support/shop.ts'

async function twins(t: Test) {
  const it = await testApp(t)
  const admin = await it.person('admin')
  const manager = await it.person('manager')
  const me = await it.person('employee', { managerId: manager.id })
  const mate = await it.person('employee', { managerId: manager.id })
  const from = await chat(it.db, it.organization, me.id, '+15550100101', ['one', 'two'])
  const into = await chat(it.db, it.organization, me.id, '+15550100102', ['three'])
  // Another account knows the one only.
  const mates = await chat(it.db, it.organization, mate.id, '+15550100101', ['to mate'])
  await it.db.run(`update messages set wa_message_id = 'M' || id where conversation_id = ?`, [from.conversationId])
  const merge = (as: string, a: string = from.customerId, b: string = into.customerId) =>
    it.call({ method: 'POST', url: '/api/customers/merge', payload: { from: a, into: b }, as })
  return { ...it, admin, manager, me, mate, from, into, mates, merge }
}

t.test('everything of the one becomes the other’s, nothing twice', async (t) => {
  const { db, organization, manager, me, mate, from, into, mates, merge, call } = await twins(t)
  const orderId = await order(db, organization, me.id, from.customerId)
  await db.run(`update contacts set tags = '{a,b}' where id = ?`, [from.contactId])
  await db.run(`update contacts set tags = '{b,c}' where id = ?`, [into.contactId])
  await db.run(`update customers set notes = 'early', tags = '{x}', opted_out_at = '2026-01-01' where id = ?`, [
    from.customerId,
  ])
  await db.run(`update customers set notes = 'late', tags = '{y}', language = 'es' where id = ?`, [into.customerId])
  await db.run('update conversations set unread = 2 where id = ?', [from.conversationId])
  await db.run('update conversations set unread = 1 where id = ?', [into.conversationId])
  await db.run(`update orders set source_conversation_id = ?, source_wa_id = 'W' where id = ?`, [
    from.conversationId,
    orderId,
  ])
  // The same message stands in both chats.
  await db.run(`update messages set wa_message_id = 'SAME' where text in ('two', 'three')`)
  const done = await merge(manager.token)
  t.equal(done.status, 200)
  t.match(done.body.customer, { id: into.customerId, optedOut: true, language: 'es', openOrders: 1 })
  t.same([...done.body.customer.tags].sort(), ['x', 'y'])
  t.equal(done.body.customer.notes, 'late\nearly')
  const of = async (table: string) =>
    (await db.rows<{ customer_id: string }>(`select customer_id from ${table}`)).map((row) => row.customer_id)
  for (const table of ['customer_identities', 'contacts', 'conversations', 'orders'])
    t.same([...new Set(await of(table))], [into.customerId], table)
  t.same(
    (await db.rows<{ user_id: string }>('select user_id from contacts order by user_id')).map((row) => row.user_id),
    [me.id, mate.id].sort(),
  )
  const [contact] = await db.rows<{ tags: string[] }>('select tags from contacts where id = ?', [into.contactId])
  t.same([...(contact?.tags ?? [])].sort(), ['a', 'b', 'c'])
  const texts = await db.rows<{ text: string }>('select text from messages where conversation_id = ? order by text', [
    into.conversationId,
  ])
  t.same(
    texts.map(({ text }) => text),
    ['one', 'three'],
    'the message that stood in both stands once',
  )
  t.same(await db.rows('select customer_id from conversations where id = ?', [mates.conversationId]), [
    { customer_id: into.customerId },
  ])
  t.match(await db.rows('select unread from conversations where id = ?', [into.conversationId]), [{ unread: 3 }])
  t.match(await db.rows('select source_conversation_id as c from orders where id = ?', [orderId]), [
    { c: into.conversationId },
  ])
  const gone = await call({ url: `/api/customers/${from.customerId}`, as: manager.token })
  t.equal(gone.status, 404)
  const again = await call({
    method: 'POST',
    url: '/api/whatsapp/contact/add',
    payload: { phoneNumber: '+15550100101', name: 'The same' },
    as: me.token,
  })
  t.match(again, { status: 200, body: { contact: { id: into.contactId } } }, 'both numbers lead to the one who is left')
  t.match(await db.rows(`select actor_id, subject, after from audit_log where action = 'customer.merge'`), [
    { actor_id: manager.id, subject: into.customerId, after: { from: from.customerId } },
  ])
})

t.test('what cannot be merged is left as it is', async (t) => {
  const { db, organization, manager, me, person, from, into, merge, admin } = await twins(t)
  t.match((await merge(me.token)).body, { status: 403 })
  t.match((await merge(manager.token, from.customerId, from.customerId)).body, { status: 422, code: 'same-customer' })
  t.match((await merge(manager.token, uuidv7())).body, { status: 404 })
  const other = await person('employee')
  await chat(db, organization, other.id, '+15550100101', ['elsewhere'])
  t.match((await merge(manager.token)).body, { status: 403, code: 'forbidden' })
  t.equal((await merge(admin.token)).status, 200)
  t.equal((await merge(admin.token)).status, 404, 'the one is no more')
  t.ok(into)
})

t.test('merges of the same pair, both ways at once, leave one customer', async (t) => {
  const { db, admin, from, into, merge } = await twins(t)
  const both = await Promise.all([merge(admin.token), merge(admin.token, into.customerId, from.customerId)])
  t.same(both.map(({ status }) => status).sort(), [200, 404])
  t.match(await db.rows('select count(*)::int as n from customers where deleted_at is null'), [{ n: 1 }])
})
