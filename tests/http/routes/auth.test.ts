import { createHmac } from 'node:crypto'
import t from 'tap'
import { PASSWORD, testApp } from '../../support/app.ts'

const login = (email: string, password: string) => ({
  method: 'POST' as const,
  url: '/api/auth/login',
  payload: { email, password },
})
const profile = { method: 'GET' as const, url: '/api/auth/profile' }

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
/** A token signed by hand, with any header, claims and key. */
function sign(header: object, claims: object, key: string, hash = 'sha256'): string {
  const text = `${part(header)}.${part(claims)}`
  return `${text}.${createHmac(hash, key).update(text).digest('base64url')}`
}
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
const SECRET = 'a secret for tests, long enough to be one'

t.test('login gives a token that opens the profile', async (t) => {
  const { call, person } = await testApp(t)
  const { email, id } = await person('employee')
  const answer = await call(login(` ${email.toUpperCase()}`, PASSWORD))
  t.equal(answer.status, 200)
  t.match(answer.body, { tokenType: 'Bearer', expiresIn: 86_400, user: { id, email, role: 'employee' } })
  t.same(Object.keys(claimsOf(answer.body.token)).sort(), ['exp', 'iat', 'org', 'sub', 'tv'])
  const me = await call({ ...profile, as: answer.body.token })
  t.match(me.body.user, { id, whatsapp: { state: 'disconnected', phoneNumber: null } })
  t.ok(me.body.user.permissions.includes('whatsapp:connect'))
  t.notMatch(me.text, /argon2|password/i)
})

t.test('the profile masks the number', async (t) => {
  const { call, person, sessions } = await testApp(t)
  const { id, token } = await person('employee')
  sessions.put(id, { state: 'open', phoneNumber: '+15550100100' })
  const me = await call({ ...profile, as: token })
  t.equal(me.body.user.whatsapp.phoneNumber, '+1•••••0100')
  sessions.refuseNext('session.status', 'session-timeout')
  const silent = await call({ ...profile, as: token })
  t.equal(silent.body.user.whatsapp, null, 'a session that does not answer does not break the profile')
})

t.test('a wrong password and an unknown e-mail are told apart by nothing', async (t) => {
  const { call, person, db } = await testApp(t)
  const { email } = await person('employee')
  const same = (answer: { status: number; body: Record<string, unknown> }) => ({
    status: answer.status,
    body: { ...answer.body, requestId: '' },
  })
  const wrong = await call(login(email, 'not the password'))
  const unknown = await call(login('nobody@shop.test', 'not the password'))
  t.equal(wrong.status, 401)
  t.equal(wrong.body.code, 'invalid-credentials')
  t.same(same(unknown), same(wrong))

  // Both spend the time of one argon2: some 20 ms, where a shortcut would take one or two.
  const times: Record<string, number[]> = { wrong: [], unknown: [] }
  for (let round = 0; round < 4; round += 1)
    for (const [kind, address] of [
      ['wrong', `${round}-${email}`.slice(2)],
      ['unknown', `nobody${round}@shop.test`],
    ] as const) {
      const from = performance.now()
      await call({ ...login(address, 'not the password'), remoteAddress: `10.0.0.${round}` })
      times[kind]?.push(performance.now() - from)
    }
  const fastest = (kind: string) => Math.min(...(times[kind] ?? []))
  t.ok(fastest('unknown') > fastest('wrong') / 3, `unknown ${fastest('unknown')} ms, wrong ${fastest('wrong')} ms`)
  const rows = await db.rows<{ subject: string | null }>(
    `select subject from audit_log where action = 'user.login-failed'`,
  )
  t.equal(rows.length, 10)
})

t.test('five failures make the next attempts wait, for this account and this address only', async (t) => {
  const { call, person, clock } = await testApp(t)
  const { email } = await person('employee')
  const other = await person('employee')
  for (let attempt = 1; attempt <= 5; attempt += 1) t.equal((await call(login(email, 'wrong password'))).status, 401)
  const blocked = await call(login(email, PASSWORD))
  t.match(blocked.body, { status: 429, code: 'too-many-attempts' })
  t.equal(blocked.headers['retry-after'], '60')
  t.equal((await call(login(other.email, PASSWORD))).status, 200)
  t.equal((await call({ ...login(email, PASSWORD), remoteAddress: '10.1.1.1' })).status, 200)
  clock.now = new Date(clock.now.getTime() + 61_000)
  t.equal((await call(login(email, PASSWORD))).status, 200)
  t.equal((await call(login(email, 'wrong password'))).status, 401, 'a success clears the count')
})

t.test('many guesses at once do not get past the limit', async (t) => {
  const { call, person } = await testApp(t)
  const { email } = await person('employee')
  const answers = await Promise.all(Array.from({ length: 20 }, () => call(login(email, 'wrong password'))))
  t.equal(answers.filter(({ status }) => status === 401).length, 5)
  t.equal(answers.filter(({ status }) => status === 429).length, 15)
})

t.test('a disabled account is told so only after the right password', async (t) => {
  const { call, person, db } = await testApp(t)
  const { email, id, token } = await person('employee')
  await db.run(`update users set status = 'disabled' where id = ?`, [id])
  t.match((await call(login(email, PASSWORD))).body, { status: 403, code: 'account-disabled' })
  t.match((await call(login(email, 'wrong password'))).body, { status: 401, code: 'invalid-credentials' })
  t.match((await call({ ...profile, as: token })).body, { status: 403, code: 'account-disabled' })
})

t.test('tokens that are not ours, or not any more, are refused with the reason', async (t) => {
  const { call, person, db } = await testApp(t)
  const { id, token } = await person('admin')
  const claims = claimsOf(token)
  const hs256 = { alg: 'HS256', typ: 'JWT' }
  t.equal((await call({ ...profile, as: sign(hs256, claims, SECRET) })).status, 200, 'the hand-made token is right')
  const cases: readonly [string, string | undefined, string][] = [
    ['no token', undefined, 'unauthenticated'],
    ['rubbish', 'rubbish', 'token-invalid'],
    ['another key', sign(hs256, claims, 'another key that is long enough too'), 'token-invalid'],
    ['algorithm none', `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`, 'token-invalid'],
    ['algorithm none, signed', sign({ alg: 'none' }, claims, SECRET), 'token-invalid'],
    ['another algorithm', sign({ alg: 'HS512', typ: 'JWT' }, claims, SECRET, 'sha512'), 'token-invalid'],
    ['expired', sign(hs256, { ...claims, exp: claims.iat - 10 }, SECRET), 'token-expired'],
    ['without end', sign(hs256, { ...claims, exp: undefined }, SECRET), 'token-invalid'],
    ['another organisation', sign(hs256, { ...claims, org: id }, SECRET), 'token-revoked'],
    ['a user that does not exist', sign(hs256, { ...claims, sub: claims.org }, SECRET), 'token-revoked'],
    ['no user at all', sign(hs256, { ...claims, sub: "' or 1=1 --" }, SECRET), 'token-revoked'],
    ['a role of its own', sign(hs256, { ...claims, tv: 7, role: 'admin' }, SECRET), 'token-revoked'],
  ]
  for (const [name, as, code] of cases) {
    const answer = await call({ ...profile, as })
    t.match(answer.body, { status: 401, code }, name)
    t.match(answer.headers['www-authenticate'], /^Bearer realm=/, name)
  }
  t.match((await call({ ...profile, headers: { authorization: 'Basic YTpi' } })).body, { code: 'token-invalid' })
  await db.run('update users set token_version = token_version + 1 where id = ?', [id])
  t.match((await call({ ...profile, as: token })).body, { code: 'token-revoked' })
})

t.test('a demotion acts at once, with the same token', async (t) => {
  const { call, person, db } = await testApp(t)
  const { id, token } = await person('admin')
  const stats = { method: 'GET' as const, url: '/api/admin/cleanup-stats', as: token }
  t.equal((await call(stats)).status, 200)
  await db.run(`update users set role = 'employee' where id = ?`, [id])
  t.match((await call(stats)).body, { status: 403, code: 'forbidden' })
  await db.run(`update users set role = 'customer' where id = ?`, [id])
  const connect = await call({ method: 'POST', url: '/api/whatsapp/connect', as: token })
  t.match(connect.body, { status: 403, code: 'forbidden' })
})

t.test('a ticket is for streams, not for the rest', async (t) => {
  const { call, person } = await testApp(t)
  const { token } = await person('employee')
  const made = await call({ method: 'POST', url: '/api/auth/sse-ticket', payload: { stream: 'qr' }, as: token })
  t.equal(made.status, 201)
  t.match(made.body, { expiresIn: 60, ticket: /^[\w-]{43}$/ })
  const elsewhere = await call({ method: 'GET', url: `/api/whatsapp/status?ticket=${made.body.ticket}` })
  t.equal(elsewhere.status, 401)
})
