import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { testApp } from '../../support/app.ts'
import { chat, order } from '../../support/shop.ts'

t.test('orders are seen within the scope, whole', async (t) => {
  const { call, person, db, organization } = await testApp(t)
  const admin = await person('admin')
  const manager = await person('manager')
  const me = await person('employee', { managerId: manager.id })
  const other = await person('employee')
  const customer = await person('customer')
  const ana = await chat(db, organization, me.id, '+15550100101', ['hi'])
  const bob = await chat(db, organization, other.id, '+15550100102', ['hi'])
  const mine = await order(db, organization, me.id, ana.customerId)
  const theirs = await order(db, organization, other.id, bob.customerId)

  const ids = async (as: string, query = '') =>
    (await call({ url: `/api/orders${query}`, as })).body.data.map(({ id }: { id: string }) => id)
  t.same(await ids(me.token), [mine])
  t.same(await ids(other.token), [theirs])
  t.same(await ids(manager.token), [mine])
  t.same(await ids(admin.token), [theirs, mine], 'newest first')
  t.same(await ids(customer.token), [])
  t.same(await ids(me.token, `?userId=${other.id}`), [])
  t.same(await ids(admin.token, `?userId=${other.id}`), [theirs])
  t.same(await ids(admin.token, '?status=pending&status=confirmed'), [theirs, mine])
  t.same(await ids(admin.token, '?status=cancelled'), [])
  t.same(await ids(admin.token, '?q=ORD-1001'), [mine])
  t.same(await ids(admin.token, '?to=2020-01-01T00:00:00Z'), [])
  t.match((await call({ url: '/api/orders?status=lost', as: me.token })).body, { status: 400 })

  const { body } = await call({ url: `/api/orders/${mine}`, as: me.token })
  t.match(body.order, {
    id: mine,
    label: 'ORD-001001',
    customer: { id: ana.customerId, phoneMasked: '+1•••••0101' },
    owner: { id: me.id },
    status: 'pending',
    paymentStatus: 'unpaid',
    itemCount: 3,
    total: { amount: 3750, currency: 'USD', formatted: '$37.50' },
    lines: [{ productName: 'Blue Mug', quantity: 3, unitPrice: { amount: 1250 }, total: { amount: 3750 } }],
    allowedTransitions: ['confirmed', 'cancelled'],
  })
  t.ok(body.order.events.length > 0)
  for (const [as, id, status] of [
    [me.token, theirs, 404],
    [manager.token, theirs, 404],
    [customer.token, mine, 404],
    [admin.token, theirs, 200],
    [me.token, uuidv7(), 404],
    [me.token, '1001', 404],
  ] as const)
    t.equal((await call({ url: `/api/orders/${id}`, as })).status, status)
})

t.test('pages of orders hold every order once', async (t) => {
  const { call, person, db, organization } = await testApp(t)
  const me = await person('employee')
  const ana = await chat(db, organization, me.id, '+15550100101', [])
  const placed: string[] = []
  for (let count = 0; count < 5; count += 1) placed.unshift(await order(db, organization, me.id, ana.customerId))
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const query: string = cursor === null ? '' : `&cursor=${cursor}`
    const { body } = await call({ url: `/api/orders?limit=2${query}`, as: me.token })
    seen.push(...body.data.map(({ id }: { id: string }) => id))
    cursor = body.page.nextCursor
  } while (cursor !== null)
  t.same(seen, placed)
})
