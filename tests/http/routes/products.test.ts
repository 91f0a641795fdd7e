import t from 'tap'
import { testApp } from '../../support/app.ts'
import { chat, order } from '../../support/shop.ts'

const make = (payload: object) => ({ method: 'POST' as const, url: '/api/products', payload })

t.test('staff see numbers, the public and customers a word', async (t) => {
  const { call, person } = await testApp(t)
  const me = await person('employee')
  const customer = await person('customer')
  const made = await call({
    ...make({ name: 'Gaming Laptop', price: '1299.00', stock: 8, lowStockThreshold: 2 }),
    as: me.token,
  })
  t.equal(made.status, 201)
  t.match(made.body.product, {
    name: 'Gaming Laptop',
    status: 'active',
    price: { amount: 129_900, currency: 'USD', formatted: '$1,299.00' },
    availability: 'in_stock',
    stock: { onHand: 8, reserved: 0, available: 8 },
  })
  const one = await call({ url: String(made.headers['location']), as: me.token })
  t.same(one.body, made.body)
  for (const as of [undefined, customer.token]) {
    const { body, text } = await call({ url: '/api/products', as })
    t.match(body.data, [{ name: 'Gaming Laptop', availability: 'in_stock', variants: [{ availability: 'in_stock' }] }])
    t.notMatch(text, /onHand|"stock"/)
  }
  const staff = await call({ url: '/api/products', as: me.token })
  t.match(staff.body.data[0].variants[0], { stock: { onHand: 8 } })
})

t.test('drafts are for staff', async (t) => {
  const { call, person } = await testApp(t)
  const me = await person('employee')
  const made = await call({ ...make({ name: 'Secret Lamp', price: 5, status: 'draft' }), as: me.token })
  t.match((await call({ url: '/api/products' })).body.data, [])
  t.same((await call({ url: '/api/products?status=draft' })).body.data, [])
  t.equal((await call({ url: `/api/products/${made.body.product.id}` })).status, 404)
  t.equal((await call({ url: '/api/products?status=draft', as: me.token })).body.data.length, 1)
})

t.test('variants have prices of their own', async (t) => {
  const { call, person } = await testApp(t)
  const me = await person('employee')
  const variants = [
    { name: 'Red', price: 10, stock: 1, options: { colour: 'red' } },
    { name: 'Blue', price: { amount: 1250, currency: 'USD' }, options: { colour: 'blue' } },
  ]
  const made = await call({ ...make({ name: 'T-Shirt', variants }), as: me.token })
  t.match(made.body.product, {
    price: { amount: 1000 },
    priceTo: { amount: 1250 },
    variants: [
      { name: 'T-Shirt Red', availability: 'in_stock' },
      { name: 'T-Shirt Blue', availability: 'out_of_stock' },
    ],
  })
})

t.test('lists filter, sort and page', async (t) => {
  const { call, person } = await testApp(t)
  const me = await person('employee')
  const category = await call({ method: 'POST', url: '/api/categories', payload: { name: 'Tea' }, as: me.token })
  const categoryId = category.body.category.id
  const goods = [
    { name: 'Assam', price: 9, stock: 1, categoryId },
    { name: 'Chai', price: 3, stock: 0, categoryId },
    { name: 'Mug', price: 6, stock: 4, sku: 'MUG-1' },
  ]
  for (const payload of goods) t.equal((await call({ ...make(payload), as: me.token })).status, 201)
  const names = async (query: string) => {
    const { body } = await call({ url: `/api/products${query}` })
    return body.data?.map(({ name }: { name: string }) => name) ?? body.code
  }
  t.same(await names('?sort=price'), ['Chai', 'Mug', 'Assam'])
  t.same(await names('?sort=-createdAt'), ['Mug', 'Chai', 'Assam'])
  t.same(await names(`?categoryId=${categoryId}`), ['Assam', 'Chai'])
  t.same(await names('?inStock=true'), ['Assam', 'Mug'])
  t.same(await names('?q=mug-1'), ['Mug'])
  t.same(await names('?minPrice=4&maxPrice=8.50'), ['Mug'])
  t.equal(await names('?minPrice=cheap'), 'invalid-parameter')
  t.equal(await names('?minPrice=1.005'), 'invalid-parameter')
  t.equal(await names('?sort=colour'), 'invalid-parameter')
  const first = (await call({ url: '/api/products?sort=price&limit=2' })).body
  t.same(await names(`?sort=price&limit=2&cursor=${first.page.nextCursor}`), ['Assam'])
  t.equal(await names(`?sort=name&cursor=${first.page.nextCursor}`), 'invalid-cursor', 'a cursor keeps its order')
})

t.test('bad products get clear answers', async (t) => {
  const { call, person } = await testApp(t)
  const me = await person('employee')
  await call({ ...make({ name: 'Mug', price: 5, sku: 'MUG' }), as: me.token })
  const cases: readonly [object, number, string, string][] = [
    [{ name: 'Cup', price: -1 }, 422, 'invalid-money', 'price'],
    [{ name: 'Cup', price: '1.005' }, 422, 'invalid-money', 'price'],
    [{ name: 'Cup', price: { amount: 5, currency: 'EUR' } }, 422, 'invalid-money', 'price'],
    [{ name: 'Cup' }, 422, 'invalid-product', 'price'],
    [{ name: 'Cup', price: 1, variants: [{ name: 'A', price: 1 }] }, 422, 'invalid-product', 'variants'],
    [{ name: 'Help', price: 1 }, 422, 'name-is-command', 'name'],
    [{ name: ' MUG ', price: 1 }, 422, 'name-taken', 'name'],
    [{ name: 'Cup', price: 1, sku: 'mug' }, 409, 'sku-taken', 'sku'],
    [{ name: 'Cup', price: 1, stock: 1.5 }, 422, 'validation-failed', 'stock'],
    [{ name: 'Cup', price: true }, 422, 'validation-failed', 'price'],
    [{ name: 'Cup', price: 1, colour: 'red' }, 422, 'validation-failed', 'colour'],
    [
      { name: 'Cup', price: 1, variants: [{ name: 'A', price: 1, size: 4 }] },
      422,
      'validation-failed',
      'variants[0].size',
    ],
  ]
  for (const [payload, status, code, path] of cases) {
    const { body } = await call({ ...make(payload), as: me.token })
    t.match(body, { status, code }, JSON.stringify(payload))
    t.equal(body.errors[0].path, path, JSON.stringify(payload))
  }
  const nowhere = { name: 'Cup', price: 1, categoryId: '01890000-0000-7000-8000-000000000001' }
  t.match((await call({ ...make(nowhere), as: me.token })).body, { status: 422, code: 'category-not-found' })
})

t.test('a product is changed with the version that was read, and its prices are remembered', async (t) => {
  const { call, person } = await testApp(t)
  const me = await person('employee')
  const made = await call({ ...make({ name: 'Blue Mug', price: '12.00', stock: 3, taxRate: 7.5 }), as: me.token })
  t.equal(made.headers['etag'], '"1"')
  const url = `/api/products/${made.body.product.id}`
  const read = await call({ url, as: me.token })
  t.equal(read.headers['etag'], '"1"')
  t.match(read.body.product.variants[0], {
    aliases: [],
    taxRate: 7.5,
    taxIncluded: true,
    trackStock: true,
    lowStockThreshold: 0,
    maxPerOrder: 999,
    version: 1,
  })
  const patch = (payload: object, tag?: string) =>
    call({
      method: 'PATCH',
      url,
      payload,
      as: me.token,
      ...(tag === undefined ? {} : { headers: { 'if-match': tag } }),
    })
  const changed = await patch({ price: '13.50', aliases: ['cup'] }, '"1"')
  t.equal(changed.headers['etag'], '"2"')
  t.match(changed.body.product, { version: 2, price: { amount: 1350 }, variants: [{ aliases: ['cup'] }] })
  t.match((await patch({ price: 1 }, '"1"')).body, { status: 412, code: 'stale-version' })
  t.match((await patch({ price: 1 }, '1')).body, { status: 400, code: 'invalid-parameter' })
  t.match((await patch({ price: 1 }, '*')).body, { product: { version: 3 } })
  t.match((await patch({ stock: 5 })).body, { status: 422, code: 'validation-failed' }, 'stock is moved, not set')
  t.match((await patch({ maxPerOrder: 0 })).body, { status: 422, code: 'validation-failed' })
  t.match((await patch({ name: 'Help' })).body, { code: 'name-is-command', errors: [{ path: 'name' }] })
  await call({ ...make({ name: 'Tea Glass', price: 1 }), as: me.token })
  t.match((await patch({ aliases: ['cup', 'tea  GLASS'] })).body, {
    code: 'name-taken',
    detail: 'Chat could not tell "tea GLASS" from "Tea Glass". Change the name, SKU or alias.',
    errors: [{ path: 'aliases[1]' }],
  })
  const history = await call({ url: `${url}/price-history`, as: me.token })
  t.match(history.body.data, [
    { sku: 'BLUE-MUG', price: { amount: 100, formatted: '$1.00' }, changedBy: { id: me.id } },
    { price: { amount: 1350 } },
    { price: { amount: 1200 } },
  ])
  const first = (await call({ url: `${url}/price-history?limit=2`, as: me.token })).body
  const rest = await call({ url: `${url}/price-history?limit=2&cursor=${first.page.nextCursor}`, as: me.token })
  t.match(rest.body, { data: [{ price: { amount: 1200 } }], page: { nextCursor: null } })
  const nowhere = '/api/products/01890000-0000-7000-8000-000000000001'
  t.equal((await call({ method: 'PATCH', url: nowhere, payload: { description: '' }, as: me.token })).status, 404)
  t.equal((await call({ url: `${nowhere}/price-history`, as: me.token })).status, 404)
  t.notMatch(
    (await call({ url })).text,
    /aliases|maxPerOrder|lowStockThreshold|"stock"/,
    'nothing of it for the public',
  )
})

t.test('managers archive and delete; what was ordered is archived', async (t) => {
  const { call, person, db, organization } = await testApp(t)
  const me = await person('employee')
  const boss = await person('manager')
  const { customerId } = await chat(db, organization, me.id, '+15550100009', [])
  await order(db, organization, me.id, customerId)
  const mug = (await call({ url: '/api/products' })).body.data[0]
  const made = await call({ ...make({ name: 'Tea Glass', price: 1, stock: 2 }), as: me.token })
  const glass = `/api/products/${made.body.product.id}`
  const remove = (url: string, as: string, tag = '*') =>
    call({ method: 'DELETE', url, as, headers: { 'if-match': tag } })
  t.equal((await remove(glass, me.token)).status, 403)
  const archive = { method: 'PATCH' as const, url: glass, payload: { status: 'archived' } }
  t.match((await call({ ...archive, as: me.token })).body, { status: 403, code: 'forbidden' })
  t.match((await call({ ...archive, as: boss.token })).body, { product: { status: 'archived', version: 2 } })
  t.equal((await remove(glass, boss.token, '"1"')).status, 412)
  t.equal((await remove(glass, boss.token, '"2"')).status, 204)
  t.equal((await call({ url: glass, as: boss.token })).status, 404)
  const kept = await remove(`/api/products/${mug.id}`, boss.token)
  t.match(kept.body, { product: { name: 'Blue Mug', status: 'archived' } })
  t.equal(kept.status, 200)
  t.equal((await call({ url: `/api/products/${mug.id}` })).status, 404, 'the public sees it no more')
})

t.test('a shop may keep its catalogue from employees', async (t) => {
  const { call, person, db } = await testApp(t)
  const me = await person('employee')
  const boss = await person('manager')
  const made = await call({ ...make({ name: 'Mug', price: 1 }), as: me.token })
  await db.run(`update organizations set settings = settings || '{"employeesEditCatalog": false}'`)
  const writes = [
    make({ name: 'Cup', price: 1 }),
    { method: 'PATCH' as const, url: `/api/products/${made.body.product.id}`, payload: { price: 2 } },
    { method: 'POST' as const, url: '/api/categories', payload: { name: 'Tea' } },
  ]
  for (const write of writes) {
    t.match((await call({ ...write, as: me.token })).body, { status: 403, code: 'forbidden' }, write.url)
    t.ok((await call({ ...write, as: boss.token })).status < 300, write.url)
  }
  t.equal((await call({ url: '/api/products', as: me.token })).status, 200)
  const may = async (as: string) => (await call({ url: '/api/auth/profile', as })).body.user.permissions
  t.notOk((await may(me.token)).includes('products:write'), 'and says so')
  t.ok((await may(boss.token)).includes('products:write'))
  await db.run(`update organizations set settings = settings || '{"employeesEditCatalog": true}'`)
  t.ok((await may(me.token)).includes('products:write'))
  t.equal((await call({ ...make({ name: 'Bowl', price: 1 }), as: me.token })).status, 201, 'at once')
})

t.test('lists say how many there are when asked, and sort both ways', async (t) => {
  const { call, person } = await testApp(t)
  const me = await person('employee')
  for (const [name, price] of [
    ['A', 3],
    ['B', 1],
    ['C', 2],
  ] as const)
    await call({ ...make({ name: `Mug ${name}`, price }), as: me.token })
  const list = async (query: string) => (await call({ url: `/api/products${query}` })).body
  t.same((await list('?limit=2')).page.total, undefined)
  t.match(await list('?limit=2&count=true&sort=-price'), {
    data: [{ name: 'Mug A' }, { name: 'Mug C' }],
    page: { total: 3 },
  })
  t.match(await list('?count=true&q=mug%20b'), { data: [{ name: 'Mug B' }], page: { total: 1 } })
  t.match((await list('?sort=-name')).data[0], { name: 'Mug C' })
  t.match((await list('?sort=createdAt')).data[0], { name: 'Mug A' })
})
