import t from 'tap'
import { testApp } from '../../support/app.ts'

t.test('categories are flat or a tree, public to read', async (t) => {
  const { call, person } = await testApp(t)
  const me = await person('employee')
  const make = async (payload: object) =>
    (await call({ method: 'POST', url: '/api/categories', payload, as: me.token })).body.category
  const drinks = await make({ name: 'Drinks', position: 1 })
  const tea = await make({ name: 'Tea', parentId: drinks.id })
  t.match(tea, { name: 'Tea', slug: 'tea', parentId: drinks.id, position: 0, productCount: 0 })
  const flat = await call({ url: '/api/categories' })
  t.same(flat.body.data.map(({ slug }: { slug: string }) => slug).sort(), ['drinks', 'tea'])
  t.notOk('children' in flat.body.data[0])
  const tree = await call({ url: '/api/categories?tree=true' })
  t.match(tree.body.data, [{ slug: 'drinks', children: [{ slug: 'tea', children: [] }] }])
})

t.test('bad categories get clear answers', async (t) => {
  const { call, person } = await testApp(t)
  const me = await person('employee')
  const make = (payload: object) => call({ method: 'POST', url: '/api/categories', payload, as: me.token })
  let parentId: string | null = null
  for (const name of ['a', 'b', 'c', 'd', 'e']) parentId = (await make({ name, parentId })).body.category.id
  t.match((await make({ name: 'f', parentId })).body, { status: 422, code: 'category-too-deep' })
  t.match((await make({ name: 'A' })).body, { status: 409, code: 'slug-taken' })
  t.match((await make({ name: '!' })).body, { status: 422, code: 'invalid-category' })
  t.match((await make({ name: 'x'.repeat(100) })).body, { status: 422, code: 'invalid-category' })
  const nowhere = '01890000-0000-7000-8000-000000000001'
  t.match((await make({ name: 'g', parentId: nowhere })).body, { status: 422, code: 'category-not-found' })
  t.match((await make({ name: 'g', parentId: 'a' })).body, { status: 422, code: 'validation-failed' })
  t.match((await call({ method: 'POST', url: '/api/categories', payload: { name: 'g' } })).body, { status: 401 })
})

t.test('categories are renamed, moved with all below them, and deleted', async (t) => {
  const { call, person } = await testApp(t)
  const me = await person('employee')
  const boss = await person('manager')
  const send = (method: 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object, headers = {}) =>
    call({ method, url, headers, as: boss.token, ...(payload === undefined ? {} : { payload }) })
  const make = async (name: string, parentId: string | null = null) =>
    (await send('POST', '/api/categories', { name, parentId })).body.category
  const at = (id: string) => `/api/categories/${id}`
  const [drinks, food] = [await make('Drinks'), await make('Food')]
  const tea = await make('Tea', drinks.id)
  const green = await make('Green', tea.id)
  for (const [name, categoryId] of [
    ['Sencha', green.id],
    ['Assam', tea.id],
    ['Bread', food.id],
  ])
    await send('POST', '/api/products', { name, price: 1, categoryId })
  await send('POST', '/api/products', { name: 'Draft', price: 1, categoryId: green.id, status: 'draft' })
  const counts = async () =>
    Object.fromEntries(
      (await call({ url: '/api/categories' })).body.data.map((each: { slug: string; productCount: number }) => [
        each.slug,
        each.productCount,
      ]),
    )
  t.same(await counts(), { drinks: 2, food: 1, tea: 2, green: 1 }, 'with what is below, active ones only')

  const read = await call({ url: at(tea.id) })
  t.equal(read.headers['etag'], '"1"')
  t.match(read.body.category, { name: 'Tea', version: 1 })
  const moved = await send('PATCH', at(tea.id), { name: 'Teas', parentId: food.id, position: 4 }, { 'if-match': '"1"' })
  t.match(moved.body.category, {
    name: 'Teas',
    slug: 'tea',
    parentId: food.id,
    position: 4,
    version: 2,
    productCount: 2,
  })
  t.match((await send('PATCH', at(tea.id), { name: 'T' }, { 'if-match': '"1"' })).body, { code: 'stale-version' })
  t.same(await counts(), { drinks: 0, food: 3, tea: 2, green: 1 })
  t.match((await send('PATCH', at(food.id), { parentId: green.id })).body, { status: 422, code: 'category-cycle' })
  t.match((await send('PATCH', at(tea.id), { parentId: tea.id })).body, { code: 'category-cycle' })
  t.match((await send('PATCH', at(tea.id), { slug: 'Food' })).body, { code: 'slug-taken' })
  t.match((await send('PATCH', at(tea.id), { name: '!' })).body, { code: 'invalid-category' })
  let deep = drinks.id
  for (const name of ['a', 'b']) deep = (await make(name, deep)).id
  t.match((await send('PATCH', at(food.id), { parentId: deep })).body, { code: 'category-too-deep' }, '3 and 3 are 6')
  t.match((await send('PATCH', at(tea.id), { parentId: deep })).body, { category: { parentId: deep } }, '3 and 2 are 5')

  t.equal((await call({ method: 'DELETE', url: at(food.id), as: me.token })).status, 403)
  t.match((await send('DELETE', at(food.id))).body, { status: 409, code: 'category-in-use' })
  t.match((await send('DELETE', `${at(tea.id)}?moveTo=${green.id}`)).body, { code: 'category-cycle' })
  t.match((await send('DELETE', `${at(tea.id)}?moveTo=01890000-0000-7000-8000-000000000001`)).body, {
    code: 'category-not-found',
  })
  t.match((await send('DELETE', `${at(tea.id)}?to=x`)).body, { status: 400, code: 'invalid-parameter' })
  t.equal((await send('DELETE', `${at(tea.id)}?moveTo=${food.id}`)).status, 204)
  t.match((await call({ url: at(green.id) })).body.category, { parentId: food.id, version: 2 })
  t.same(await counts(), { drinks: 0, food: 3, green: 1, a: 0, b: 0 })
  t.equal((await send('DELETE', `${at(food.id)}?moveTo=none`)).status, 204)
  t.match((await call({ url: at(green.id) })).body.category, { parentId: null })
  const bread = (await call({ url: '/api/products?q=bread' })).body.data[0]
  t.match(bread, { category: null, version: 2 })
  t.equal((await send('DELETE', at(deep))).status, 204, 'an empty one')
  t.equal((await send('DELETE', at(deep))).status, 404)
  const tree = await call({ url: '/api/categories/tree' })
  t.match(tree.body.data.map(({ slug }: { slug: string }) => slug).sort(), ['drinks', 'green'])
})

t.test('two moves at once make no ring', async (t) => {
  const { call, person } = await testApp(t)
  const me = await person('employee')
  const make = async (name: string) =>
    (await call({ method: 'POST', url: '/api/categories', payload: { name }, as: me.token })).body.category.id
  const move = (id: string, parentId: string) =>
    call({ method: 'PATCH', url: `/api/categories/${id}`, payload: { parentId }, as: me.token })
  for (let round = 0; round < 5; round += 1) {
    const [a, b] = [await make(`A${round}`), await make(`B${round}`)]
    const answers = await Promise.all([move(a, b), move(b, a)])
    t.same(answers.map(({ status }) => status).sort(), [200, 422])
  }
})
