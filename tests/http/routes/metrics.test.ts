import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { readConfig } from '../../../src/config.ts'
import { buildHealthApp } from '../../../src/http/health-app.ts'
import { makeLog } from '../../../src/log.ts'
import { makePrometheus } from '../../../src/prometheus.ts'
import { testApp } from '../../support/app.ts'
import { testDatabase } from '../../support/database.ts'

const METRICS_TOKEN = 'a-token-that-only-Prometheus-has'
const metrics = () => makePrometheus((error) => t.fail(String(error)))

t.test('without a token they are read from this machine alone, and not through a proxy', async (t) => {
  const { call } = await testApp(t, { metrics: metrics() })
  const read = (remoteAddress: string, headers = {}) => call({ url: '/metrics', remoteAddress, headers })
  for (const here of ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1']) {
    const { status, headers, text } = await read(here)
    t.equal(status, 200, here)
    t.match(headers['content-type'], /^text\/plain; version=0\.0\.4/)
    t.match(text, '# TYPE whatsapp_erp_http_requests_total counter')
  }
  for (const elsewhere of ['10.0.0.9', '192.168.1.1', '::ffff:10.0.0.1', '2001:db8::1', '128.0.0.1'])
    t.match(await read(elsewhere), { status: 403, body: { code: 'forbidden' } }, elsewhere)
  for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via', 'x-forwarded-host'])
    t.equal((await read('127.0.0.1', { [name]: '127.0.0.1' })).status, 403, name)
})

t.test('with a token only who sends it reads, from wherever', async (t) => {
  const { call, person } = await testApp(t, { metrics: metrics(), environment: { METRICS_TOKEN } })
  const read = (authorization?: string) =>
    call({
      url: '/metrics',
      remoteAddress: '10.0.0.9',
      headers: authorization === undefined ? {} : { authorization },
    })
  t.equal((await read(`Bearer ${METRICS_TOKEN}`)).status, 200)
  for (const wrong of [undefined, 'Bearer ', `Bearer ${METRICS_TOKEN}x`, `Basic ${METRICS_TOKEN}`])
    t.match(await read(wrong), { status: 401, body: { code: 'unauthenticated' } }, String(wrong))
  const { token } = await person('admin')
  t.equal((await read(`Bearer ${token}`)).status, 401, 'an admin is not Prometheus')
  t.equal((await call({ url: '/metrics' })).status, 401, 'not from this machine either')
})

t.test('requests are counted by the pattern of their route: no id and no address becomes a label', async (t) => {
  const { call, person } = await testApp(t, { metrics: metrics() })
  const { token } = await person('employee')
  const id = uuidv7()
  await call({ url: `/api/products/${id}`, as: token })
  await call({ url: `/nowhere/${id}?secret=${id}` })
  const { text } = await call({ url: '/metrics' })
  t.match(text, 'whatsapp_erp_http_requests_total{method="GET",route="/api/products/:id",status="404"} 1')
  t.match(text, 'whatsapp_erp_http_requests_total{method="GET",route="none",status="404"} 1')
  t.match(text, /whatsapp_erp_http_request_duration_seconds_count\{[^}]*route="\/api\/products\/:id"[^}]*\} 1/)
  t.notMatch(text, id)
})

t.test('a worker shows its own', async (t) => {
  const { db } = await testDatabase(t)
  const app = await buildHealthApp({
    config: readConfig({ NODE_ENV: 'test' }),
    log: makeLog('silent'),
    db,
    version: '0.0.0-test',
    monotonic: () => performance.now(),
    newId: uuidv7,
    state: { draining: true, closing: false },
    health: () => ({ open: 2, total: 3 }),
    metrics: metrics(),
  })
  t.teardown(() => app.close())
  t.equal((await app.inject({ url: '/metrics' })).statusCode, 200, 'while it drains, too')
  t.equal((await app.inject({ url: '/metrics', remoteAddress: '10.1.1.1' })).statusCode, 403)
})
