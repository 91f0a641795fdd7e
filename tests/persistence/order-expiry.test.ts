import t from 'tap'
import { expireOrders } from '../../src/persistence/order-expiry.ts'
import { findOrder } from '../../src/persistence/order-views.ts'
import { NOON } from '../support/bot-shop.ts'
import { openDesk } from '../support/order-desk.ts'

const ALL = { kind: 'all' } as const
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const after = (ms: number) => new Date(NOON.getTime() + ms)
const NOTHING = { drafts: 0, unconfirmedOrders: 0, undeliveredNotices: 0 }

t.test('a draft waits half an hour for its YES; then it is over, and nobody is told', async (t) => {
  const desk = await openDesk(t, [5], { check: t.ok })
  const { db } = desk.shop
  const id = await desk.draft()
  t.same(await expireOrders(db, desk.deps, after(29 * MINUTE_MS)), NOTHING)
  t.same(await expireOrders(db, desk.deps, after(30 * MINUTE_MS)), { ...NOTHING, drafts: 1 })
  const order = await findOrder(db, ALL, id)
  t.match(order, { status: 'expired', notice: null })
  t.match(order?.events.at(-1), { fromStatus: 'draft', toStatus: 'expired', actor: { type: 'system', id: null } })
  t.same(await desk.notices(id), [])
  t.same(await expireOrders(db, desk.deps, after(31 * MINUTE_MS)), NOTHING)
})

t.test('an order nobody confirms for two days is cancelled, gives its goods back and tells its customer', async (t) => {
  const desk = await openDesk(t, [5], { check: t.ok })
  const { db } = desk.shop
  const id = await desk.placed([[0, 3]])
  const confirmed = await desk.placed([[0, 1]])
  await desk.walk(confirmed, 'confirmed')
  t.same(await expireOrders(db, desk.deps, after(47 * HOUR_MS)), NOTHING)
  const runs = await Promise.all([1, 2, 3].map(() => expireOrders(db, desk.deps, after(48 * HOUR_MS))))
  t.equal(
    runs.reduce((all, run) => all + run.unconfirmedOrders, 0),
    1,
    'three nodes cancel it once',
  )
  t.match(await findOrder(db, ALL, id), { status: 'cancelled' })
  t.same(await desk.levels(), [[5, 1]])
  t.match(await desk.notices(id), [{ text: '📦 ORD-001001 is cancelled: it was not confirmed in time.' }])
  t.match(await findOrder(db, ALL, confirmed), { status: 'confirmed' })
})

t.test('a draft that was placed late has its two days from then', async (t) => {
  const desk = await openDesk(t, [5])
  const id = await desk.draft()
  await desk.move(id, 'pending', { at: after(HOUR_MS) })
  t.same(await expireOrders(desk.shop.db, desk.deps, after(48 * HOUR_MS)), NOTHING)
  t.match(await expireOrders(desk.shop.db, desk.deps, after(49 * HOUR_MS)), { unconfirmedOrders: 1 })
})
