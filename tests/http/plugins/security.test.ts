import t from 'tap'
import { memoryLimits } from '../../../src/actors/cluster/limits.ts'
import { appOn, PASSWORD, testApp } from '../../support/app.ts'

t.test('pages of allowed origins may call, others not', async (t) => {
  const { call } = await testApp(t, { environment: { ALLOWED_ORIGINS: 'https://shop.test' } })
  const ask = async (origin: string) =>
    (await call({ url: '/health/live', headers: { origin } })).headers['access-control-allow-origin']
  t.equal(await ask('https://shop.test'), 'https://shop.test')
  t.equal(await ask('https://evil.test'), undefined)
  const preflight = await call({
    method: 'OPTIONS',
    url: '/api/auth/login',
    headers: {
      origin: 'https://shop.test',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,idempotency-key',
    },
  })
  t.equal(preflight.status, 204)
  t.match(preflight.headers['access-control-allow-headers'], /idempotency-key/)
})

t.test('every answer carries the headers that keep browsers safe', async (t) => {
  const { call } = await testApp(t)
  for (const url of ['/health/live', '/api/nothing', '/api/auth/profile']) {
    const { headers } = await call({ url })
    t.match(
      headers,
      {
        'x-content-type-options': 'nosniff',
        'content-security-policy': /default-src 'none'/,
        'cache-control': 'no-store',
        'x-frame-options': /./,
      },
      url,
    )
    t.notOk(headers['x-powered-by'])
  }
})

t.test('sending has a limit for each account, the rest one for each user', async (t) => {
  const { call, person } = await testApp(t, { http: { sendPerMinute: 2, requestsPerMinute: 8 } })
  const me = await person('employee')
  const other = await person('employee')
  const send = (as: string) =>
    call({ method: 'POST', url: '/api/whatsapp/send-message', payload: { to: '+15550100101', message: 'x' }, as })
  t.same([(await send(me.token)).status, (await send(me.token)).status], [409, 409])
  const refused = await send(me.token)
  t.match(refused.body, { status: 429, code: 'rate-limited' })
  t.ok(Number(refused.headers['retry-after']) > 0)
  t.equal((await send(other.token)).status, 409, 'the limit is each account’s own')

  const statuses: number[] = []
  for (let count = 0; count < 12; count += 1)
    statuses.push((await call({ url: '/api/auth/profile', as: me.token })).status)
  t.ok(statuses.includes(429))
  t.equal(statuses[0], 200)
  t.equal((await call({ url: '/api/auth/profile', as: other.token })).status, 200)
  t.equal((await call({ url: '/health' })).status, 200, 'health is never limited')
})

t.test('logins and sign-ups have a limit for each address', async (t) => {
  const { call } = await testApp(t, { http: { loginPerMinute: 3, signupPerHour: 2 } })
  const login = (index: number, remoteAddress: string) =>
    call({
      method: 'POST',
      url: '/api/auth/login',
      payload: { email: `a${index}@x.test`, password: PASSWORD },
      remoteAddress,
    })
  for (let index = 0; index < 3; index += 1) t.equal((await login(index, '10.0.0.1')).status, 401)
  t.match((await login(4, '10.0.0.1')).body, { status: 429, code: 'rate-limited' })
  t.equal((await login(5, '10.0.0.2')).status, 401)
  const signup = (index: number) =>
    call({ method: 'POST', url: '/api/auth/signup', payload: { email: `s${index}@x.test`, password: PASSWORD } })
  t.same([(await signup(1)).status, (await signup(2)).status, (await signup(3)).status], [201, 201, 429])
})

t.test('nodes that share their counters share every limit, and the wait after failed logins', async (t) => {
  const options = { http: { loginPerMinute: 8, sendPerMinute: 2 }, limits: memoryLimits(() => performance.now()) }
  const one = await testApp(t, options)
  const other = await appOn(t, one.db, options)
  const me = await one.person('employee')
  const send = ({ call }: typeof one) =>
    call({
      method: 'POST',
      url: '/api/whatsapp/send-message',
      payload: { to: '+15550100101', message: 'x' },
      as: me.token,
    })
  t.same([(await send(one)).status, (await send(other)).status, (await send(one)).status], [409, 409, 429])
  const login = ({ call }: typeof one) =>
    call({ method: 'POST', url: '/api/auth/login', payload: { email: me.email, password: 'a wrong one' } })
  for (const node of [one, other, one, other, one]) t.equal((await login(node)).status, 401)
  t.match((await login(other)).body, { status: 429, code: 'too-many-attempts' })
  t.match((await login(one)).body, { code: 'too-many-attempts' })
  t.equal((await login(other)).status, 429)
  t.match((await login(one)).body, { status: 429, code: 'rate-limited' })
})

t.test('limits see the client behind a proxy that is trusted, and nobody who only says so', async (t) => {
  const asked = async (trust: string, forwarded: readonly string[]) => {
    const { call } = await testApp(t, { environment: { TRUST_PROXY: trust }, http: { loginPerMinute: 2 } })
    const payload = { email: 'nobody@example.com', password: PASSWORD }
    const answers: number[] = []
    for (const each of forwarded)
      answers.push(
        (await call({ method: 'POST', url: '/api/auth/login', payload, headers: { 'x-forwarded-for': each } })).status,
      )
    return answers.map((status) => status === 429)
  }
  const many = ['198.51.100.1', '198.51.100.2', '198.51.100.3']
  t.same(await asked('off', many), [false, false, true], 'the header says nothing')
  t.same(await asked('1', many), [false, false, false], 'each client for itself')
  t.same(await asked('127.0.0.1', many), [false, false, false], 'by its address')
  t.same(await asked('10.0.0.9', many), [false, false, true], 'another proxy than that one')
  const pretending = many.map((each) => `${each}, 203.0.113.7`)
  t.same(await asked('1', pretending), [false, false, true], 'what stands before the last hop was said by the client')
})
