import t from 'tap'
import { DatabaseUnavailable } from '../../../src/persistence/database.ts'
import { testApp } from '../../support/app.ts'

t.test('health says that all is well', async (t) => {
  const { call } = await testApp(t)
  const { status, body } = await call({ url: '/health' })
  t.equal(status, 200)
  t.match(body, {
    status: 'ok',
    version: '0.0.0-test',
    problems: [],
    warnings: [],
    checks: { database: { status: 'up' }, whatsapp: { open: 0, total: 0 }, outbox: { pending: 0, oldestSeconds: 0 } },
  })
  t.ok(body.checks.database.latencyMs >= 0)
})

t.test('a database that is away, or does not answer, is said; live does not ask it', async (t) => {
  const { call, db } = await testApp(t)
  const { ping } = db
  Object.assign(db, { ping: () => Promise.reject(new DatabaseUnavailable('away')) })
  const away = await call({ url: '/health' })
  t.equal(away.status, 503)
  t.match(away.body, {
    status: 'error',
    problems: [/database/],
    checks: { database: { status: 'down' }, outbox: null },
  })
  Object.assign(db, {
    ping: () => {
      throw new Error('live must not come here')
    },
  })
  t.match((await call({ url: '/health/live' })).body, { status: 'ok' })
  Object.assign(db, { ping })
  t.equal((await call({ url: '/health' })).status, 200)
})

t.test('health warns while another server than WhatsApp’s own is used', async (t) => {
  const environment = { WHATSAPP_SOCKET_URL: 'ws://127.0.0.1:5100/ws/chat', WHATSAPP_TRUST_ROOT: 'ab'.repeat(32) }
  const { call } = await testApp(t, { environment })
  t.match((await call({ url: '/health' })).body, { status: 'ok', warnings: [/WHATSAPP_SOCKET_URL/] })
})
