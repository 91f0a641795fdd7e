import t, { type Test } from 'tap'
import { uuidv7 } from 'uuidv7'
import { testApp } from '../../support/app.ts'
import { chat, order } from '../../support/shop.ts'

async function team(t: Test) {
  const it = await testApp(t)
  const admin = await it.person('admin')
  const manager = await it.person('manager')
  const me = await it.person('employee', { managerId: manager.id })
  const other = await it.person('employee')
  const ana = await chat(it.db, it.organization, me.id, '+15550100101', ['hello'])
  const ben = await chat(it.db, it.organization, other.id, '+15550100102', ['private'])
  const list = async (as: string, query = '') => {
    const { body } = await it.call({ url: `/api/customers${query}`, as })
    return body.data.map(({ id }: { id: string }) => id).sort()
  }
  const get = (as: string, id: string, tail = '') => it.call({ url: `/api/customers/${id}${tail}`, as })
  const patch = (as: string, id: string, payload: object, headers = {}) =>
    it.call({ method: 'PATCH', url: `/api/customers/${id}`, payload, headers, as })
  const post = (as: string, path: string, payload: object = {}) =>
    it.call({ method: 'POST', url: `/api/customers/${path}`, payload, as })
  return { ...it, admin, manager, me, other, ana, ben, list, get, patch, post }
}

t.test(
  'customers are seen by the accounts that know them, their managers and admins, and by nobody else',
  async (t) => {
    const { db, organization, admin, manager, me, other, ana, ben, list, get, person } = await team(t)
    t.same(await list(me.token), [ana.customerId])
    t.same(await list(other.token), [ben.customerId])
    t.same(await list(manager.token), [ana.customerId])
    t.same(await list(admin.token), [ana.customerId, ben.customerId].sort())
    t.match((await get(me.token, ben.customerId)).body, { status: 404, code: 'not-found' })
    t.equal((await get(me.token, ben.customerId, '/orders')).status, 404)
    t.equal((await get(manager.token, ben.customerId, '/export')).status, 404)
    t.equal((await get(me.token, uuidv7())).status, 404)
    // An order or a conversation is enough; a name that another account gave is not shown.
    await order(db, organization, me.id, ben.customerId)
    t.same(await list(me.token), [ana.customerId, ben.customerId].sort())
    t.same((await get(me.token, ben.customerId)).body.customer.contacts, [])
    t.equal((await get(me.token, ben.customerId)).body.customer.openOrders, 1)
    t.equal((await get(other.token, ben.customerId)).body.customer.openOrders, 0, 'not through this account')
    t.equal((await get(me.token, ben.customerId, '/orders')).body.data.length, 1)
    t.equal((await get(other.token, ben.customerId, '/orders')).body.data.length, 0)
    await db.run('delete from contacts where customer_id = ?', [ana.customerId])
    t.ok((await list(me.token)).includes(ana.customerId), 'by the conversation')
    // A customer's own account sees itself.
    const self = await person('customer')
    t.same(await list(self.token), [])
    t.equal((await get(self.token, ana.customerId)).status, 404)
    await db.run('update users set customer_id = ? where id = ?', [ben.customerId, self.id])
    t.same(await list(self.token), [ben.customerId])
    t.equal((await get(self.token, ana.customerId)).status, 404)
    t.equal((await get(self.token, ben.customerId, '/orders')).body.data.length, 1)
  },
)

t.test('lists go by name, in pages, and find names, numbers and tags', async (t) => {
  const { db, organization, me, list, call } = await team(t)
  for (const [index, name] of ['Cleo', 'ana', 'Bea'].entries()) {
    const { customerId } = await chat(db, organization, me.id, `+1555010020${index}`, [])
    await db.run('update customers set display_name = ?, tags = ?::text[] where id = ?', [name, [name], customerId])
  }
  const names = async (query: string) => {
    const { body } = await call({ url: `/api/customers${query}`, as: me.token })
    return { names: body.data.map(({ displayName }: { displayName: string }) => displayName), page: body.page }
  }
  const first = await names('?limit=2')
  t.same(first.names, ['ana', 'Bea'])
  const second = await names(`?limit=2&cursor=${first.page.nextCursor}`)
  t.same(second.names, ['Cleo', 'Customer +15550100101'])
  t.same((await names('?q=LE')).names, ['Cleo'])
  t.same((await names('?q=%2B1%20555%200100%20201')).names, ['ana'])
  t.same((await names('?tag=Bea')).names, ['Bea'])
  t.same(await list(me.token, '?q=0102'), [])
  const shown = await call({ url: '/api/customers', as: me.token })
  t.notMatch(shown.body.data[0], { phoneNumber: String })
  t.match(shown.body.data[0].phoneMasked, /^\+1•••••/)
  t.equal((await call({ url: '/api/customers?colour=blue', as: me.token })).status, 400)
})

t.test('a customer is changed by who sees them, one version after the other', async (t) => {
  const { db, me, other, ana, get, patch, person } = await team(t)
  const changed = await patch(me.token, ana.customerId, {
    displayName: ' Ana  Lima ',
    language: 'es',
    notes: 'pays late',
    tags: ['vip', 'vip'],
  })
  t.equal(changed.status, 200)
  t.match(changed.body.customer, {
    displayName: 'Ana Lima',
    language: 'es',
    notes: 'pays late',
    tags: ['vip'],
    version: 2,
  })
  t.equal(changed.headers['etag'], '"2"')
  t.equal((await patch(me.token, ana.customerId, { language: null }, { 'if-match': '"1"' })).status, 412)
  t.equal((await get(me.token, ana.customerId)).body.customer.language, 'es')
  t.match((await patch(me.token, ana.customerId, { language: null }, { 'if-match': '"2"' })).body.customer, {
    language: null,
    notes: 'pays late',
  })
  t.equal((await patch(other.token, ana.customerId, { notes: 'mine' })).status, 404)
  t.match((await patch(me.token, ana.customerId, { displayName: ' ' })).body, { code: 'invalid-name' })
  t.match((await patch(me.token, ana.customerId, { language: 'not a language' })).body, { code: 'validation-failed' })
  t.match((await patch(me.token, ana.customerId, { id: uuidv7() })).body, { code: 'validation-failed' })
  const [written] = await db.rows(`select after from audit_log where action = 'customer.change' order by id limit 1`)
  t.same(written, { after: { fields: ['displayName', 'language', 'notes', 'tags'] } }, 'what was changed, not to what')
  const self = await person('customer')
  await db.run('update users set customer_id = ? where id = ?', [ana.customerId, self.id])
  t.match((await get(self.token, ana.customerId)).body.customer, { notes: null, tags: [], contacts: [] })
  t.equal((await patch(self.token, ana.customerId, { notes: 'I pay on time' })).status, 403)
  t.match((await patch(self.token, ana.customerId, { displayName: 'Ana L.' })).body.customer, { displayName: 'Ana L.' })
})

t.test('who wants no messages gets none that were not asked for, until they want them again', async (t) => {
  const { db, me, ana, post } = await team(t)
  const waiting = async (proactive: boolean) => {
    const message = uuidv7()
    await db.run(
      `insert into messages (id, conversation_id, user_id, wa_message_id, from_me, author, type, text, status, wa_timestamp)
       values (?, ?, ?, ?, true, 'system', 'text', 'news', 'queued', now())`,
      [message, ana.conversationId, me.id, message],
    )
    await db.run(
      `insert into outbox (id, session_id, idem_key, wa_msg_id, conversation_id, message_id, recipient, payload, proactive, state)
       values (?, ?, ?, ?, ?, ?, '', '', ?, 'queued')`,
      [uuidv7(), me.id, message, message, ana.conversationId, message, proactive],
    )
    return message
  }
  const [news, answer] = [await waiting(true), await waiting(false)]
  const out = await post(me.token, `${ana.customerId}/opt-out`)
  t.match(out.body.customer, { optedOut: true, optedOutAt: String })
  const status = async (id: string) => (await db.rows('select status, error_code from messages where id = ?', [id]))[0]
  t.same(await status(news), { status: 'failed', error_code: 'contact-opted-out' })
  t.same(await status(answer), { status: 'queued', error_code: null })
  t.same(await db.rows(`select proactive from outbox where state = 'queued'`), [{ proactive: false }])
  const again = await post(me.token, `${ana.customerId}/opt-out`)
  t.equal(again.body.customer.optedOutAt, out.body.customer.optedOutAt, 'the first time counts')
  t.match((await post(me.token, `${ana.customerId}/opt-in`)).body.customer, { optedOut: false, optedOutAt: null })
})

t.test('an export has everything that is kept, and is written down', async (t) => {
  const { db, organization, me, manager, admin, other, ana, get } = await team(t)
  const orderId = await order(db, organization, me.id, ana.customerId)
  await db.run(
    `insert into payments (id, order_id, kind, method, amount_minor, reference) values (?, ?, 'payment', 'cash', 500, 'till')`,
    [uuidv7(), orderId],
  )
  t.equal((await get(me.token, ana.customerId, '/export')).status, 403)
  const { body } = await get(manager.token, ana.customerId, '/export')
  t.match(body, {
    complete: true,
    profile: { displayName: 'Customer +15550100101', phoneNumber: '+15550100101' },
    identities: [{ kind: 'phone', value: '+15550100101' }],
    consents: [],
    messages: [{ text: 'hello', direction: 'in', author: 'customer' }],
    orders: [{ totalMinor: 3_750, lines: [{ productName: 'Blue Mug', quantity: 3 }] }],
    payments: [{ orderId, amountMinor: 500, reference: 'till' }],
    events: [{ orderId, to: 'pending' }],
  })
  const [written] = await db.rows(`select actor_id, subject from audit_log where action = 'customer.export'`)
  t.same(written, { actor_id: manager.id, subject: ana.customerId })
  const order2 = await order(db, organization, other.id, ana.customerId)
  const partly = (await get(manager.token, ana.customerId, '/export')).body
  t.equal(partly.complete, false, 'another team has an order, which is not shown')
  t.equal(partly.orders.length, 1)
  t.notMatch(JSON.stringify(partly), order2)
  t.equal((await get(admin.token, ana.customerId, '/export')).body.orders.length, 2)
})
