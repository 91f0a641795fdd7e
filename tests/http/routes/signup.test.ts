import t from 'tap'
import { appOn, PASSWORD, testApp } from '../../support/app.ts'
import { testDatabase } from '../../support/database.ts'

const signup = (payload: object, headers: Record<string, string> = {}) => ({
  method: 'POST' as const,
  url: '/api/auth/signup',
  payload,
  headers,
})

t.test('the first admin, then employees, as the walkthrough has it', async (t) => {
  const { call } = await testApp(t)
  const first = await call(signup({ email: 'User@Company.com', password: 'securepassword', role: 'admin' }))
  t.equal(first.status, 201)
  t.match(first.body.user, { email: 'user@company.com', role: 'admin', status: 'active', approval: null })
  t.notOk('passwordHash' in first.body.user)
  t.type(first.body.token, 'string')

  const second = await call(signup({ email: 'two@company.com', password: 'securepassword', role: 'admin' }))
  t.match(second.body.user, { role: 'employee', requestedRole: 'admin', approval: 'pending', status: 'active' })

  const third = await call(signup({ email: 'three@company.com', password: 'securepassword' }))
  t.match(third.body.user, { role: 'employee', requestedRole: null, approval: null })
})

t.test('two sign-ups at once as first admin make one admin', async (t) => {
  const { db } = await testDatabase(t)
  const [one, two] = await Promise.all([appOn(t, db), appOn(t, db)])
  for (const round of [1, 2, 3]) {
    await db.run('truncate users cascade')
    const answers = await Promise.all(
      [one, two, one, two].map(({ call }, index) =>
        call(signup({ email: `first${round}-${index}@x.test`, password: PASSWORD, role: 'admin' })),
      ),
    )
    t.same(
      answers.map(({ status }) => status),
      [201, 201, 201, 201],
    )
    t.equal(answers.filter(({ body }) => body.user.role === 'admin').length, 1)
    const [row] = await db.rows<{ n: number }>(`select count(*)::int as n from users where role = 'admin'`)
    t.equal(row?.n, 1)
  }
})

t.test('a demoted or disabled admin still keeps strangers from becoming one', async (t) => {
  const { call, db } = await testApp(t)
  await call(signup({ email: 'a@x.test', password: PASSWORD, role: 'admin' }))
  await db.run(`update users set status = 'disabled'`)
  const later = await call(signup({ email: 'b@x.test', password: PASSWORD, role: 'admin' }))
  t.equal(later.body.user.role, 'employee')
})

t.test('the setup token guards the first admin', async (t) => {
  const { call } = await testApp(t, { environment: { SETUP_TOKEN: 'only the operator knows' } })
  const admin = { email: 'a@x.test', password: PASSWORD, role: 'admin' }
  t.match((await call(signup(admin))).body, { code: 'setup-token-wrong', status: 403 })
  t.match((await call(signup(admin, { 'x-setup-token': 'guess' }))).body, { code: 'setup-token-wrong' })
  const right = await call(signup(admin, { 'x-setup-token': 'only the operator knows' }))
  t.match(right.body.user, { role: 'admin' })
})

t.test('admins add anybody, managers their employees, nobody gets another person’s token', async (t) => {
  const { call, person, db } = await testApp(t, { environment: { SIGNUP_MODE: 'open' } })
  const admin = await person('admin')
  const manager = await person('manager')
  const made = await call({ ...signup({ email: 'm@x.test', password: PASSWORD, role: 'manager' }), as: admin.token })
  t.match(made.body.user, { role: 'manager', status: 'active' })
  t.notOk('token' in made.body)
  const member = await call({ ...signup({ email: 'e@x.test', password: PASSWORD }), as: manager.token })
  t.match(member.body.user, { role: 'employee', managerId: manager.id })
  const refused = await call({ ...signup({ email: 'n@x.test', password: PASSWORD, role: 'admin' }), as: manager.token })
  t.match(refused.body, { code: 'forbidden', status: 403 })
  const forged = await call({ ...signup({ email: 'f@x.test', password: PASSWORD, role: 'admin' }), as: 'a.b.c' })
  t.match(forged.body, { code: 'token-invalid', status: 401 })
  const rows = await db.rows('select 1 from users where email in (?, ?)', ['n@x.test', 'f@x.test'])
  t.equal(rows.length, 0)
})

t.test('modes: approval makes pending accounts that cannot log in, closed makes none', async (t) => {
  const { db } = await testDatabase(t)
  const approval = await appOn(t, db, { environment: { SIGNUP_MODE: 'approval' } })
  const closed = await appOn(t, db, { environment: { SIGNUP_MODE: 'closed' } })
  const made = await approval.call(signup({ email: 'p@x.test', password: PASSWORD }))
  t.equal(made.status, 201)
  t.match(made.body.user, { status: 'pending', approval: 'pending' })
  t.notOk('token' in made.body)
  const login = { method: 'POST' as const, url: '/api/auth/login' }
  const right = await approval.call({ ...login, payload: { email: 'p@x.test', password: PASSWORD } })
  t.match(right.body, { status: 403, code: 'account-pending' })
  const wrong = await approval.call({ ...login, payload: { email: 'p@x.test', password: 'not the password' } })
  t.match(wrong.body, { status: 401, code: 'invalid-credentials' }, 'the state is told only after the right password')
  const none = await closed.call(signup({ email: 'c@x.test', password: PASSWORD }))
  t.match(none.body, { status: 403, code: 'signup-closed' })
})

t.test('bad sign-ups get clear answers', async (t) => {
  const { call } = await testApp(t)
  await call(signup({ email: 'taken@x.test', password: PASSWORD }))
  const cases: readonly [object, number, string, string?][] = [
    [{ email: 'TAKEN@x.test ', password: PASSWORD }, 409, 'email-taken'],
    [{ email: 'new@x.test', password: PASSWORD, role: 'owner' }, 422, 'validation-failed', 'role'],
    [{ email: 'not an e-mail', password: PASSWORD }, 422, 'validation-failed', 'email'],
    [{ email: 'new@x.test', password: 'short' }, 422, 'validation-failed', 'password'],
    [{ email: 'new@x.test', password: 'x'.repeat(129) }, 422, 'validation-failed', 'password'],
    [{ email: 'new@x.test', password: 12345678 }, 422, 'validation-failed', 'password'],
    [{ email: 'new@x.test' }, 422, 'validation-failed', 'password'],
    [{ email: 'new@x.test', password: 'Password1' }, 422, 'password-too-common', 'password'],
    [[], 422, 'validation-failed', 'body'],
  ]
  for (const [payload, status, code, path] of cases) {
    const answer = await call(signup(payload))
    t.match(answer.body, { status, code }, JSON.stringify(payload))
    if (path !== undefined) t.equal(answer.body.errors[0].path, path)
    t.notMatch(answer.text, /short|x{100}/, 'what was typed is not repeated')
  }
})

t.test('unknown fields are ignored here', async (t) => {
  const { call } = await testApp(t)
  const made = await call(signup({ email: 'a@x.test', password: PASSWORD, newsletter: true }))
  t.equal(made.status, 201)
})
