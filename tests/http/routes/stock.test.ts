import t from 'tap'
import { type Person, type TestApp, testApp } from '../../support/app.ts'
import { chat, order } from '../../support/shop.ts'

const correct = (payload: object, key?: string) => ({
  method: 'POST' as const,
  url: '/api/stock/adjustments',
  payload,
  ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }),
})

async function product({ call }: TestApp, me: Person, more: object): Promise<string> {
  const made = await call({ method: 'POST', url: '/api/products', payload: { price: 1, ...more }, as: me.token })
  return made.body.product.variants[0].id
}

t.test('levels say what is on hand, promised and left, and can be searched, narrowed, sorted and paged', async (t) => {
  const at = await testApp(t)
  const me = await at.person('employee')
  const full = await product(at, me, { name: 'Red Lamp', sku: 'RL-1', stock: 9, lowStockThreshold: 2 })
  await product(at, me, { name: 'Blue Lamp', sku: 'BL-1', stock: 2, lowStockThreshold: 2 })
  await product(at, me, { name: 'Green Chair', sku: 'GC-1', stock: 0, lowStockThreshold: 2 })
  const list = async (query: string) => (await at.call({ url: `/api/stock${query}`, as: me.token })).body
  const skus = async (query: string) => (await list(query)).data.map((row: { sku: string }) => row.sku)
  t.match((await list('?q=red')).data, [
    {
      variantId: full,
      sku: 'RL-1',
      name: 'Red Lamp',
      onHand: 9,
      reserved: 0,
      available: 9,
      threshold: 2,
      state: 'in_stock',
    },
  ])
  t.same(await skus(''), ['BL-1', 'GC-1', 'RL-1'])
  t.same(await skus('?low=true'), ['BL-1'])
  t.same(await skus('?out=true'), ['GC-1'])
  t.same(await skus('?low=true&out=true&sort=available'), ['GC-1', 'BL-1'])
  t.same(await skus('?q=gc-'), ['GC-1'])
  t.same(await skus('?q=%25'), [], 'a percent sign is one')
  for (const sort of ['name', 'sku', 'available', '-available']) {
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const { data, page } = await list(`?limit=1&sort=${sort}${cursor === '' ? '' : `&cursor=${cursor}`}`)
      seen.push(...data.map((row: { sku: string }) => row.sku))
      cursor = page.nextCursor
    }
    t.same(seen, await skus(`?sort=${sort}`), sort)
    t.equal(seen.length, 3)
  }
  t.equal((await at.call({ url: '/api/stock?colour=red', as: me.token })).status, 400)
})

t.test('managers correct stock, once for a key, and the ledger shows what happened', async (t) => {
  const at = await testApp(t)
  const boss = await at.person('manager')
  const id = await product(at, boss, { name: 'Lamp', sku: 'L', stock: 5 })
  const other = await product(at, boss, { name: 'Chair', sku: 'C', stock: 5 })
  const first = await at.call({
    ...correct({ variantId: id, countedOnHand: 7, reason: 'counted' }, 'k'),
    as: boss.token,
  })
  t.equal(first.status, 201)
  t.match(first.body.data, [{ variantId: id, sku: 'L', kind: 'adjustment', delta: 2, onHand: 7, available: 7 }])
  await at.call({ ...correct({ variantId: id, delta: 1, reason: 'found one' }), as: boss.token })
  const again = await at.call({
    ...correct({ variantId: id, countedOnHand: 7, reason: 'counted' }, 'k'),
    as: boss.token,
  })
  t.same([again.body, again.headers['idempotency-replayed']], [first.body, 'true'])
  const other422 = await at.call({ ...correct({ variantId: id, countedOnHand: 9, reason: 'x' }, 'k'), as: boss.token })
  t.equal(other422.body.code, 'idempotency-key-reused')
  const both = {
    reason: 'flood',
    items: [
      { variantId: id, delta: -2, kind: 'writeoff' },
      { variantId: other, delta: 3, kind: 'receipt', reason: 'delivery' },
    ],
  }
  t.equal((await at.call({ ...correct(both), as: boss.token })).status, 201)
  const { body } = await at.call({ url: `/api/stock/movements?variantId=${id}`, as: boss.token })
  t.match(body.data, [
    { kind: 'writeoff', onHandDelta: -2, onHandAfter: 6, reason: 'flood', actor: { type: 'user', id: boss.id } },
    { kind: 'adjustment', onHandDelta: 1, onHandAfter: 8, order: null },
    { kind: 'adjustment', onHandDelta: 2, onHandAfter: 7, reason: 'counted' },
    { kind: 'receipt', onHandDelta: 5, onHandAfter: 5, sku: 'L', name: 'Lamp' },
  ])
  const page1 = await at.call({ url: '/api/stock/movements?kind=receipt&limit=1', as: boss.token })
  t.match(page1.body.data, [{ sku: 'C', reason: 'delivery' }])
  const page2 = await at.call({
    url: `/api/stock/movements?kind=receipt&limit=2&cursor=${page1.body.page.nextCursor}`,
    as: boss.token,
  })
  t.match(page2.body, { data: [{ sku: 'C', reason: 'initial stock' }, { sku: 'L' }], page: { nextCursor: null } })
  const future = new Date(Date.now() + 60_000).toISOString()
  t.same((await at.call({ url: `/api/stock/movements?from=${future}`, as: boss.token })).body.data, [])
  t.equal((await at.call({ url: `/api/stock/movements?to=${future}`, as: boss.token })).body.data.length, 6)
  const admin = await at.person('admin')
  t.same((await at.call({ url: '/api/stock/check', as: admin.token })).body, { ok: true, differences: [] })
})

t.test('what is wrong with a correction is said field by field', async (t) => {
  const at = await testApp(t)
  const boss = await at.person('manager')
  const id = await product(at, boss, { name: 'Lamp', stock: 5 })
  const codeOf = async (payload: object) => {
    const { status, body } = await at.call({ ...correct(payload), as: boss.token })
    return [status, body.code, body.errors?.[0]?.path]
  }
  t.same(await codeOf({ variantId: id, delta: 1 }), [422, 'invalid-adjustment', 'reason'])
  t.same(await codeOf({ delta: 1, reason: 'x' }), [422, 'invalid-adjustment', 'variantId'])
  t.same(await codeOf({ variantId: id, reason: 'x' }), [422, 'invalid-adjustment', 'delta'])
  t.same(await codeOf({ items: [{ variantId: id, delta: 1 }] }), [422, 'invalid-adjustment', 'items[0].reason'])
  t.same(await codeOf({ delta: 1, reason: 'x', items: [{ variantId: id, delta: 1 }] }), [
    422,
    'invalid-adjustment',
    'items',
  ])
  t.same(await codeOf({ variantId: id, delta: 1, reason: 'x', total: 3 }), [422, 'validation-failed', 'total'])
  t.same(await codeOf({ variantId: id, delta: -6, reason: 'x' }), [409, 'below-reserved', 'variantId'])
  t.same(await codeOf({ variantId: '01890000-0000-7000-8000-000000000001', delta: 1, reason: 'x' }), [
    422,
    'unknown-variant',
    'variantId',
  ])
})

t.test('whose order took it is shown within the scope alone', async (t) => {
  const at = await testApp(t)
  const erin = await at.person('employee')
  const sam = await at.person('employee')
  const amal = await chat(at.db, at.organization, erin.id, '+15550100', [])
  const orderId = await order(at.db, at.organization, erin.id, amal.customerId)
  const seen = async (as: string) => (await at.call({ url: '/api/stock/movements?kind=reserve', as })).body.data
  t.match(await seen(erin.token), [
    { order: { id: orderId, label: 'ORD-001001' }, actor: { type: 'customer', id: amal.customerId }, reservedDelta: 3 },
  ])
  t.match(await seen(sam.token), [{ order: null, actor: { type: 'customer', id: null }, reservedAfter: 3 }])
})
