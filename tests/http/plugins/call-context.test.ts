import { request as httpRequest } from 'node:http'
import t from 'tap'
import { testApp } from '../../support/app.ts'
import { cluster } from '../../support/routed.ts'
import { until } from '../../support/until.ts'

t.test('a caller that hangs up at the edge is heard at the owner, with id and trace of the request', async (t) => {
  const c = cluster(t)
  const [a, b] = [await c.node('a'), await c.node('b')]
  const { app, person } = await testApp(t, { reach: a.sessions })
  const { id, token } = await person('employee')
  await b.local.take(id)
  b.local.put(id, { state: 'open' })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const headers = { authorization: `Bearer ${token}`, 'x-request-id': 'order-42' }
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

  const answered = await app.inject({ url: '/api/whatsapp/status', headers: { ...headers, traceparent } })
  t.equal(answered.statusCode, 200)
  t.match(b.local.contexts[0], { requestId: 'order-42', traceparent })

  let go: () => void = () => undefined
  b.local.hold = new Promise((resolve) => {
    go = resolve
  })
  const sent = httpRequest(`${url}/api/whatsapp/status`, { headers, agent: false })
  sent.on('error', () => undefined)
  sent.end()
  const seen = await until('the owner is asked', () => b.local.contexts[1])
  t.match(seen.traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/, 'a trace is made when none came')
  t.notOk(seen.signal.aborted)
  sent.destroy()
  await until('the owner hears of it', () => seen.signal.aborted)
  go()
})

t.test('a body that was read keeps its context', async (t) => {
  const c = cluster(t)
  const [a, b] = [await c.node('a'), await c.node('b')]
  const { app, person } = await testApp(t, { reach: a.sessions })
  const { id, token } = await person('employee')
  await b.local.take(id)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const answer = await fetch(`${url}/api/whatsapp/connect`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'x-request-id': 'connect-7', 'content-type': 'application/json' },
    body: JSON.stringify({}),
  })
  t.equal(answer.status, 202)
  t.match(b.local.contexts[0], { requestId: 'connect-7' })
  t.match(b.local.asked, [{ command: 'session.connect', user: id }])
})
