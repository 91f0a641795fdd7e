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
