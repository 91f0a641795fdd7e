import t from 'tap'
import { testApp } from '../../support/app.ts'

const add = (payload: object) => ({ method: 'POST' as const, url: '/api/whatsapp/contact/add', payload })

t.test('a contact is added once, however the number is written', async (t) => {
  const { call, person } = await testApp(t)
  const me = await person('employee')
  const first = await call({ ...add({ phoneNumber: '+1 234-567-890 0', name: ' Customer  Name ' }), as: me.token })
  t.equal(first.status, 201)
  t.match(first.body.contact, {
    phoneNumber: '+12345678900',
    name: 'Customer Name',
    userId: me.id,
    optedOut: false,
    tags: [],
    onWhatsApp: null,
    language: null,
    lastMessageAt: null,
  })
  const again = await call({
    ...add({ phoneNumber: '0012345678900', name: 'New Name', tags: ['vip', 'vip'], language: 'es' }),
    as: me.token,
  })
  t.equal(again.status, 200)
  t.match(again.body.contact, { id: first.body.contact.id, name: 'New Name', tags: ['vip'], language: 'es' })
  const list = await call({ url: '/api/whatsapp/contacts', as: me.token })
  t.equal(list.body.data.length, 1)
})

t.test('the number of the walkthrough is accepted', async (t) => {
  const { call, person } = await testApp(t)
  const me = await person('employee')
  const answer = await call({ ...add({ phoneNumber: '+1234567890', name: 'Customer Name' }), as: me.token })
  t.equal(answer.status, 201)
})

t.test('bad contacts get clear answers', async (t) => {
  const { call, person } = await testApp(t)
  const me = await person('employee')
  const cases: readonly [object, string, string][] = [
    [{ phoneNumber: '12345', name: 'A' }, 'invalid-phone', 'phoneNumber'],
    [{ phoneNumber: 'call me', name: 'A' }, 'invalid-phone', 'phoneNumber'],
    [{ phoneNumber: '+15550100101', name: '  ' }, 'invalid-name', 'name'],
    [{ phoneNumber: '+15550100101', name: 'x'.repeat(200) }, 'invalid-name', 'name'],
    [{ phoneNumber: 15550100101, name: 'A' }, 'validation-failed', 'phoneNumber'],
    [{ name: 'A' }, 'validation-failed', 'phoneNumber'],
    [{ phoneNumber: '+15550100101', name: 'A', language: 'not a language' }, 'validation-failed', 'language'],
    [{ phoneNumber: '+15550100101', name: 'A', tags: 'vip' }, 'validation-failed', 'tags'],
    [{ phoneNumber: '+15550100101', name: 'A', vip: true }, 'validation-failed', 'vip'],
  ]
  for (const [payload, code, path] of cases) {
    const { body } = await call({ ...add(payload), as: me.token })
    t.match(body, { status: 422, code }, JSON.stringify(payload))
    t.equal(body.errors[0].path, path)
  }
})

t.test('lists by name, in pages, within the scope', async (t) => {
  const { call, person } = await testApp(t)
  const manager = await person('manager')
  const member = await person('employee', { managerId: manager.id })
  const other = await person('employee')
  const admin = await person('admin')
  for (const [index, name] of ['Cleo', 'ana', 'Bea'].entries())
    await call({
      ...add({ phoneNumber: `+1555010011${index}`, name, tags: index === 0 ? ['vip'] : [] }),
      as: member.token,
    })
  await call({ ...add({ phoneNumber: '+15550100120', name: 'Dora' }), as: other.token })
  await call({ ...add({ phoneNumber: '+15550100110', name: 'The same Cleo' }), as: other.token })

  const list = async (as: string, query = '') => {
    const { body } = await call({ url: `/api/whatsapp/contacts${query}`, as })
    return { names: body.data.map(({ name }: { name: string }) => name), page: body.page }
  }
  t.same((await list(member.token)).names, ['ana', 'Bea', 'Cleo'])
  t.same((await list(manager.token)).names, ['ana', 'Bea', 'Cleo'])
  t.same((await list(other.token)).names, ['Dora', 'The same Cleo'])
  t.equal((await list(admin.token)).names.length, 5)
  t.same((await list(manager.token, `?userId=${other.id}`)).names, [])
  t.same((await list(member.token, '?q=EA')).names, ['Bea'])
  t.same((await list(member.token, '?q=%2B1%20555-0100-112')).names, ['Bea'])
  t.same((await list(member.token, '?tag=vip')).names, ['Cleo'])

  const first = await list(member.token, '?limit=2')
  t.same(first.names, ['ana', 'Bea'])
  t.equal(first.page.limit, 2)
  const second = await list(member.token, `?limit=2&cursor=${first.page.nextCursor}`)
  t.same(second, { names: ['Cleo'], page: { limit: 2, nextCursor: null } })
  const stolen = await call({ url: `/api/orders?cursor=${first.page.nextCursor}`, as: member.token })
  t.match(stolen.body, { status: 400, code: 'invalid-cursor' }, 'a cursor counts for its own list')
})

t.test('a contact is changed and removed by who sees it; erasing is a manager’s', async (t) => {
  const { call, person, db } = await testApp(t)
  const manager = await person('manager')
  const me = await person('employee', { managerId: manager.id })
  const other = await person('employee')
  const made = async (phoneNumber: string) =>
    (await call({ ...add({ phoneNumber, name: 'Ana' }), as: me.token })).body.contact
  const ana = await made('+15550100101')
  const url = `/api/whatsapp/contacts/${ana.id}`
  const patch = (as: string, payload: object) => call({ method: 'PATCH', url, payload, as })
  t.match((await patch(me.token, { name: ' Ana  L ', tags: ['a', 'a'], language: 'es' })).body.contact, {
    name: 'Ana L',
    tags: ['a'],
    language: 'es',
  })
  t.match((await patch(manager.token, { language: null })).body.contact, { name: 'Ana L', language: null })
  t.match((await patch(me.token, { name: '' })).body, { code: 'invalid-name' })
  t.equal((await patch(other.token, { name: 'mine' })).status, 404)
  const remove = (as: string, query = '', id: string = ana.id) =>
    call({ method: 'DELETE', url: `/api/whatsapp/contacts/${id}${query}`, as })
  t.equal((await remove(other.token)).status, 404)
  t.equal((await remove(me.token, '?erase=true')).status, 403)
  t.equal((await remove(me.token)).status, 204)
  t.equal((await remove(me.token)).status, 404)
  t.equal((await db.rows('select from customer_identities')).length, 1, 'the archive stays')
  const ben = await made('+15550100102')
  t.equal((await remove(manager.token, '?erase=true', ben.id)).status, 204)
  t.same(await db.rows(`select value from customer_identities`), [{ value: '+15550100101' }])
  t.equal((await db.rows(`select from audit_log where action = 'contact.delete'`)).length, 1)
})
