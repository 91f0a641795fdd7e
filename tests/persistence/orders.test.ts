import fc from 'fast-check'
import t from 'tap'
import { uuidv7 } from 'uuidv7'
import type { CatalogueHit } from '../../src/domain/catalogue/variant.ts'
import {
  asId,
  type ConversationId,
  type CustomerId,
  type Fence,
  type OrderId,
  type VariantId,
} from '../../src/domain/ids.ts'
import type { E164 } from '../../src/domain/phone.ts'
import { catalogPage } from '../../src/persistence/catalogue-search.ts'
import { recogniseSender } from '../../src/persistence/contacts.ts'
import { findOrder, latestOrders, listOrders, type OrderFilter } from '../../src/persistence/order-views.ts'
import { type Placed, placeOrder } from '../../src/persistence/orders.ts'
import { receive } from '../../src/persistence/stock.ts'
import { AMAL, makeShop, NOON, type Shop, warm } from '../support/bot-shop.ts'

interface Market {
  readonly shop: Shop
  readonly erin: Fence
  readonly customerId: CustomerId
  readonly items: readonly CatalogueHit[]
  place(lines: readonly (readonly [number, number])[], waMessageId?: string): Promise<Placed>
}

const CHAT = asId<ConversationId>(uuidv7())

/** A shop with products of these stocks, by place. */
async function open(t: Parameters<typeof makeShop>[0], stocks: readonly number[]): Promise<Market> {
  const shop = await makeShop(t)
  const erin = await shop.account('erin@example.com')
  await shop.contact(erin.session, AMAL, 'Amal')
  for (const [index, stock] of stocks.entries())
    await shop.product({ name: `Thing ${'abcdefgh'[index]}`, price: 10 + index, stock, taxRate: 19 })
  const { items } = await catalogPage(shop.db, shop.organization.id, { offset: 0, limit: 100 })
  const customer = await recogniseSender(shop.db, {
    orgId: shop.organization.id,
    userId: erin.session,
    phone: AMAL,
    lid: null,
  })
  const customerId = customer?.customerId ?? asId<CustomerId>('')
  return {
    shop,
    erin,
    customerId,
    items,
    place: (lines, waMessageId) =>
      shop.db.transaction((tx) =>
        placeOrder(
          tx,
          {
            orgId: shop.organization.id,
            userId: erin.session,
            customerId,
            channel: 'whatsapp',
            lines: lines.flatMap(([index, quantity]) => {
              const variant = items[index]
              return variant === undefined ? [] : [{ variant, quantity }]
            }),
            ...(waMessageId === undefined ? {} : { source: { conversationId: CHAT, waMessageId } }),
            actor: { type: 'customer', id: customerId },
          },
          uuidv7,
          NOON,
        ),
      ),
  }
}

/** The level of each product, and whether ledger and open orders agree with it. */
async function audit(t: Pick<typeof import('tap').t, 'equal'>, market: Market): Promise<readonly number[]> {
  const rows = await market.shop.db.rows<{
    reserved: number
    on_hand: number
    ledger_reserved: number
    ledger_on_hand: number
    ordered: number
  }>(
    `select s.reserved, s.on_hand,
       (select coalesce(sum(reserved_delta), 0)::int from stock_movements m where m.variant_id = s.variant_id) as ledger_reserved,
       (select coalesce(sum(on_hand_delta), 0)::int from stock_movements m where m.variant_id = s.variant_id) as ledger_on_hand,
       (select coalesce(sum(quantity), 0)::int from order_lines l where l.variant_id = s.variant_id) as ordered
     from stock_levels s join variants v on v.id = s.variant_id order by v.sku`,
  )
  for (const row of rows) {
    t.equal(row.ledger_reserved, row.reserved, 'the ledger explains what is reserved')
    t.equal(row.ledger_on_hand, row.on_hand, 'the ledger explains what is on hand')
    t.equal(row.ordered, row.reserved, 'open orders explain what is reserved')
  }
  return rows.map((row) => row.reserved)
}

t.test('an order has its number, snapshots, totals, history and stock', async (t) => {
  const market = await open(t, [5, 5])
  const placed = await market.place([
    [0, 2],
    [1, 1],
    [0, 1],
  ])
  t.match(placed, {
    ok: true,
    order: {
      number: 1_001,
      status: 'pending',
      paymentStatus: 'unpaid',
      totalMinor: 4_100,
      lines: [
        { productName: 'Thing a', quantity: 3, unitPriceMinor: 1_000, totalMinor: 3_000 },
        { productName: 'Thing b', quantity: 1 },
      ],
    },
  })
  t.same(await audit(t, market), [3, 1])
  const id = placed.ok ? placed.order.id : asId<OrderId>('')
  t.match(await findOrder(market.shop.db, { kind: 'all' }, id), {
    number: 1_001,
    label: 'ORD-001001',
    status: 'pending',
    paymentStatus: 'unpaid',
    customer: { name: 'Amal', phone: AMAL },
    owner: { email: 'erin@example.com' },
    itemCount: 4,
    totalMinor: 4_100,
    taxMinor: 479 + 176,
    lines: [
      { productName: 'Thing a', quantity: 3, unitPriceMinor: 1_000, totalMinor: 3_000 },
      { productName: 'Thing b', quantity: 1 },
    ],
    events: [
      { type: 'created', fromStatus: null, toStatus: 'pending', actor: { type: 'customer', id: market.customerId } },
    ],
    allowedTransitions: ['confirmed', 'cancelled'],
    source: null,
  })
})

t.test('changing the product afterwards changes no order', async (t) => {
  const market = await open(t, [5])
  await market.place([[0, 1]])
  await market.shop.db.run(`update variants set price_minor = 1, sku = 'X'; `)
  await market.shop.db.run(`update products set name = 'Other', status = 'archived'`)
  const [order] = await latestOrders(market.shop.db, {
    orgId: market.shop.organization.id,
    customerId: market.customerId,
    limit: 5,
  })
  t.match(order, { totalMinor: 1_000, lines: [{ productName: 'Thing a', sku: 'THING-A', unitPriceMinor: 1_000 }] })
})

t.test('what is short is named line by line and nothing is kept, not even a number', async (t) => {
  const market = await open(t, [5, 1, 0])
  const short = await market.place([
    [0, 1],
    [1, 2],
    [2, 1],
  ])
  t.match(short, {
    ok: false,
    code: 'insufficient-stock',
    short: [
      { variantId: market.items[1]?.variantId, wanted: 2, available: 1 },
      { variantId: market.items[2]?.variantId, wanted: 1, available: 0 },
    ],
  })
  t.match(
    await market.place([
      [0, 3],
      [0, 3],
    ]),
    { code: 'insufficient-stock', short: [{ wanted: 6, available: 5 }] },
  )
  t.same(await audit(t, market), [0, 0, 0])
  t.match(await market.place([[0, 1]]), { order: { number: 1_001 } })
})

t.test('twenty attempts of one message at once place one order', async (t) => {
  const market = await open(t, [100, 100])
  await warm(market.shop.db)
  const attempts = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      market.place(
        index % 2
          ? [
              [0, 1],
              [1, 1],
            ]
          : [
              [1, 1],
              [0, 1],
            ],
        'SAME',
      ),
    ),
  )
  t.equal(attempts.filter((each) => each.ok).length, 1)
  t.equal(attempts.filter((each) => !each.ok && each.code === 'already-placed').length, 19)
  t.same(await audit(t, market), [1, 1])
  t.match(await market.place([[0, 1]], 'NEXT'), { order: { number: 1_002 } }, 'no number is lost')
})

t.test('forty buyers of ten get exactly ten, in orders of several lines, without deadlock or gap', async (t) => {
  const market = await open(t, [10, 1_000, 1_000])
  await warm(market.shop.db)
  const attempts = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      market.place(
        index % 2
          ? [
              [2, 1],
              [0, 1],
              [1, 1],
            ]
          : [
              [1, 1],
              [0, 1],
              [2, 1],
            ],
        `BUY${index}`,
      ),
    ),
  )
  const numbers = attempts.flatMap((each) => (each.ok ? [each.order.number] : []))
  t.same(
    numbers.sort((a, b) => a - b),
    Array.from({ length: 10 }, (_, index) => 1_001 + index),
  )
  t.same(await audit(t, market), [10, 10, 10])
})

t.test('whatever is ordered and received, level, ledger and orders agree', async (t) => {
  const market = await open(t, [3, 7, 0])
  const { db } = market.shop
  const line = fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 1, max: 4 }))
  const step = fc.oneof(
    fc.record({ kind: fc.constant('order' as const), lines: fc.array(line, { minLength: 1, maxLength: 4 }) }),
    fc.record({
      kind: fc.constant('receive' as const),
      index: fc.integer({ min: 0, max: 2 }),
      quantity: fc.integer({ min: 1, max: 5 }),
    }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
      for (const each of steps) {
        if (each.kind === 'order') await market.place(each.lines)
        else {
          const variantId = market.items[each.index]?.variantId ?? asId<VariantId>('')
          await db.transaction((tx) =>
            receive(tx, variantId, each.quantity, 'test', { type: 'system', id: null }, uuidv7),
          )
        }
      }
      await audit(t, market)
    }),
    { numRuns: 20 },
  )
  const [row] = await db.rows<{ gaps: number }>(
    'select (max(number) - min(number) + 1 - count(*))::int as gaps from orders',
  )
  t.equal(row?.gaps ?? 0, 0)
})

t.test('lists keep to the scope, the filters and the pages', async (t) => {
  const market = await open(t, [100])
  const { shop, erin } = market
  const { db, organization } = shop
  for (let index = 0; index < 5; index += 1) await market.place([[0, 1]])
  const omar = await shop.account('omar@example.com')
  await shop.contact(omar.session, '+15550100002' as E164, 'Basil')
  await shop.say(omar, 'ORDER Thing a:1', { phone: '+15550100002', id: 'B1' })
  await db.run(`update orders set status = 'confirmed' where number = 1002`)
  const own = { kind: 'users', ids: [erin.session] } as const
  const numbers = async (filter: OrderFilter, scope: Parameters<typeof listOrders>[1] = { kind: 'all' }) =>
    (await listOrders(db, scope, filter, { limit: 50 })).rows.map((row) => row.number)
  t.same(await numbers({}), [1006, 1005, 1004, 1003, 1002, 1001])
  t.same(await numbers({}, own), [1005, 1004, 1003, 1002, 1001])
  t.same(await numbers({}, { kind: 'customer', customerId: null }), [])
  t.same(await numbers({}, { kind: 'customer', customerId: market.customerId }), [1005, 1004, 1003, 1002, 1001])
  t.same(await numbers({ status: ['confirmed', 'cancelled'] }), [1002])
  t.same(await numbers({ q: 'ORD-001003' }), [1003])
  t.same(await numbers({ q: '#1003' }), [1003])
  t.same(await numbers({ q: 'basil' }), [1006])
  t.same(await numbers({ q: '+1 555 010 0002' }), [1006])
  t.same(await numbers({ q: 'nobody' }), [])
  t.same(await numbers({ customerId: market.customerId, userId: omar.session }), [])
  t.same(await numbers({ from: new Date(NOON.getTime() + 1) }), [])
  t.equal((await numbers({ from: NOON, to: new Date(NOON.getTime() + 1) })).length, 6)

  const first = await listOrders(db, { kind: 'all' }, {}, { limit: 4 })
  const second = await listOrders(db, { kind: 'all' }, {}, { limit: 4, cursor: first.next ?? undefined })
  t.same(
    [...first.rows, ...second.rows].map((row) => row.number),
    [1006, 1005, 1004, 1003, 1002, 1001],
  )
  t.equal(second.next, null)

  const foreign = first.rows[0]?.id ?? asId<OrderId>('')
  t.equal(await findOrder(db, own, foreign), null)
  const seen = await findOrder(db, { kind: 'all' }, foreign)
  t.match(seen, { customer: { name: 'Basil' }, source: { waMessageId: 'B1', messageId: String } })
  t.same(
    await latestOrders(db, { orgId: organization.id, customerId: market.customerId, limit: 2 }).then((all) =>
      all.map((each) => each.number),
    ),
    [1005, 1004],
  )
})
