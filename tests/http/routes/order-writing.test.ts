import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { createProduct } from '../../../src/persistence/catalogue.ts'
import { catalogPage } from '../../../src/persistence/catalogue-search.ts'
import { testApp } from '../../support/app.ts'
import { chat } from '../../support/shop.ts'

async function open(t: Parameters<typeof testApp>[0]) {
  const app = await testApp(t)
  const { db, organization, person, call } = app
  const manager = await person('manager')
  const me = await person('employee', { managerId: manager.id })
  const ana = await chat(db, organization, me.id, '+15550100101', ['hi'])
  for (const [name, price, stock] of [
    ['Blue Mug', '12.50', 10],
    ['Green Tea', '3.00', 2],
    ['Red Lamp', '100.00', 0],
  ] as const)
    await createProduct(db, organization, { name, price, stock, taxRate: 19 }, null, uuidv7)
  const { items } = await catalogPage(db, organization.id, { offset: 0, limit: 10 })
  const sku = (name: string) => items.find(({ productName }) => productName === name)?.sku ?? ''
  const write = (as: string, payload: object, headers: Record<string, string> = {}) =>
    call({ method: 'POST', url: '/api/orders', as, payload, headers })
  const patch = (as: string, id: string, payload: object, headers: Record<string, string> = {}) =>
    call({ method: 'PATCH', url: `/api/orders/${id}`, as, payload, headers })
  const levels = async () =>
    Object.fromEntries(
      (
        await db.rows<{ name: string; reserved: number }>(
          `select p.name, s.reserved from stock_levels s join variants v on v.id = s.variant_id join products p on p.id = v.product_id`,
        )
      ).map(({ name, reserved }) => [name, reserved]),
    )
  return { ...app, manager, me, ana, items, sku, write, patch, levels }
}

t.test('an employee writes an order for a contact: sums are computed, goods reserved, the customer told', async (t) => {
  const { db, me, ana, items, sku, write, levels } = await open(t)
  const made = await write(me.token, {
    customerId: ana.customerId,
    items: [
      { sku: sku('Blue Mug').toLowerCase(), quantity: 2 },
      { variantId: items[1]?.variantId, quantity: 1 },
    ],
    discount: '2.80',
    shipping: { amount: 490, currency: 'USD' },
    note: 'ring twice',
    address: { street: '12 Example St', city: 'Springfield' },
    fulfillment: 'delivery',
  })
  t.equal(made.status, 201, made.text)
  const { order } = made.body
  t.equal(made.headers['location'], `/api/orders/${order.id}`)
  t.equal(made.headers['etag'], '"1"')
  t.match(order, {
    label: 'ORD-001001',
    channel: 'api',
    status: 'pending',
    owner: { id: me.id },
    customer: { id: ana.customerId },
    subtotal: { amount: 2_800 },
    discount: { amount: 280 },
    shipping: { amount: 490 },
    total: { amount: 3_010 },
    note: 'ring twice',
    address: { street: '12 Example St', city: 'Springfield' },
    fulfillment: 'delivery',
    lines: [
      { discount: { amount: 250 }, total: { amount: 2_250 } },
      { discount: { amount: 30 }, total: { amount: 270 } },
    ],
    notice: { status: 'queued' },
    attention: [],
    allowedTransitions: ['confirmed', 'cancelled'],
  })
  t.same(await levels(), { 'Blue Mug': 2, 'Green Tea': 1, 'Red Lamp': 0 })
  const [message] = await db.rows<{ text: string; author: string }>(
    'select text, author from messages where order_id = ?',
    [order.id],
  )
  t.equal(message?.author, 'system')
  t.match(message?.text, /Thank you.*We got ORD-001001\n2 × Blue Mug[\s\S]*Total: \$30\.10/)
  const [event] = await db.rows(`select payload from event_log where type = 'order.created'`)
  t.match(event, { payload: { totalMinor: 3_010 } })
  t.match(await db.rows(`select action, actor_id from audit_log where subject = ?`, [order.id]), [
    { action: 'order.create', actor_id: me.id },
  ])
})

t.test('every line that is short is named, and nothing is kept', async (t) => {
  const { me, ana, sku, write, levels, call } = await open(t)
  const short = await write(me.token, {
    customerId: ana.customerId,
    items: [
      { sku: sku('Blue Mug'), quantity: 3 },
      { sku: sku('Green Tea'), quantity: 3 },
      { sku: sku('Red Lamp'), quantity: 1 },
    ],
  })
  t.equal(short.status, 409)
  t.match(short.body, {
    code: 'insufficient-stock',
    short: [
      { name: 'Green Tea', sku: sku('Green Tea'), wanted: 3, available: 2 },
      { name: 'Red Lamp', wanted: 1, available: 0 },
    ],
  })
  t.equal(short.body.short.length, 2)
  t.match(short.body.errors, [
    { path: 'items[1].quantity', message: 'Only 2 left of Green Tea.' },
    { path: 'items[2].quantity' },
  ])
  t.same(await levels(), { 'Blue Mug': 0, 'Green Tea': 0, 'Red Lamp': 0 })
  t.same((await call({ url: '/api/orders', as: me.token })).body.data, [])
})

t.test('what a client computes, misspells or may not decide is refused', async (t) => {
  const { me, manager, ana, sku, write, person } = await open(t)
  const items = [{ sku: sku('Blue Mug'), quantity: 2 }]
  const base = { customerId: ana.customerId, items }
  const other = await person('employee')
  for (const [payload, code] of [
    [{ ...base, total: '1.00' }, 'validation-failed'],
    [{ ...base, items: [{ ...items[0], total: 1 }] }, 'validation-failed'],
    [{ ...base, items: [{ quantity: 1 }] }, 'validation-failed'],
    [{ ...base, items: [] }, 'validation-failed'],
    [{ items }, 'validation-failed'],
    [{ ...base, phoneNumber: '+15550100101' }, 'validation-failed'],
    [{ ...base, items: [{ sku: 'NONE', quantity: 1 }] }, 'unknown-variant'],
    [{ ...base, discount: '1.005' }, 'invalid-money'],
    [{ ...base, discount: '26' }, 'discount-too-large'],
    [{ ...base, discount: '2.51' }, 'forbidden'],
    [{ ...base, items: [{ ...items[0], unitPrice: '1.00' }] }, 'forbidden'],
    [{ ...base, customerId: uuidv7() }, 'not-a-contact'],
    [{ items, phoneNumber: '12' }, 'invalid-phone'],
    [{ items, phoneNumber: '+15550100199' }, 'invalid-name'],
    [{ ...base, userId: other.id }, 'not-found'],
  ] as const) {
    const { body } = await write(me.token, payload)
    t.equal(body.code, code, JSON.stringify(payload))
  }
  t.equal((await write(me.token, { ...base, discount: '2.50' })).status, 201, 'a tenth is an employee’s')
  const made = await write(manager.token, {
    ...base,
    userId: me.id,
    items: [{ sku: sku('Blue Mug'), quantity: 2, unitPrice: '10.00', discount: '5.00' }],
    discount: 5,
  })
  t.match(made.body.order, {
    owner: { id: me.id },
    total: { amount: 1_000 },
    lines: [{ unitPrice: { amount: 1_000 } }],
  })
  t.equal((await write(manager.token, { ...base, userId: other.id })).status, 404, 'not of the team')
  t.match(
    (await write(manager.token, base)).body.code,
    'not-a-contact',
    'a contact of the employee is none of the manager’s own account',
  )
})

t.test('a number that is no contact becomes one, and one that is keeps its name', async (t) => {
  const { me, sku, write, call, ana } = await open(t)
  const items = [{ sku: sku('Blue Mug'), quantity: 1 }]
  const made = await write(me.token, { customer: { phoneNumber: '+1 555 010 0177', name: 'Luis' }, items })
  t.match(made.body.order, { customer: { name: 'Luis' }, notice: { status: 'queued' } })
  const again = await write(me.token, { phoneNumber: '+15550100101', name: 'Somebody', items })
  t.match(again.body.order.customer, { id: ana.customerId, name: 'Customer +15550100101' })
  t.equal((await call({ url: '/api/whatsapp/contacts', as: me.token })).body.data.length, 2)
})

t.test('one Idempotency-Key places one order', async (t) => {
  const { me, ana, sku, write, call } = await open(t)
  const payload = { customerId: ana.customerId, items: [{ sku: sku('Blue Mug'), quantity: 1 }] }
  const key = { 'idempotency-key': 'K1' }
  const first = await write(me.token, payload, key)
  const second = await write(me.token, payload, key)
  t.equal(second.body.order.id, first.body.order.id)
  t.equal(second.headers['idempotency-replayed'], 'true')
  t.equal((await write(me.token, { ...payload, note: 'x' }, key)).status, 422)
  t.equal((await call({ url: '/api/orders', as: me.token })).body.data.length, 1)
})

t.test('a draft reserves nothing and tells nobody until it is placed', async (t) => {
  const { me, ana, sku, write, levels, call, db } = await open(t)
  const made = await write(me.token, {
    customerId: ana.customerId,
    items: [{ sku: sku('Green Tea'), quantity: 2 }],
    draft: true,
    note: 'first ask',
  })
  const { order } = made.body
  t.match(order, { status: 'draft', notice: null, note: 'first ask', allowedTransitions: ['pending'] })
  t.type(order.expiresAt, 'string')
  t.equal((await levels())['Green Tea'], 0)
  const placed = await call({
    method: 'POST',
    url: `/api/orders/${order.id}/transitions`,
    as: me.token,
    payload: { to: 'pending' },
  })
  t.match(placed.body.order, { status: 'pending', version: 2, expiresAt: null, notice: { status: 'queued' } })
  t.equal((await levels())['Green Tea'], 2)
  t.match(await db.rows('select text from messages where order_id = ?', [order.id]), [{ text: /Thank you/ }])
})

t.test(
  'an order is changed until somebody confirms it: its stock and sums follow, prices of lines that stay do not',
  async (t) => {
    const { me, manager, ana, sku, write, patch, levels, call, db } = await open(t)
    const made = await write(me.token, {
      customerId: ana.customerId,
      items: [
        { sku: sku('Blue Mug'), quantity: 2 },
        { sku: sku('Green Tea'), quantity: 1 },
      ],
      discount: '2.00',
    })
    const { id } = made.body.order
    await db.run(`update variants set price_minor = 9999 where sku = ?`, [sku('Blue Mug')])
    const items = [{ sku: sku('Blue Mug'), quantity: 5 }]
    t.match((await patch(me.token, id, { items }, { 'if-match': '"9"' })).body, { status: 412, code: 'stale-version' })
    const changed = await patch(me.token, id, { items, shipping: '5', note: 'n' }, { 'if-match': '"1"' })
    t.equal(changed.status, 200, changed.text)
    t.match(changed.body.order, {
      version: 2,
      note: 'n',
      subtotal: { amount: 6_250 },
      discount: { amount: 200 },
      total: { amount: 6_550 },
      lines: [{ productName: 'Blue Mug', quantity: 5, unitPrice: { amount: 1_250 } }],
    })
    t.equal(changed.body.order.lines.length, 1)
    t.equal(changed.body.order.events.at(-1).type, 'lines-changed')
    t.same(await levels(), { 'Blue Mug': 5, 'Green Tea': 0, 'Red Lamp': 0 })
    t.match(
      (
        await patch(me.token, id, {
          items: [
            { sku: sku('Blue Mug'), quantity: 1 },
            { sku: sku('Red Lamp'), quantity: 1 },
          ],
        })
      ).body,
      {
        code: 'insufficient-stock',
        short: [{ name: 'Red Lamp' }],
      },
    )
    t.same(await levels(), { 'Blue Mug': 5, 'Green Tea': 0, 'Red Lamp': 0 }, 'all or nothing')
    t.equal((await patch(me.token, id, { discount: '20' })).status, 403)
    t.match((await patch(manager.token, id, { discount: '20' })).body.order, { total: { amount: 4_750 } })
    t.equal(
      (await patch(me.token, id, { items: [{ sku: sku('Blue Mug'), quantity: 4 }] })).status,
      403,
      'nor by ordering less',
    )
    const sums = await db.rows<{ ok: boolean }>(
      `select o.total_minor = o.shipping_minor + sum(l.line_total_minor) and o.discount_minor = sum(l.line_discount_minor)
       and o.tax_minor = sum(l.line_tax_minor) as ok from orders o join order_lines l on l.order_id = o.id group by o.id`,
    )
    t.same(sums, [{ ok: true }])
    await call({ method: 'POST', url: `/api/orders/${id}/transitions`, as: me.token, payload: { to: 'confirmed' } })
    t.match((await patch(me.token, id, { items })).body, { status: 409, code: 'order-not-editable' })
    t.match((await patch(me.token, id, { address: '12 Example St', fulfillment: 'delivery' })).body.order, {
      address: { text: '12 Example St' },
      fulfillment: 'delivery',
      note: 'n',
    })
    t.match((await patch(me.token, id, { address: null })).body.order, { address: null })
    t.equal((await patch(me.token, id, {})).status, 422)
    t.equal((await patch(me.token, id, { status: 'delivered' })).status, 422)
    const [audited] = await db.rows(
      `select before, after from audit_log where action = 'order.update' order by id limit 1`,
    )
    t.match(audited, { before: { totalMinor: 2_600 }, after: { totalMinor: 6_550 } })
  },
)
