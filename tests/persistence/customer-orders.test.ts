import t from 'tap'
import { asId, type CustomerId, type OrderId } from '../../src/domain/ids.ts'
import { cancelByCustomer } from '../../src/persistence/customer-orders.ts'
import { findOrder } from '../../src/persistence/order-views.ts'
import { NOON, warm } from '../support/bot-shop.ts'
import { type Desk, openDesk } from '../support/order-desk.ts'

const ALL = { kind: 'all' } as const
const acts = (desk: Desk, orderId: OrderId, customerId: CustomerId = desk.amal) => ({ orderId, customerId, at: NOON })
const cancel = (desk: Desk, id: OrderId, by?: CustomerId) =>
  desk.shop.db.transaction((tx) => cancelByCustomer(tx, desk.deps, acts(desk, id, by)))

t.test('a customer cancels what is pending; later they ask, and staff see it once', async (t) => {
  const desk = await openDesk(t, [9], { check: t.ok })
  const { db } = desk.shop
  const pending = await desk.placed([[0, 4]])
  t.match(await cancel(desk, pending), { value: { outcome: 'cancel', status: 'cancelled', number: 1_001 } })
  t.same(await desk.levels(), [[9, 0]])
  t.match(await cancel(desk, pending), { value: { outcome: 'closed' } })
  t.same(await desk.notices(pending), [], 'the bot answers them itself')

  const confirmed = await desk.placed([[0, 4]])
  await desk.walk(confirmed, 'confirmed')
  t.match(await cancel(desk, confirmed), { value: { outcome: 'request', again: false, status: 'confirmed' } })
  t.match(await cancel(desk, confirmed), { value: { outcome: 'request', again: true } })
  t.same(await desk.levels(), [[9, 4]])
  const order = await findOrder(db, ALL, confirmed)
  t.match(order, { attention: ['cancel_requested'], cancelRequestedAt: NOON, version: 3 })
  t.equal(order?.events.filter(({ type }) => type === 'cancel-requested').length, 1)
  t.equal((await db.rows(`select from event_log where type = 'order.attention'`)).length, 1)

  await desk.walk(confirmed, 'processing', 'shipped')
  t.match(await cancel(desk, confirmed), { value: { outcome: 'too-late', status: 'shipped' } })
  t.match(await findOrder(db, ALL, confirmed), { attention: [] })
})

t.test('nobody cancels another customer’s order', async (t) => {
  const desk = await openDesk(t, [9])
  const id = await desk.placed()
  t.match(await cancel(desk, id, asId<CustomerId>('01890000-0000-7000-8000-000000000001')), {
    refusal: { code: 'not-found' },
  })
})

t.test('a draft that several place at once is one order', async (t) => {
  const desk = await openDesk(t, [9], { check: t.ok })
  await warm(desk.shop.db)
  const id = await desk.draft([[0, 2]])
  const answers = await Promise.all([1, 2, 3].map(() => desk.move(id, 'pending', { notify: false })))
  t.equal(answers.filter(({ ok }) => ok).length, 1)
  t.same(await desk.levels(), [[9, 2]])
  t.same(await desk.notices(id), [], 'who places it tells the customer')
})

t.test('a draft that its customer cancels is over', async (t) => {
  const desk = await openDesk(t, [9], { check: t.ok })
  const changed = await desk.draft()
  t.match(await cancel(desk, changed), { value: { outcome: 'drop', status: 'expired' } })
  t.match(await desk.move(changed, 'pending'), {
    refusal: { code: 'order-transition-not-allowed', details: { allowed: [] } },
  })
  t.same(await desk.levels(), [[9, 0]])
})
