import { Writable } from 'node:stream'
import { pino } from 'pino'
import t from 'tap'
import { DatabaseUnavailable } from '../../src/persistence/database.ts'
import { PASSWORD, testApp } from '../support/app.ts'

const PROFILE = { method: 'GET' as const, url: '/api/auth/profile' }

t.test('what cannot be read or found gets a problem document', async (t) => {
  const { call, person } = await testApp(t)
  const { token } = await person('employee')
  const json = { 'content-type': 'application/json' }
  const login = '/api/auth/login'
  const cases: readonly [string, Parameters<typeof call>[0], number, string][] = [
    ['malformed JSON', { method: 'POST', url: login, headers: json, payload: '{"email":' }, 400, 'malformed-json'],
    [
      'a poisoned prototype',
      { method: 'POST', url: login, headers: json, payload: '{"__proto__":{}}' },
      400,
      'malformed-json',
    ],
    [
      'a hostile depth',
      { method: 'POST', url: login, headers: json, payload: '['.repeat(200_000) + ']'.repeat(200_000) },
      422,
      'validation-failed',
    ],
    ['no body', { method: 'POST', url: login, headers: json, payload: '' }, 422, 'validation-failed'],
    ['wrong types', { method: 'POST', url: login, payload: { email: 1, password: [] } }, 422, 'validation-failed'],
    [
      'a form',
      { method: 'POST', url: login, headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: 'a=b' },
      415,
      'unsupported-media-type',
    ],
    [
      'plain text',
      { method: 'POST', url: login, headers: { 'content-type': 'text/plain' }, payload: 'a' },
      415,
      'unsupported-media-type',
    ],
    ['an unknown address', { method: 'GET', url: '/api/nothing' }, 404, 'not-found'],
    ['a wrong method', { method: 'DELETE', url: login }, 405, 'method-not-allowed'],
    [
      'an unknown parameter',
      { method: 'GET', url: '/api/whatsapp/contacts?colour=red', as: token },
      400,
      'invalid-parameter',
    ],
    [
      'a wrong parameter',
      { method: 'GET', url: '/api/whatsapp/contacts?limit=1000', as: token },
      400,
      'invalid-parameter',
    ],
    [
      'a crafted cursor',
      { method: 'GET', url: '/api/whatsapp/contacts?cursor=WyJhIl0.AAAA', as: token },
      400,
      'invalid-cursor',
    ],
    [
      'an unknown field',
      { method: 'POST', url: '/api/whatsapp/disconnect', payload: { x: 1 }, as: token },
      422,
      'validation-failed',
    ],
    [
      'a NUL in the body',
      {
        method: 'POST',
        url: '/api/whatsapp/contact/add',
        payload: { name: 'a\0', phoneNumber: '+15550100100' },
        as: token,
      },
      422,
      'validation-failed',
    ],
    [
      'a NUL in the address',
      { method: 'GET', url: '/api/whatsapp/contacts?q=%00', as: token },
      400,
      'invalid-parameter',
    ],
    ['a broken escape', { method: 'GET', url: '/api/%E0%A4%A' }, 400, 'malformed-request'],
  ]
  for (const [name, options, status, code] of cases) {
    const { body, headers, status: got } = await call(options)
    t.equal(got, status, name)
    t.match(headers['content-type'], /^application\/problem\+json/, name)
    t.match(body, { type: `urn:wa-erp:problem:${code}`, status, code, title: /./, detail: /./, requestId: /./ }, name)
    t.equal(body.message, body.detail, name)
    t.equal(body.requestId, headers['x-request-id'], name)
  }
  const unknown = await call({ method: 'GET', url: '/api/whatsapp/contacts?colour=red', as: token })
  t.match(unknown.body.detail, /^A parameter is wrong\. colour: is not known here; known are: (\w+, )*limit\b/)
})

t.test('405 says what is allowed', async (t) => {
  const { call } = await testApp(t)
  t.equal((await call({ method: 'PUT', url: '/api/auth/login' })).headers['allow'], 'POST')
  const path = '/api/whatsapp/conversations/01890000-0000-7000-8000-000000000001/messages'
  t.match((await call({ method: 'POST', url: path })).body, { status: 405 })
})

t.test('field errors name the field and never repeat the value', async (t) => {
  const { call } = await testApp(t)
  const answer = await call({
    method: 'POST',
    url: '/api/auth/signup',
    payload: { email: 'x', password: 'hunter2', role: 'king' },
  })
  t.same(answer.body.errors.map(({ path }: { path: string }) => path).sort(), ['email', 'password', 'role'])
  t.notMatch(answer.text, /hunter2|king/)
})

t.test('a body over MAX_FILE_SIZE is 413', async (t) => {
  const { call } = await testApp(t, { environment: { MAX_FILE_SIZE: '2kb' } })
  const payload = { email: 'a@x.test', password: 'p'.repeat(3000) }
  t.match((await call({ method: 'POST', url: '/api/auth/login', payload })).body, {
    status: 413,
    code: 'payload-too-large',
  })
})

t.test('request ids: a good one is kept, a bad one replaced', async (t) => {
  const { call } = await testApp(t)
  const ask = async (id: string) =>
    (await call({ url: '/health/live', headers: { 'x-request-id': id } })).headers['x-request-id']
  t.equal(await ask('order-42.a'), 'order-42.a')
  t.not(await ask('a b\tc'), 'a b\tc')
  t.not(await ask('x'.repeat(65)), 'x'.repeat(65))
})

t.test('the database being away is 503 with Retry-After, and over when it is back', async (t) => {
  const { call, person, db } = await testApp(t)
  const { token } = await person('employee')
  const { rows } = db
  Object.assign(db, { rows: () => Promise.reject(new DatabaseUnavailable('connect ECONNREFUSED 10.1.2.3:5432')) })
  const away = await call({ ...PROFILE, as: token })
  t.match(away.body, { status: 503, code: 'database-unavailable' })
  t.equal(away.headers['retry-after'], '5')
  t.notMatch(away.text, /10\.1\.2\.3/)
  Object.assign(db, { rows })
  t.equal((await call({ ...PROFILE, as: token })).status, 200)
})

t.test('a bug is 500 and says nothing of itself', async (t) => {
  const { call, person, db } = await testApp(t)
  const { token } = await person('employee')
  Object.assign(db, { rows: () => Promise.reject(new Error('column "secret" of relation "users"')) })
  const answer = await call({ ...PROFILE, as: token })
  t.match(answer.body, { status: 500, code: 'internal' })
  t.notMatch(answer.text, /secret|users|Error|stack/)
})

t.test('while draining health says so, and everything is answered, once on each connection', async (t) => {
  const { call, state, person } = await testApp(t)
  const { token } = await person('employee')
  t.notMatch((await call({ ...PROFILE, as: token })).headers, { connection: 'close' })
  state.draining = true
  const answer = await call({ ...PROFILE, as: token })
  t.match(answer, { status: 200, headers: { connection: 'close' } })
  t.equal((await call({ url: '/health' })).status, 503)
})

t.test('while closing only health and documentation answer', async (t) => {
  const { call, state, person } = await testApp(t)
  const { token } = await person('employee')
  Object.assign(state, { draining: true, closing: true })
  const answer = await call({ ...PROFILE, as: token })
  t.match(answer.body, { status: 503, code: 'shutting-down' })
  t.ok(answer.headers['retry-after'])
  t.equal((await call({ url: '/health/live' })).status, 200)
  t.equal((await call({ url: '/health' })).status, 503)
})

t.test('logs hold no token, password, ticket or text', async (t) => {
  const lines: string[] = []
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const { call, person } = await testApp(t, { log: pino({ level: 'trace' }, sink) })
  const { token, email } = await person('employee')
  await call({ method: 'POST', url: '/api/auth/login', payload: { email, password: PASSWORD } })
  const made = await call({ method: 'POST', url: '/api/auth/sse-ticket', as: token })
  await call({ url: `/api/whatsapp/status?ticket=${made.body.ticket}`, as: token })
  await call({
    method: 'POST',
    url: '/api/auth/login',
    payload: '{"password":"broken secret"',
    headers: { 'content-type': 'application/json' },
  })
  t.equal(made.status, 201)
  const log = lines.join('')
  t.match(log, /"route":"\/api\/auth\/login"/)
  for (const secret of [token, PASSWORD, made.body.ticket, 'broken secret', email]) t.notOk(log.includes(secret))
})
