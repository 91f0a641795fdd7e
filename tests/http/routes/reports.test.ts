import { parse } from 'csv-parse/sync'
import t from 'tap'
import { uuidv7 } from 'uuidv7'
import type { CustomerId, OrderId, UserId, VariantId } from '../../../src/domain/ids.ts'
import { catalogPage } from '../../../src/persistence/catalogue-search.ts'
import { forgetLostSales, recordLostSales } from '../../../src/persistence/lost-sales.ts'
import { placeOrder } from '../../../src/persistence/orders.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { chat } from '../../support/shop.ts'

interface Sale {
  readonly by: UserId
  readonly of: CustomerId
  /** Name of the product and pieces. */
  readonly lines: readonly (readonly [string, number])[]
  readonly at: string
  readonly status?: string
  readonly shipping?: number
}

/** Writes an order as it would be after its moves: reports read orders, not how they came about. */
async function sell({ db, organization }: TestApp, sale: Sale): Promise<OrderId> {
  const { items } = await catalogPage(db, organization.id, { offset: 0, limit: 100 })
  const lines = sale.lines.map(([name, quantity]) => {
    const variant = items.find(({ fullName }) => fullName === name)
    if (variant === undefined) throw new Error(`no ${name}`)
    return { variant, quantity }
  })
  const { by: userId, of: customerId } = sale
  const actor = { type: 'user', id: userId } as const
  const order = { orgId: organization.id, userId, customerId, channel: 'api', lines, actor } as const
  const placed = await db.transaction((tx) => placeOrder(tx, order, uuidv7, new Date(sale.at)))
  if (!placed.ok) throw new Error(placed.code)
  const { id } = placed.order
  const shipping = sale.shipping ?? 0
  await db.run('update orders set status = ?, shipping_minor = ?, total_minor = total_minor + ? where id = ?', [
    sale.status ?? 'pending',
    shipping,
    shipping,
    id,
  ])
  return id
}

/** Erin sells for a manager, Sam for nobody; mugs at 12.50, lamps at 40.00 with a fifth of tax. */
async function shop(t: Parameters<typeof testApp>[0]) {
  const at = await testApp(t)
  const [admin, boss] = [await at.person('admin'), await at.person('manager')]
  const erin = await at.person('employee', { managerId: boss.id })
  const sam = await at.person('employee')
  const post = async (url: string, payload: object) =>
    (await at.call({ method: 'POST', url, payload, as: admin.token })).body
  const kitchen = (await post('/api/categories', { name: 'Kitchen' })).category.id
  await post('/api/products', { name: 'Mug', price: '12.50', stock: 100, categoryId: kitchen })
  await post('/api/products', { name: 'Lamp', price: '40.00', stock: 100, taxRate: 20 })
  const amal = (await chat(at.db, at.organization, erin.id, '+15550101', [])).customerId
  const luis = (await chat(at.db, at.organization, sam.id, '+15550102', [])).customerId
  const report = async (path: string, as = admin.token) => at.call({ url: `/api/reports/${path}`, as })
  return { ...at, at, admin, boss, erin, sam, amal, luis, kitchen, report }
}

t.test('sales are the same orders however they are cut, within the scope of who asks', async (t) => {
  const { at, report, erin, sam, boss, amal, luis, kitchen } = await shop(t)
  await sell(at, { by: erin.id, of: amal, lines: [['Mug', 2]], at: '2026-03-02T10:00:00Z', shipping: 500 })
  await sell(at, {
    by: erin.id,
    of: amal,
    lines: [
      ['Mug', 1],
      ['Lamp', 1],
    ],
    at: '2026-03-04T10:00:00Z',
    status: 'delivered',
  })
  await sell(at, { by: sam.id, of: luis, lines: [['Lamp', 3]], at: '2026-03-04T12:00:00Z', status: 'returned' })
  for (const status of ['draft', 'cancelled', 'expired'])
    await sell(at, { by: sam.id, of: luis, lines: [['Lamp', 9]], at: '2026-03-04T12:00:00Z', status })
  await sell(at, { by: erin.id, of: amal, lines: [['Lamp', 1]], at: '2026-02-28T23:59:59Z' })

  const period = 'from=2026-03-01&to=2026-03-04'
  const days = (await report(`sales?${period}`)).body
  t.match(days.report, { from: '2026-03-01', to: '2026-03-04', timezone: 'UTC', currency: 'USD', groupBy: 'day' })
  t.same(
    days.data.map(({ key, orders, gross, returns, net }: Record<string, { amount: number }>) => [
      ...[key, orders],
      ...[gross?.amount, returns?.amount, net?.amount],
    ]),
    [
      ['2026-03-01', 0, 0, 0, 0],
      ['2026-03-02', 1, 3_000, 0, 3_000],
      ['2026-03-03', 0, 0, 0, 0],
      ['2026-03-04', 2, 17_250, 12_000, 5_250],
    ],
  )
  t.match(days.total, {
    ...{ orders: 3, pieces: 7, returnedOrders: 1, returnedPieces: 3 },
    gross: { amount: 20_250, formatted: '$202.50' },
    returns: { amount: 12_000 },
    net: { amount: 8_250 },
    tax: { amount: 667 },
  })
  const cut = async (group: string) => {
    const { data, total } = (await report(`sales?${period}&groupBy=${group}`)).body
    t.same(total, days.total, `${group} adds up to the same`)
    return data.map((row: { key: string; name: string; net: { amount: number } }) => [
      row.key,
      row.name,
      row.net.amount,
    ])
  }
  t.match(await cut('product'), [
    [String, 'Lamp', 4_000],
    [String, 'Mug', 3_750],
    ['shipping', 'Shipping', 500],
  ])
  t.same(await cut('category'), [
    [null, 'No category', 4_000],
    [kitchen, 'Kitchen', 3_750],
    ['shipping', 'Shipping', 500],
  ])
  t.same(await cut('user'), [
    [erin.id, erin.email, 8_250],
    [sam.id, sam.email, 0],
  ])
  const of = async (as: string) => (await report(`sales?${period}`, as)).body.total.orders
  t.same([await of(erin.token), await of(sam.token), await of(boss.token)], [2, 1, 2])
})

t.test('a table holds the same numbers', async (t) => {
  const { at, report, erin, amal } = await shop(t)
  await at.db.run(`update products set name = '=Mug, "big"' where name = 'Mug'`)
  await sell(at, { by: erin.id, of: amal, lines: [['=Mug, "big"', 2]], at: '2026-03-02T10:00:00Z', status: 'returned' })
  await sell(at, { by: erin.id, of: amal, lines: [['Lamp', 1]], at: '2026-03-02T10:00:00Z' })
  const query = 'sales?from=2026-03-01&to=2026-03-04&groupBy=product'
  const { body } = await report(query)
  const file = await report(`${query}&format=csv`)
  t.match(file.headers, {
    'content-type': 'text/csv; charset=utf-8; header=present',
    'content-disposition': 'attachment; filename="sales-by-product.csv"',
  })
  const records: Record<string, string>[] = parse(file.text, { columns: true, record_delimiter: '\r\n' })
  const major = ({ amount }: { amount: number }) => (amount / 100).toFixed(2)
  t.same(
    records,
    body.data.map(({ key, name, orders, pieces, returnedOrders, returnedPieces, ...money }: Record<string, never>) => ({
      key,
      name: String(name).startsWith('=') ? `'${name}` : name,
      orders: String(orders),
      pieces: String(pieces),
      gross: major(money['gross'] ?? { amount: 0 }),
      returnedOrders: String(returnedOrders),
      returnedPieces: String(returnedPieces),
      returns: major(money['returns'] ?? { amount: 0 }),
      net: major(money['net'] ?? { amount: 0 }),
      tax: major(money['tax'] ?? { amount: 0 }),
      currency: 'USD',
    })),
  )
  t.equal(records.length, 2)
})

t.test('a day is the day of the shop, also when its clocks are changed', async (t) => {
  const { at, report, erin, amal } = await shop(t)
  const orders = async (timezone: string, query: string) => {
    Object.assign(at.organization, { timezone })
    const { data } = (await report(`sales?${query}`)).body
    return data.map(({ key, orders }: { key: string; orders: number }) => [key, orders])
  }
  // Berlin: from 00:00+01 to 24:00+02 on 29 March 2026, 23 hours.
  for (const at_ of ['2026-03-28T22:59:59Z', '2026-03-28T23:00:00Z', '2026-03-29T21:59:59Z', '2026-03-29T22:00:00Z'])
    await sell(at, { by: erin.id, of: amal, lines: [['Mug', 1]], at: at_ })
  t.same(await orders('Europe/Berlin', 'from=2026-03-28&to=2026-03-30'), [
    ['2026-03-28', 1],
    ['2026-03-29', 2],
    ['2026-03-30', 1],
  ])
  t.same(await orders('Europe/Berlin', 'from=2026-03-29&to=2026-03-29'), [['2026-03-29', 2]])
  // Havana: on 1 November 2026 the hour from midnight is shown twice.
  for (const at_ of ['2026-11-01T03:59:59Z', '2026-11-01T04:30:00Z', '2026-11-01T05:30:00Z', '2026-11-02T04:59:59Z'])
    await sell(at, { by: erin.id, of: amal, lines: [['Mug', 1]], at: at_ })
  t.same(await orders('America/Havana', 'from=2026-11-01&to=2026-11-01'), [['2026-11-01', 3]])
  t.same(
    await orders('America/Havana', 'from=2026-11-01T04:30:00Z&to=2026-11-01T05:30:00Z'),
    [['2026-11-01', 1]],
    'instants are exact, and the last is not in it',
  )
  t.match((await report('sales?from=2026-03-02&to=2026-03-01')).body, { code: 'invalid-parameter' })
  t.match((await report('sales?from=yesterday')).body, { code: 'invalid-parameter' })
})

t.test('the funnel shows how far orders came', async (t) => {
  const { at, report, erin, amal, sam } = await shop(t)
  const day = '2026-03-02T10:00:00Z'
  const sale = { by: erin.id, of: amal, lines: [['Mug', 2]] as const, at: day }
  await sell(at, sale)
  const far = await sell(at, { ...sale, status: 'delivered' })
  await sell(at, { ...sale, status: 'cancelled' })
  for (const [to, minutes] of [
    ['confirmed', 10],
    ['processing', 20],
    ['shipped', 30],
    ['delivered', 90],
  ] as const)
    await at.db.run(
      `insert into order_events (id, order_id, type, to_status, actor_type, at)
       values (?, ?, 'status', ?, 'user', ?::timestamptz + ? * interval '1 minute')`,
      [uuidv7(), far, to, day, minutes],
    )
  await at.db.run(`update orders set payment_status = 'paid' where id = ?`, [far])
  const { body } = await report('funnel?from=2026-03-01&to=2026-03-04')
  t.same(
    body.data.map(({ step, orders, value, share }: Record<string, never>) => [step, orders, value?.['amount'], share]),
    [
      ['started', 3, 7_500, 1],
      ['placed', 3, 7_500, 1],
      ['confirmed', 1, 2_500, 0.3333],
      ['processing', 1, 2_500, 0.3333],
      ['shipped', 1, 2_500, 0.3333],
      ['delivered', 1, 2_500, 0.3333],
      ['paid', 1, 2_500, 0.3333],
      ['expired', 0, 0, 0],
      ['cancelled', 1, 2_500, 0.3333],
      ['returned', 0, 0, 0],
    ],
  )
  t.same([body.medianSecondsToConfirm, body.medianSecondsToDeliver], [600, 5_400])
  t.match((await report('funnel?from=2026-03-01&to=2026-03-04', sam.token)).body, {
    data: [{ step: 'started', orders: 0, share: 0 }],
    medianSecondsToConfirm: null,
  })
  t.match(
    (await report('funnel?from=2026-03-01&to=2026-03-04&format=csv')).text,
    /\r\nconfirmed,1,25.00,USD,0.3333\r\n/,
  )
})

t.test('what could not be sold is counted; words of people who are no customers are not kept', async (t) => {
  const { at, report, erin, amal, sam, luis } = await shop(t)
  const { db, organization } = at
  const { items } = await catalogPage(db, organization.id, { offset: 0, limit: 10 })
  const lamp = items.find(({ fullName }) => fullName === 'Lamp')?.variantId as VariantId
  const of = { orgId: organization.id, userId: erin.id, customerId: amal, at: new Date('2026-03-02T10:00:00Z') }
  const short = { reason: 'out_of_stock', variantId: lamp, wanted: 5, available: 3 } as const
  await recordLostSales(db, of, [short, { reason: 'not_found', asked: ' Flying   CARPET ', wanted: 1 }], uuidv7)
  await recordLostSales(db, { ...of, userId: sam.id, customerId: luis }, [{ ...short, available: 0 }], uuidv7)
  const stranger = { ...of, customerId: null }
  t.equal(await recordLostSales(db, stranger, [{ reason: 'not_found', asked: 'secret', wanted: 1 }], uuidv7), 0)
  await t.rejects(
    db.run(
      `insert into lost_sales (id, org_id, user_id, reason, asked_key, quantity) values (?, ?, ?, 'not_found', 'secret', 1)`,
      [uuidv7(), organization.id, erin.id],
    ),
    'the table does not take them either',
  )
  const query = 'lost-sales?from=2026-03-01&to=2026-03-04'
  t.match((await report(query)).body.data, [
    {
      reason: 'out_of_stock',
      variantId: lamp,
      name: 'Lamp',
      times: 2,
      customers: 2,
      wanted: 10,
      missing: 7,
      value: { amount: 28_000 },
    },
    { reason: 'not_found', variantId: null, name: 'flying carpet', times: 1, value: null },
  ])
  t.match((await report(query, sam.token)).body.data, [{ times: 1, missing: 5 }])
  t.equal((await report(`${query}&limit=1`)).body.data.length, 1)
  t.match(
    (await report(`${query}&format=csv`)).text,
    /\r\nnot_found,,,flying carpet,1,1,1,1,,USD,2026-03-02T10:00:00.000Z\r\n/,
  )
  await forgetLostSales(db, amal)
  t.match((await report(query)).body.data, [{ times: 2, customers: 1 }])
  t.notMatch(JSON.stringify(await db.rows('select * from lost_sales')), new RegExp(`carpet|${amal}`))
})

t.test('the shelf is worth what is on it', async (t) => {
  const { at, report, erin, amal, kitchen } = await shop(t)
  await sell(at, { by: erin.id, of: amal, lines: [['Mug', 4]], at: '2026-03-02T10:00:00Z' })
  const { body } = await report('stock-value')
  t.match(body.data, [
    { name: 'Lamp', onHand: 100, reserved: 0, value: { amount: 400_000 } },
    { name: 'Mug', onHand: 100, reserved: 4, value: { amount: 125_000 } },
  ])
  t.match(body.total, { onHand: 200, reserved: 4, value: { amount: 525_000 } })
  const byCategory = (await report('stock-value?groupBy=category', erin.token)).body
  t.match(byCategory.data, [
    { key: null, name: 'No category' },
    { key: kitchen, name: 'Kitchen', value: { amount: 125_000 } },
  ])
  t.same(byCategory.total, body.total)
  t.match((await report('stock-value?format=csv')).text, /,Mug,100,4,1250.00,USD\r\n$/)
})
