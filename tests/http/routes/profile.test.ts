import t from 'tap'
import { PASSWORD, testApp } from '../../support/app.ts'

const NEW = 'another horse entirely'

t.test('a person changes their name, and nothing that is not theirs to change', async (t) => {
  const { call, person } = await testApp(t)
  const me = await person('employee')
  const patch = (payload: object) => call({ method: 'PATCH', url: '/api/auth/profile', payload, as: me.token })
  t.equal((await patch({ name: ' Erin ' })).body.user.name, 'Erin')
  t.match((await patch({ name: 'Erin', role: 'admin' })).body, { status: 422, errors: [{ path: 'role' }] })
  t.equal((await call({ url: '/api/auth/profile', as: me.token })).body.user.role, 'employee')
})

t.test('a new password takes the old one, and ends every other token', async (t) => {
  const { call, person, db } = await testApp(t)
  const me = await person('customer')
  const change = (payload: object) => call({ method: 'POST', url: '/api/auth/password', payload, as: me.token })
  t.match((await change({ currentPassword: 'wrong', newPassword: NEW })).body, { code: 'invalid-credentials' })
  t.match((await change({ currentPassword: PASSWORD, newPassword: 'password123' })).body, {
    code: 'password-too-common',
  })
  t.match((await change({ currentPassword: PASSWORD, newPassword: 'short' })).body, { code: 'validation-failed' })
  const changed = await change({ currentPassword: PASSWORD, newPassword: NEW })
  t.equal(changed.status, 200)
  t.equal((await call({ url: '/api/auth/profile', as: me.token })).body.code, 'token-revoked')
  t.equal((await call({ url: '/api/auth/profile', as: changed.body.token })).status, 200)
  const login = (password: string) =>
    call({ method: 'POST', url: '/api/auth/login', payload: { email: me.email, password } })
  t.equal((await login(PASSWORD)).status, 401)
  t.equal((await login(NEW)).status, 200)
  t.equal((await db.rows(`select from audit_log where action = 'user.password'`)).length, 1)
})

t.test('wrong passwords make the next attempts wait', async (t) => {
  const { call, person } = await testApp(t)
  const me = await person('employee')
  const change = () =>
    call({
      method: 'POST',
      url: '/api/auth/password',
      payload: { currentPassword: 'wrong', newPassword: NEW },
      as: me.token,
    })
  for (let tries = 0; tries < 5; tries += 1) t.equal((await change()).status, 401)
  t.match((await change()).body, { status: 429, code: 'too-many-attempts' })
})

t.test('all tokens of a person end at their word', async (t) => {
  const { call, person } = await testApp(t)
  const [me, other] = [await person('employee'), await person('employee')]
  t.equal((await call({ method: 'POST', url: '/api/auth/logout-all', as: me.token })).status, 204)
  t.equal((await call({ url: '/api/auth/profile', as: me.token })).body.code, 'token-revoked')
  t.equal((await call({ url: '/api/auth/profile', as: other.token })).status, 200)
})
