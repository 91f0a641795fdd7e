import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { PASSWORD, testApp } from '../../support/app.ts'

t.test('an invite counts once, for its address and its role, until it is withdrawn or too old', async (t) => {
  const { call, person, clock } = await testApp(t)
  const admin = await person('admin')
  const invite = async (payload: object) =>
    (await call({ method: 'POST', url: '/api/invites', payload, as: admin.token })).body
  const signup = (inviteToken: string, email = `${uuidv7()}@shop.test`, role?: string) =>
    call({ method: 'POST', url: '/api/auth/signup', payload: { email, password: PASSWORD, inviteToken, role } })
  const made = await invite({ role: 'manager' })
  t.match(made, { invite: { role: 'manager', email: null, usedAt: null }, token: /^inv_/ })
  const used = await signup(made.token)
  t.match(used.body.user, { role: 'manager', status: 'active', requestedRole: null })
  t.match((await signup(made.token)).body, { status: 422, code: 'invite-invalid' })
  t.match((await signup('inv_nonsense')).body, { code: 'invite-invalid' })
  const narrow = await invite({ role: 'employee', email: 'Erin@shop.test' })
  t.match((await signup(narrow.token)).body, { code: 'invite-invalid' }, 'another address')
  t.match((await signup(narrow.token, 'erin@shop.test', 'admin')).body, { code: 'invite-invalid' }, 'a higher role')
  t.equal((await signup(narrow.token, 'erin@shop.test')).body.user.role, 'employee')
  const gone = await invite({})
  const remove = () => call({ method: 'DELETE', url: `/api/invites/${gone.invite.id}`, as: admin.token })
  t.equal((await remove()).status, 204)
  t.equal((await remove()).status, 404)
  t.match((await signup(gone.token)).body, { code: 'invite-invalid' })
  const old = await invite({ expiresInDays: 1 })
  const list = await call({ url: '/api/invites', as: admin.token })
  t.equal(list.body.data.length, 3)
  t.notMatch(list.text, /inv_/)
  clock.now = new Date(clock.now.getTime() + 86_400_001)
  t.match((await signup(old.token)).body, { code: 'invite-invalid' })
})
