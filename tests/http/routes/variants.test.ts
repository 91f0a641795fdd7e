import t from 'tap'
import { testApp } from '../../support/app.ts'

async function aShirt(t: Parameters<typeof testApp>[0]) {
  const { call, person } = await testApp(t)
  const me = await person('employee')
  const boss = await person('manager')
  const variants = [
    { name: 'Red', price: 10, sku: 'RED', options: { colour: 'red' } },
    { name: 'Blue', price: 12, sku: 'BLUE', options: { colour: 'blue' } },
  ]
  const made = await call({ method: 'POST', url: '/api/products', payload: { name: 'Shirt', variants }, as: me.token })
  return { call, me, boss, product: made.body.product }
}

t.test('a variant is changed by itself, with its own version', async (t) => {
  const { call, me, product } = await aShirt(t)
  const [red, blue] = product.variants
  const patch = (payload: object, tag?: string) =>
    call({
      method: 'PATCH',
      url: `/api/variants/${red.id}`,
      payload,
      as: me.token,
      ...(tag === undefined ? {} : { headers: { 'if-match': tag } }),
    })
  const changed = await patch(
    { price: '11.50', maxPerOrder: 2, taxRate: '19', taxIncluded: false, trackStock: false },
    '"1"',
  )
  t.equal(changed.headers['etag'], '"2"')
  t.match(changed.body, {
    variant: {
      id: red.id,
      price: { amount: 1150 },
      maxPerOrder: 2,
      taxRate: 19,
      taxIncluded: false,
      availability: 'in_stock',
      version: 2,
    },
    product: { version: 2, price: { amount: 1150 }, variants: [{ version: 2 }, { id: blue.id, version: 1 }] },
  })
  t.match((await patch({ price: 1 }, '"1"')).body, { status: 412, code: 'stale-version' })
  t.match((await patch({ sku: 'blue' })).body, { status: 409, code: 'sku-taken', errors: [{ path: 'sku' }] })
  t.match((await patch({ name: 'Blue' })).body, { status: 422, code: 'name-taken', errors: [{ path: 'name' }] })
  t.match((await patch({ options: { colour: 'Blue' } })).body, { status: 422, code: 'duplicate-options' })
  t.match((await patch({ price: '1.005' })).body, { status: 422, code: 'invalid-money' })
  t.match((await patch({ stock: 4 })).body, { status: 422, code: 'validation-failed' })
  const history = await call({ url: `/api/products/${product.id}/price-history?variantId=${red.id}`, as: me.token })
  t.match(history.body.data, [{ sku: 'RED', price: { amount: 1150 } }, { price: { amount: 1000 } }])
  t.equal(history.body.data.length, 2)
})

t.test('variants are added once and removed by managers, but not the last', async (t) => {
  const { call, me, boss, product } = await aShirt(t)
  const url = `/api/products/${product.id}/variants`
  const add = (payload: object, headers = {}) => call({ method: 'POST', url, payload, headers, as: me.token })
  const green = { name: 'Green', price: 9, stock: 4 }
  const made = await add(green, { 'idempotency-key': 'one' })
  t.match(made.body, { variant: { name: 'Shirt Green', stock: { onHand: 4 } }, product: { version: 2 } })
  t.equal(made.status, 201)
  const again = await add(green, { 'idempotency-key': 'one' })
  t.same(again.body, made.body)
  t.equal(again.headers['idempotency-replayed'], 'true')
  t.match((await add({ name: 'Grey', price: 9 }, { 'if-match': '"1"' })).body, { status: 412 })
  t.match((await add({ name: 'green', price: 9 })).body, { code: 'name-taken' })
  t.match((await add({ name: '', price: 9 })).body, { code: 'invalid-product', errors: [{ path: 'name' }] })
  const other = await call({ method: 'POST', url: '/api/products', payload: { name: 'Coat', price: 1 }, as: me.token })
  t.match(
    (
      await call({
        method: 'POST',
        url: `/api/products/${other.body.product.id}/variants`,
        payload: green,
        headers: { 'idempotency-key': 'one' },
        as: me.token,
      })
    ).body,
    { code: 'idempotency-key-reused' },
    'the same body for another product is another request',
  )
  const remove = (id: string, as: string) => call({ method: 'DELETE', url: `/api/variants/${id}`, as })
  const [red, blue] = product.variants
  t.equal((await remove(red.id, me.token)).status, 403)
  t.equal((await remove(red.id, boss.token)).status, 204)
  t.equal((await remove(red.id, boss.token)).status, 404)
  t.equal((await remove(made.body.variant.id, boss.token)).status, 204)
  t.match((await remove(blue.id, boss.token)).body, { status: 409, code: 'last-variant' })
})
