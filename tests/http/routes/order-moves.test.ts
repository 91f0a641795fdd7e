import t from 'tap'
import { testApp } from '../../support/app.ts'
import { chat, order } from '../../support/shop.ts'

async function open(t: Parameters<typeof testApp>[0]) {
  const app = await testApp(t)
  const { db, organization, person, call } = app
  const manager = await person('manager')
  const me = await person('employee', { managerId: manager.id })
  const ana = await chat(db, organization, me.id, '+15550100101', ['hi'])
  const id = await order(db, organization, me.id, ana.customerId)
  const post = (as: string, path: string, payload: object, headers: Record<string, string> = {}) =>
    call({ method: 'POST', url: `/api/orders/${path}`, as, payload, headers })
  const go = (as: string, to: string, more: object = {}, headers: Record<string, string> = {}) =>
    post(as, `${id}/transitions`, { to, ...more }, headers)
  return { ...app, manager, me, ana, id, post, go }
}

t.test('staff walk an order through its statuses, each with the role it needs', async (t) => {
  const { me, manager, id, go, call, person, db } = await open(t)
  const other = await person('employee')
  t.equal((await go(other.token, 'confirmed')).status, 404, 'not theirs')
  const stale = await go(me.token, 'confirmed', {}, { 'if-match': '"4"' })
  t.match(stale.body, { status: 412, code: 'stale-version' })
  t.equal((await go(me.token, 'confirmed', {}, { 'if-match': 'four' })).status, 400)
  const confirmed = await go(me.token, 'confirmed', {}, { 'if-match': '"1"' })
  t.equal(confirmed.status, 200)
  t.equal(confirmed.headers['etag'], '"2"')
  t.match(confirmed.body.order, { status: 'confirmed', version: 2, allowedTransitions: ['processing', 'cancelled'] })
  const wrong = await go(me.token, 'delivered')
  t.match(wrong.body, { status: 409, code: 'order-transition-not-allowed', allowed: ['processing', 'cancelled'] })
  t.match((await go(me.token, 'cancelled')).body, { status: 422, code: 'reason-required' })
  for (const to of ['processing', 'shipped']) t.equal((await go(me.token, to)).status, 200, to)
  t.equal((await go(me.token, 'returned')).status, 403)
  t.same((await call({ url: `/api/orders/${id}`, as: me.token })).body.order.allowedTransitions, ['delivered'])
  t.same((await call({ url: `/api/orders/${id}`, as: manager.token })).body.order.allowedTransitions, [
    'delivered',
    'returned',
  ])
  t.equal((await go(manager.token, 'returned', { restock: [] })).status, 200)
  t.same((await go(manager.token, 'delivered')).body.allowed, [])
  const [level] = await db.rows('select on_hand, reserved from stock_levels')
  t.same(level, { on_hand: 97, reserved: 0 }, 'all of it was written off')
  const { body } = await call({ url: `/api/orders/${id}/events`, as: me.token })
  t.same(
    body.data.map(({ to }: { to: string }) => to),
    ['pending', 'confirmed', 'processing', 'shipped', 'returned'],
  )
  t.equal((await call({ url: `/api/orders/${id}/events`, as: other.token })).status, 404)
})

t.test('a transition under one Idempotency-Key is made once', async (t) => {
  const { me, go } = await open(t)
  const key = { 'idempotency-key': 'K1' }
  t.equal((await go(me.token, 'confirmed', {}, key)).status, 200)
  const again = await go(me.token, 'confirmed', {}, key)
  t.equal(again.status, 200)
  t.equal(again.headers['idempotency-replayed'], 'true')
})

t.test('payments and refunds make the payment status; no more goes back than came', async (t) => {
  const { me, manager, id, post, call } = await open(t)
  const pay = (amount: unknown, more: object = {}) =>
    post(me.token, `${id}/payments`, { amount, method: 'cash', ...more })
  const refund = (amount: unknown, as = manager.token) => post(as, `${id}/refunds`, { amount, method: 'transfer' })
  t.equal((await refund('1.00', me.token)).status, 403)
  t.match((await refund('0.01')).body, { status: 422, code: 'refund-exceeds-paid' })
  const first = await pay('10.00', { reference: 'till 3' })
  t.equal(first.status, 201)
  t.match(first.body, {
    payment: { kind: 'payment', amount: { amount: 1_000 }, reference: 'till 3', actorId: me.id },
    order: { paymentStatus: 'partially_paid', version: 2, balance: { due: { amount: 2_750 }, credit: { amount: 0 } } },
  })
  t.match((await pay({ amount: 2_950, currency: 'USD' })).body.order, {
    paymentStatus: 'paid',
    balance: { paid: { amount: 3_950 }, due: { amount: 0 }, credit: { amount: 200 } },
  })
  t.match((await refund('2')).body.order, { paymentStatus: 'paid', balance: { credit: { amount: 0 } } })
  t.match((await refund('7.50')).body.order.paymentStatus, 'partially_refunded')
  t.match((await refund('30.01')).body, { code: 'refund-exceeds-paid', errors: [{ path: 'amount' }] })
  t.match((await refund('30')).body.order.paymentStatus, 'refunded')
  for (const [amount, code] of [
    ['0', 'invalid-money'],
    ['-1', 'invalid-money'],
    ['1.001', 'invalid-money'],
    [{ amount: 1, currency: 'EUR' }, 'invalid-money'],
  ] as const)
    t.equal((await pay(amount)).body.code, code, JSON.stringify(amount))
  t.equal((await pay('1', { method: 'shells' })).status, 422)
  const { order } = (await call({ url: `/api/orders/${id}`, as: me.token })).body
  t.equal(order.payments.length, 5)
  t.match(order.events.at(-1), { type: 'refund', to: null })
  t.same((await call({ url: '/api/orders?paymentStatus=refunded', as: me.token })).body.data.length, 1)
  t.same((await call({ url: '/api/orders?paymentStatus=paid', as: me.token })).body.data.length, 0)
})

t.test('refunds at once give back no more than was paid', async (t) => {
  const { me, manager, id, post } = await open(t)
  await post(me.token, `${id}/payments`, { amount: '10', method: 'card' })
  const all = await Promise.all(
    Array.from({ length: 6 }, () => post(manager.token, `${id}/refunds`, { amount: '4', method: 'card' })),
  )
  t.same(all.map(({ status }) => status).sort(), [201, 201, 422, 422, 422, 422])
})

t.test('a list says what needs attention, and is sorted as asked', async (t) => {
  const { me, ana, id, db, organization, call, clock, go } = await open(t)
  const other = await order(db, organization, me.id, ana.customerId)
  await db.run('update orders set total_minor = 1 where id = ?', [other])
  const ids = async (query: string) =>
    (await call({ url: `/api/orders?${query}`, as: me.token })).body.data.map(({ id }: { id: string }) => id)
  t.same(await ids('attention=stale'), [])
  await db.run('update orders set cancel_requested_at = now() where id = ?', [other])
  t.same(await ids('attention=cancel_requested'), [], 'a pending order is simply cancelled')
  await db.run(`update orders set status = 'confirmed' where id = ?`, [other])
  t.same(await ids('attention=cancel_requested'), [other])
  await db.run('update customers set opted_out_at = now()')
  t.match((await go(me.token, 'confirmed')).body.order, { attention: ['opted_out'], notice: null })
  t.same(await ids('attention=opted_out&attention=cancel_requested'), [other, id])
  clock.now = new Date(Date.now() + 25 * 3_600_000)
  t.same(await ids('attention=stale'), [other, id])
  t.same(await ids('sort=total'), [other, id])
  t.same(await ids('sort=-total'), [id, other])
  t.same(await ids('sort=createdAt'), [id, other])
  for (const sort of ['-placedAt', '-updatedAt', 'total', 'createdAt', 'updatedAt']) {
    const first = await call({ url: `/api/orders?limit=1&sort=${sort}`, as: me.token })
    const cursor = encodeURIComponent(first.body.page.nextCursor)
    const second = await ids(`limit=1&sort=${sort}&cursor=${cursor}`)
    t.same([first.body.data[0].id, ...second].sort(), [id, other].sort(), sort)
    t.equal((await call({ url: `/api/orders?limit=1&sort=-total&cursor=${cursor}`, as: me.token })).status, 400)
  }
})

t.test('whoever cannot be written to is shown: no contact any more, or a message that failed', async (t) => {
  const { me, db, go } = await open(t)
  const told = await go(me.token, 'confirmed')
  t.match(told.body.order, { attention: [], notice: { status: 'queued' } })
  await db.run(`update messages set status = 'failed' where id = ?`, [told.body.order.notice.messageId])
  await db.run('delete from contacts')
  t.match((await go(me.token, 'processing', { notify: false })).body.order, { attention: [], notice: null })
  t.match((await go(me.token, 'shipped')).body.order, { attention: ['not_notified'], notice: null })
})

t.test('a customer with an account sees their own orders and cancels what is pending', async (t) => {
  const { me, ana, id, db, go, call, person } = await open(t)
  const customer = await person('customer')
  t.equal((await go(customer.token, 'cancelled')).status, 404, 'nobody has linked the account yet')
  await db.run('update users set customer_id = ? where id = ?', [ana.customerId, customer.id])
  const seen = await call({ url: `/api/orders/${id}`, as: customer.token })
  t.same(seen.body.order.allowedTransitions, ['cancelled'])
  t.equal((await go(customer.token, 'confirmed')).status, 403)
  await go(me.token, 'confirmed')
  t.match((await go(customer.token, 'cancelled')).body, {
    status: 409,
    code: 'order-transition-not-allowed',
    allowed: [],
  })
  await db.run(`update orders set status = 'pending' where id = ?`, [id])
  t.match((await go(customer.token, 'cancelled')).body.order, { status: 'cancelled' })
})
