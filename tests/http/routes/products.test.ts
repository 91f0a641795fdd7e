import t from 'tap'
import { testApp } from '../../support/app.ts'

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
