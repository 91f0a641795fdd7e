import t from 'tap'
import { testApp } from '../../support/app.ts'

const BRIEF = [
  'POST /api/auth/signup',
  'POST /api/auth/login',
  'GET /api/auth/profile',
  'POST /api/auth/sse-ticket',
  'POST /api/whatsapp/connect',
  'POST /api/whatsapp/disconnect',
  'GET /api/whatsapp/status',
  'GET /api/whatsapp/qr',
  'POST /api/whatsapp/send-message',
  'POST /api/whatsapp/send-catalog',
  'GET /api/whatsapp/conversations',
  'GET /api/whatsapp/conversations/{id}/messages',
  'POST /api/whatsapp/conversations/{id}/read',
  'GET /api/whatsapp/contacts',
  'POST /api/whatsapp/contact/add',
  'GET /api/products',
  'POST /api/products',
  'GET /api/categories',
  'POST /api/categories',
  'GET /api/orders',
  'GET /api/orders/{id}',
  'GET /api/whatsapp/sessions/active',
  'GET /api/admin/cleanup-stats',
  'GET /health',
  'GET /health/live',
]

t.test('the OpenAPI document has every route with its answers, security and refusals', async (t) => {
  const { call } = await testApp(t)
  const { body, status } = await call({ url: '/openapi.json' })
  t.equal(status, 200)
  t.match(body, { openapi: /^3\.1/, info: { title: 'WhatsApp ERP' } })
  for (const route of BRIEF) {
    const [method = '', path = ''] = route.split(' ')
    const operation = body.paths[path]?.[method.toLowerCase()]
    t.ok(operation, route)
    if (operation === undefined) continue
    t.ok(operation.summary, `${route} has a summary`)
    const statuses = Object.keys(operation.responses)
    t.ok(
      statuses.some((code) => code.startsWith('2')),
      `${route} has a success`,
    )
    t.ok(statuses.includes('500'), `${route} has problems`)
    const problem = operation.responses['500'].content['application/problem+json'].schema
    t.equal(problem.$ref, '#/components/schemas/Problem', `${route} names the problem’s shape`)
    if (operation.security !== undefined) t.ok(statuses.includes('401'), `${route} may say 401`)
    if (method === 'POST' && !route.endsWith('/read')) t.ok(operation.requestBody, `${route} has a body`)
  }
  const bodyOf = (path: string) => body.paths[path].post.requestBody
  t.match(bodyOf('/api/whatsapp/send-message'), {
    required: true,
    content: { 'application/json': { schema: { properties: { to: {}, message: {} }, required: ['to', 'message'] } } },
  })
  t.match(bodyOf('/api/whatsapp/connect'), { required: false })
  t.match(body.paths['/health'].get.responses['503'].content['application/json'], { schema: {} })
  t.notMatch(JSON.stringify(body), /x-body-optional|Default Response/)
  t.match(body.components.securitySchemes.bearer, { type: 'http', scheme: 'bearer' })
})

t.test('every reference of the document leads somewhere', async (t) => {
  const { call } = await testApp(t)
  const { body, text } = await call({ url: '/openapi.json' })
  const names = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref ?? '')
  t.ok(names.length > 10)
  for (const ref of new Set(names)) t.ok(body.components.schemas[ref.replace('#/components/schemas/', '')], ref)
})

t.test('the page at / shows all routes, without scripts and without the internet', async (t) => {
  const { call } = await testApp(t)
  const { status, headers, text } = await call({ url: '/' })
  t.equal(status, 200)
  t.match(headers['content-type'], /^text\/html/)
  t.match(headers['content-security-policy'], /default-src 'none'/)
  for (const route of BRIEF) t.ok(text.includes(`<code>${route.split(' ')[1]}</code>`), route)
  t.notMatch(text, /<script|src=|https?:\/\/(?!localhost)/)
  t.ok(text.includes('securepassword'), 'the walkthrough')
})
