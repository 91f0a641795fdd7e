import fc from 'fast-check'
import t from 'tap'
import { NEXT, ORDER_STATUSES, type OrderStatus } from '../../src/domain/order/order.ts'
import { findOrder } from '../../src/persistence/order-views.ts'
import { NOON, warm } from '../support/bot-shop.ts'
import { openDesk } from '../support/order-desk.ts'

const ALL = { kind: 'all' } as const

t.test('an order walks from pending to delivered and back; its goods are promised, sold and returned', async (t) => {
  const desk = await openDesk(t, [5, 5], { check: t.ok })
  const { db } = desk.shop
  const id = await desk.placed([
    [0, 2],
    [1, 3],
  ])
  t.same(await desk.levels(), [
    [5, 2],
    [5, 3],
  ])
  await desk.walk(id, 'confirmed', 'processing')
  t.same(await desk.levels(), [
    [5, 2],
    [5, 3],
  ])
  await desk.walk(id, 'shipped')
  t.same(
    await desk.levels(),
    [
      [3, 0],
      [2, 0],
    ],
    'what is shipped has left the shelf',
  )
  await desk.walk(id, 'delivered', 'returned')
  t.same(await desk.levels(), [
    [5, 0],
    [5, 0],
  ])
  const order = await findOrder(db, ALL, id)
  t.match(order, { status: 'returned', version: 6, allowedTransitions: [] })
  const path = ['pending', 'confirmed', 'processing', 'shipped', 'delivered', 'returned']
  t.same(
    order?.events.map(({ toStatus }) => toStatus),
    path,
    'one row of history a change',
  )
  t.same(
    order?.events.map(({ fromStatus }) => fromStatus),
    [null, ...path.slice(0, -1)],
  )
  const told = await db.rows(`select type, payload->>'status' as status from event_log where subject = ? order by id`, [
    id,
  ])
  t.same(
    told.slice(1),
    path.slice(1).map((status) => ({ type: 'order.updated', status })),
  )
  const audited = await db.rows<{ after: object }>(
    `select after from audit_log where subject = ? and action = 'order.transition' order by id`,
    [id],
  )
  t.same(
    audited.map(({ after }) => (after as { status: string }).status),
    path.slice(1),
  )
})

t.test('cancelling gives back exactly what was promised', async (t) => {
  const desk = await openDesk(t, [5, 5], { check: t.ok })
  for (const path of [[], ['confirmed'], ['confirmed', 'processing']] as const) {
    const id = await desk.placed([
      [0, 2],
      [1, 5],
    ])
    await desk.walk(id, ...path)
    t.same(await desk.levels(), [
      [5, 2],
      [5, 5],
    ])
    await desk.walk(id, 'cancelled')
    t.same(await desk.levels(), [
      [5, 0],
      [5, 0],
    ])
    t.match(await findOrder(desk.shop.db, ALL, id), { status: 'cancelled', cancelReason: 'out of paper' })
  }
})

t.test('what an order took is read from the ledger, whatever the catalogue says of its goods later', async (t) => {
  const desk = await openDesk(t, [5, 5], { check: t.ok })
  const { db } = desk.shop
  const counted = await desk.placed([[0, 2]])
  await db.run('update variants set track_stock = not track_stock')
  await desk.walk(counted, 'confirmed', 'processing', 'shipped')
  t.same(await desk.levels(), [
    [3, 0],
    [5, 0],
  ])
})

t.test('only moves of the table are made, and a refusal changes nothing', async (t) => {
  const desk = await openDesk(t, [1000], { check: t.ok })
  const statuses = fc.constantFrom(...ORDER_STATUSES)
  await fc.assert(
    fc.asyncProperty(fc.array(statuses, { minLength: 1, maxLength: 12 }), async (wishes) => {
      const id = await desk.placed([[0, 1]])
      let status: OrderStatus = 'pending'
      let moves = 0
      for (const to of wishes) {
        const allowed = NEXT[status].includes(to)
        const moved = await desk.move(id, to)
        t.equal(moved.ok, allowed, `${status} to ${to}`)
        if (allowed) {
          status = to
          moves += 1
        }
      }
      const order = await findOrder(desk.shop.db, ALL, id)
      t.equal(order?.status, status)
      t.equal(order?.events.at(-1)?.toStatus, status)
      t.equal(order?.events.length, moves + 1)
      t.equal(order?.version, moves + 1)
    }),
    { numRuns: 15 },
  )
  await desk.levels()
  const id = await desk.placed()
  t.match(await desk.move(id, 'shipped'), {
    refusal: { code: 'order-transition-not-allowed', details: { allowed: ['confirmed', 'cancelled'] } },
  })
  t.match(await desk.move(id, 'confirmed', { expectedVersion: 7 }), { refusal: { code: 'stale-version' } })
  t.match(await desk.move(id, 'confirmed', { expectedVersion: 1 }), { ok: true, value: { version: 2 } })
  t.match(await desk.move(id, 'cancelled', { reason: ' ' }), { refusal: { code: 'reason-required' } })
})

t.test('ten who move one order at once move it once', async (t) => {
  const desk = await openDesk(t, [10], { check: t.ok })
  await warm(desk.shop.db)
  const id = await desk.placed([[0, 4]])
  const cancelled = await Promise.all(Array.from({ length: 10 }, () => desk.move(id, 'cancelled')))
  t.equal(cancelled.filter(({ ok }) => ok).length, 1)
  t.same(await desk.levels(), [[10, 0]])
  const order = await findOrder(desk.shop.db, ALL, id)
  t.equal(order?.events.length, 2)
})

t.test('orders of the same goods move at once without a deadlock', async (t) => {
  const desk = await openDesk(t, [100, 100, 100], { check: t.ok })
  await warm(desk.shop.db)
  const ids = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      desk.placed(
        index % 2
          ? [
              [0, 1],
              [1, 1],
              [2, 1],
            ]
          : [
              [2, 1],
              [1, 1],
              [0, 1],
            ],
      ),
    ),
  )
  await Promise.all([
    ...ids.slice(0, 10).map((id) => desk.walk(id, 'confirmed', 'processing', 'shipped')),
    ...ids.slice(10).map((id) => desk.walk(id, 'cancelled')),
    ...Array.from({ length: 5 }, () => desk.placed([[1, 1]])),
  ])
  t.same(await desk.levels(), [
    [90, 0],
    [90, 5],
    [90, 0],
  ])
})

t.test('goods that come back go on the shelf or are written off, line by line', async (t) => {
  const desk = await openDesk(t, [5, 5], { check: t.ok })
  const id = await desk.placed([
    [0, 3],
    [1, 2],
  ])
  await desk.walk(id, 'confirmed', 'processing', 'shipped')
  const line = (await findOrder(desk.shop.db, ALL, id))?.lines[0]?.id ?? ''
  t.match(await desk.move(id, 'returned', { restock: [{ lineId: line, quantity: 4 }] }), {
    refusal: { code: 'invalid-restock', errors: [{ path: 'restock[0].quantity' }] },
  })
  t.ok((await desk.move(id, 'returned', { restock: [{ lineId: line, quantity: 1 }] })).ok)
  t.same(await desk.levels(), [
    [3, 0],
    [3, 0],
  ])
  const movements = await desk.shop.db.rows(
    `select kind, on_hand_delta as delta from stock_movements where kind in ('return','writeoff') order by id`,
  )
  t.same(movements, [
    { kind: 'return', delta: 3 },
    { kind: 'writeoff', delta: -2 },
    { kind: 'return', delta: 2 },
    { kind: 'writeoff', delta: -2 },
  ])
})

t.test('a draft takes no stock; its YES takes all or nothing and names what is short', async (t) => {
  const desk = await openDesk(t, [5, 1], { check: t.ok })
  const both = [
    [0, 2],
    [1, 1],
  ] as const
  const first = await desk.draft(both)
  const second = await desk.draft(both)
  t.same(await desk.levels(), [
    [5, 0],
    [1, 0],
  ])
  t.match(await findOrder(desk.shop.db, ALL, first), { status: 'draft', number: 1_001, totalMinor: 3_100 })
  const later = new Date(NOON.getTime() + 60_000)
  await desk.move(first, 'pending', { at: later })
  t.match(await findOrder(desk.shop.db, ALL, first), { status: 'pending', placedAt: later, expiresAt: null })
  t.match(await desk.move(second, 'pending'), {
    refusal: { code: 'insufficient-stock', details: { short: [{ name: 'Thing b', wanted: 1, available: 0 }] } },
  })
  t.same(await desk.levels(), [
    [5, 2],
    [1, 1],
  ])
  await desk.shop.db.run(`update products set status = 'archived'`)
  t.match(await desk.move(second, 'pending'), { refusal: { code: 'unknown-variant' } })
  t.match(await desk.placed([[0, 1]]).then((id) => findOrder(desk.shop.db, ALL, id)), { number: 1_003 }, 'no gap')
})

t.test('an order out of the scope is not there', async (t) => {
  const desk = await openDesk(t, [5])
  const id = await desk.placed()
  const omar = await desk.shop.account('omar@example.com')
  for (const scope of [
    { kind: 'users', ids: [omar.session] },
    { kind: 'customer', customerId: null },
  ] as const)
    t.match(await desk.move(id, 'confirmed', { scope }), { refusal: { code: 'not-found' } })
})

t.test('a customer with an account cancels their own order while it is pending, and nothing else', async (t) => {
  const desk = await openDesk(t, [5])
  const id = await desk.placed()
  const mine = { scope: { kind: 'customer', customerId: desk.amal }, mover: 'customer' } as const
  t.match(await desk.move(id, 'confirmed', mine), { refusal: { code: 'forbidden' } })
  t.match(await desk.move(id, 'cancelled', { ...mine, reason: null }), {
    value: { status: 'cancelled', told: 'queued' },
  })
  const other = await desk.placed()
  await desk.walk(other, 'confirmed')
  t.match(await desk.move(other, 'cancelled', mine), { refusal: { code: 'order-transition-not-allowed' } })
})
