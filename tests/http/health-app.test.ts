import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { readConfig } from '../../src/config.ts'
import { buildHealthApp } from '../../src/http/health-app.ts'
import { makeLog } from '../../src/log.ts'
import { testDatabase } from '../support/database.ts'

t.test('a worker answers /health and nothing of the API', async (t) => {
  const { db } = await testDatabase(t)
  const state = { draining: false, closing: false }
  const app = await buildHealthApp({
    config: readConfig({ NODE_ENV: 'test' }),
    log: makeLog('silent'),
    db,
    version: '0.0.0-test',
    monotonic: () => performance.now(),
    newId: uuidv7,
    state,
    health: () => ({ open: 2, total: 3 }),
  })
  t.teardown(() => app.close())
  const get = (url: string) => app.inject({ url })
  const health = await get('/health')
  t.equal(health.statusCode, 200)
  t.match(health.json(), { status: 'ok', checks: { whatsapp: { open: 2, total: 3 } } })
  t.equal((await get('/health/live')).statusCode, 200)
  for (const url of ['/', '/api/products', '/api/auth/profile', '/openapi.json', '/internal/ping'])
    t.match((await get(url)).json(), { status: 404, code: 'not-found' }, url)
  state.draining = true
  t.equal((await get('/health')).statusCode, 503)
})
