import t, { type Test } from 'tap'
import { uuidv7 } from 'uuidv7'
import type { Person } from '../../support/app.ts'
import { PASSWORD, testApp } from '../../support/app.ts'
import { chat, order } from '../../support/shop.ts'

async function team(t: Test) {
  const it = await testApp(t)
  const admin = await it.person('admin')
  const manager = await it.person('manager')
  const me = await it.person('employee', { managerId: manager.id })
  const other = await it.person('employee')
  const patch = (as: Person, id: string, payload: object, headers = {}) =>
    it.call({ method: 'PATCH', url: `/api/users/${id}`, payload, headers, as: as.token })
  const post = (as: Person, path: string, payload: object = {}) =>
    it.call({ method: 'POST', url: `/api/users${path}`, payload, as: as.token })
  const remove = (as: Person, id: string, query = '') =>
    it.call({ method: 'DELETE', url: `/api/users/${id}${query}`, as: as.token })
  const profile = (as: Person) => it.call({ url: '/api/auth/profile', as: as.token })
  return { ...it, admin, manager, me, other, patch, post, remove, profile }
}

t.test('admins see everybody, managers themselves and their team', async (t) => {
  const { call, admin, manager, me, other } = await team(t)
  const list = async (as: Person, query = '') => {
    const { body } = await call({ url: `/api/users${query}`, as: as.token })
    return body.data.map(({ id }: { id: string }) => id).sort()
  }
  t.same(await list(manager), [manager.id, me.id].sort())
  t.equal((await list(admin)).length, 4)
  t.same(await list(admin, '?role=manager'), [manager.id])
  t.same(await list(admin, `?q=${other.email.slice(0, 40)}`), [other.id])
  const first = await call({ url: '/api/users?limit=3', as: admin.token })
  const second = await call({ url: `/api/users?limit=3&cursor=${first.body.page.nextCursor}`, as: admin.token })
  t.equal(second.body.data.length, 1)
  t.equal((await call({ url: `/api/users/${me.id}`, as: manager.token })).body.user.email, me.email)
  t.equal((await call({ url: `/api/users/${other.id}`, as: manager.token })).status, 404)
  t.notMatch(JSON.stringify(first.body), /argon2|password/)
})

t.test('a manager adds and changes employees and customers of their team, and gives no more than that', async (t) => {
  const { admin, manager, me, other, patch, post, remove } = await team(t)
  const add = (as: Person, role: string) => post(as, '', { email: `${uuidv7()}@shop.test`, password: PASSWORD, role })
  const added = await add(manager, 'employee')
  t.equal(added.status, 201)
  t.match(added.body.user, { role: 'employee', managerId: manager.id, status: 'active' })
  t.equal(added.headers['location'], `/api/users/${added.body.user.id}`)
  t.equal((await add(manager, 'manager')).status, 403)
  t.equal((await add(admin, 'manager')).status, 201)
  t.match((await post(admin, '', { email: me.email, password: PASSWORD })).body, { code: 'email-taken' })
  t.match((await post(admin, '', { email: 'new@shop.test', password: 'password123' })).body, {
    code: 'password-too-common',
  })
  t.equal((await patch(manager, me.id, { role: 'customer' })).body.user.role, 'customer')
  t.equal((await patch(manager, me.id, { role: 'manager' })).status, 403)
  t.equal((await patch(manager, manager.id, { role: 'admin' })).status, 403)
  t.equal((await patch(manager, other.id, { name: 'x' })).status, 404)
  t.equal((await patch(manager, me.id, { managerId: null })).status, 403)
  t.equal((await remove(manager, other.id)).status, 404)
  t.equal((await patch(admin, me.id, { role: 'manager' })).status, 200)
  t.equal((await patch(manager, me.id, { role: 'employee' })).status, 403, 'one of the same rank')
})

t.test('another role, or none, ends every token at once', async (t) => {
  const { db, admin, me, patch, profile } = await team(t)
  const [before] = await db.rows<{ version: number }>('select version from users where id = ?', [me.id])
  t.equal((await patch(admin, me.id, { name: 'Erin' })).status, 200)
  t.equal((await profile(me)).status, 200, 'a name ends nothing')
  t.equal((await patch(admin, me.id, { role: 'customer' }, { 'if-match': `"${before?.version}"` })).status, 412)
  t.equal((await patch(admin, me.id, { role: 'customer' })).status, 200)
  t.equal((await profile(me)).body.code, 'token-revoked')
  const other = await team(t)
  t.equal((await other.post(other.admin, `/${other.me.id}/disable`)).body.user.status, 'disabled')
  t.equal((await other.profile(other.me)).status, 401)
  t.match(
    other.sessions.asked.filter(({ command }) => command === 'session.disconnect'),
    [{ user: other.me.id, body: { unlink: false } }],
    'and their WhatsApp',
  )
  t.match(await db.rows(`select before, after from audit_log where action = 'user.change' order by id desc limit 1`), [
    { before: { role: 'employee' }, after: { role: 'customer' } },
  ])
})

t.test('an admin who can act is always left', async (t) => {
  const { admin, patch, post, remove, person, db } = await team(t)
  const refused = { status: 409, code: 'last-admin' }
  t.match((await patch(admin, admin.id, { role: 'manager' })).body, refused)
  t.match((await patch(admin, admin.id, { status: 'disabled' })).body, refused)
  t.match((await post(admin, `/${admin.id}/disable`)).body, refused)
  t.match((await remove(admin, admin.id)).body, refused)
  const second = await person('admin')
  await db.run(`update users set status = 'disabled' where id = ?`, [second.id])
  t.match((await patch(admin, admin.id, { role: 'manager' })).body, refused, 'a disabled one does not count')
  await db.run(`update users set status = 'active' where id = ?`, [second.id])
  // Both step down at once: one of them stays.
  const both = await Promise.all([
    patch(admin, admin.id, { role: 'manager' }),
    patch(second, second.id, { role: 'manager' }),
  ])
  t.same(both.map(({ status }) => status).sort(), [200, 409])
  t.equal((await db.rows(`select from users where role = 'admin' and status = 'active'`)).length, 1)
})

t.test('who asked for a role gets it, or another, from an admin', async (t) => {
  const { call, admin, manager, post, db } = await team(t)
  const signup = async () =>
    (
      await call({
        method: 'POST',
        url: '/api/auth/signup',
        payload: { email: `${uuidv7()}@shop.test`, password: PASSWORD, role: 'manager' },
      })
    ).body.user
  const [one, two] = [await signup(), await signup()]
  t.match(one, { role: 'employee', requestedRole: 'manager', approval: 'pending' })
  await db.run(`update users set status = 'pending' where id = ?`, [two.id])
  t.match((await post(admin, `/${one.id}/approve`)).body.user, { role: 'manager', requestedRole: null, approval: null })
  t.equal((await post(manager, `/${two.id}/approve`)).status, 404)
  t.match((await post(admin, `/${two.id}/approve`, { role: 'employee' })).body.user, {
    role: 'employee',
    status: 'active',
    requestedRole: null,
    approval: null,
  })
})

t.test('a customer’s account is linked to the customer, and sees its own orders and nothing else', async (t) => {
  const { db, organization, call, person, admin, manager, me, other, patch } = await team(t)
  const ana = await chat(db, organization, me.id, '+15550100101', [])
  const ben = await chat(db, organization, other.id, '+15550100102', [])
  const [mine, foreign] = [
    await order(db, organization, me.id, ana.customerId),
    await order(db, organization, other.id, ben.customerId),
  ]
  const account = await person('customer', { managerId: manager.id })
  const orders = async () =>
    (await call({ url: '/api/orders', as: account.token })).body.data.map((o: { id: string }) => o.id)
  t.same(await orders(), [], 'until somebody says who they are')
  t.match((await patch(manager, account.id, { customerId: ben.customerId })).body, { code: 'unknown-customer' })
  t.match(
    (await patch(admin, me.id, { customerId: ana.customerId })).body,
    { code: 'unknown-customer' },
    'not for staff',
  )
  t.equal((await patch(manager, account.id, { customerId: ana.customerId })).body.user.customerId, ana.customerId)
  t.same(await orders(), [mine])
  t.equal((await call({ url: `/api/orders/${foreign}`, as: account.token })).status, 404)
  t.equal((await patch(admin, account.id, { role: 'employee' })).body.user.customerId, null)
})

t.test('a manager of a user is an active one who does not stand below them', async (t) => {
  const { admin, manager, me, other, patch } = await team(t)
  t.match((await patch(admin, me.id, { managerId: other.id })).body, { code: 'unknown-user' })
  t.match((await patch(admin, me.id, { managerId: uuidv7() })).body, { code: 'unknown-user' })
  await patch(admin, me.id, { role: 'manager' })
  t.match((await patch(admin, manager.id, { managerId: me.id })).body, { code: 'unknown-user' }, 'a ring')
  t.equal((await patch(admin, other.id, { managerId: me.id })).body.user.managerId, me.id)
})

t.test('who leaves is logged out of WhatsApp, loses the keys, and hands over what is wanted', async (t) => {
  const { db, organization, call, admin, manager, me, remove, sessions, profile } = await team(t)
  const ana = await chat(db, organization, me.id, '+15550100101', ['one'])
  const shared = await chat(db, organization, me.id, '+15550100102', ['two'])
  const his = await chat(db, organization, manager.id, '+15550100102', [])
  const orderId = await order(db, organization, me.id, ana.customerId)
  await db.run(`insert into session (id, desired, phone) values (?, 'connected', '+15550100001')`, [me.id])
  await db.run(`insert into creds (session_id, data) values (?, 'secret')`, [me.id])
  await db.run(`insert into key (session_id, type, id, value) values (?, 'session', 'a', 'b')`, [me.id])
  t.match((await remove(admin, me.id, `?moveTo=${uuidv7()}`)).body, { code: 'unknown-user' })
  sessions.refuseNext('session.disconnect', 'owner-moved')
  t.equal((await remove(admin, me.id)).status, 503, 'not while their WhatsApp cannot be logged out')
  t.equal((await profile(me)).status, 200)
  const done = await remove(admin, me.id, `?moveTo=${manager.id}`)
  t.match(done.body, { deleted: { userId: me.id, conversationsMoved: 2 } })
  t.match(sessions.asked.at(-1), { user: me.id, command: 'session.disconnect', body: { unlink: true } })
  t.same(await db.rows('select from creds union all select from key'), [])
  t.match(await db.rows('select desired, phone from session'), [{ desired: 'stopped', phone: null }])
  t.equal((await profile(me)).status, 401)
  t.equal((await call({ url: `/api/users/${me.id}`, as: admin.token })).status, 404)
  t.same(await db.rows('select distinct user_id from conversations'), [{ user_id: manager.id }])
  t.same(await db.rows('select distinct user_id from contacts'), [{ user_id: manager.id }])
  t.same(await db.rows('select distinct user_id from messages'), [{ user_id: manager.id }])
  t.same(await db.rows('select user_id from orders where id = ?', [orderId]), [{ user_id: manager.id }])
  t.match(await db.rows(`select conversation_id as id from messages where text = 'two'`), [{ id: his.conversationId }])
  t.ok(shared)
  const again = await call({
    method: 'POST',
    url: '/api/auth/signup',
    payload: { email: me.email, password: PASSWORD, role: 'employee' },
  })
  t.equal(again.status, 201, 'the address is free')
})
