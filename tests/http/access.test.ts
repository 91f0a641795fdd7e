import t from 'tap'
import { testApp } from '../support/app.ts'

const SOMEWHERE = '01890000-0000-7000-8000-000000000001'
const STAFF = ['employee', 'manager', 'admin']
const EVERYBODY = ['customer', ...STAFF]
const ROLES = ['public', ...EVERYBODY]

/** The matrix of today's routes: who gets past the door. What they then see is tested with each route. */
const MATRIX: readonly (readonly [string, readonly string[]])[] = [
  ['GET /', ROLES],
  ['GET /openapi.json', ROLES],
  ['GET /health', ROLES],
  ['GET /health/live', ROLES],
  ['GET /api/auth/profile', EVERYBODY],
  ['POST /api/auth/sse-ticket', EVERYBODY],
  ['POST /api/whatsapp/connect', STAFF],
  ['POST /api/whatsapp/disconnect', STAFF],
  ['GET /api/whatsapp/status', STAFF],
  ['GET /api/whatsapp/qr', STAFF],
  ['POST /api/whatsapp/send-message', STAFF],
  ['POST /api/whatsapp/send-catalog', STAFF],
  ['GET /api/whatsapp/conversations', STAFF],
  [`GET /api/whatsapp/conversations/${SOMEWHERE}/messages`, STAFF],
  [`POST /api/whatsapp/conversations/${SOMEWHERE}/read`, STAFF],
  [`GET /api/whatsapp/messages/${SOMEWHERE}/media`, STAFF],
  ['GET /api/whatsapp/contacts', STAFF],
  ['POST /api/whatsapp/contact/add', STAFF],
  ['GET /api/products', ROLES],
  [`GET /api/products/${SOMEWHERE}`, ROLES],
  ['POST /api/products', STAFF],
  [`GET /api/products/${SOMEWHERE}/images/${SOMEWHERE}`, ROLES],
  [`POST /api/products/${SOMEWHERE}/images`, STAFF],
  ['POST /api/products/import', STAFF],
  ['GET /api/products/export', STAFF],
  [`PATCH /api/products/${SOMEWHERE}/images/${SOMEWHERE}`, STAFF],
  [`DELETE /api/products/${SOMEWHERE}/images/${SOMEWHERE}`, STAFF],
  [`PATCH /api/products/${SOMEWHERE}`, STAFF],
  [`DELETE /api/products/${SOMEWHERE}`, ['manager', 'admin']],
  [`GET /api/products/${SOMEWHERE}/price-history`, STAFF],
  [`POST /api/products/${SOMEWHERE}/variants`, STAFF],
  [`PATCH /api/variants/${SOMEWHERE}`, STAFF],
  [`DELETE /api/variants/${SOMEWHERE}`, ['manager', 'admin']],
  ['GET /api/categories', ROLES],
  ['GET /api/categories/tree', ROLES],
  [`GET /api/categories/${SOMEWHERE}`, ROLES],
  [`PATCH /api/categories/${SOMEWHERE}`, STAFF],
  [`DELETE /api/categories/${SOMEWHERE}`, ['manager', 'admin']],
  ['POST /api/categories', STAFF],
  ['GET /api/orders', EVERYBODY],
  [`GET /api/orders/${SOMEWHERE}`, EVERYBODY],
  ['GET /api/customers', EVERYBODY],
  [`GET /api/customers/${SOMEWHERE}`, EVERYBODY],
  [`PATCH /api/customers/${SOMEWHERE}`, EVERYBODY],
  [`GET /api/customers/${SOMEWHERE}/orders`, EVERYBODY],
  [`GET /api/customers/${SOMEWHERE}/export`, ['manager', 'admin']],
  [`POST /api/customers/${SOMEWHERE}/erase`, ['manager', 'admin']],
  [`POST /api/customers/${SOMEWHERE}/opt-out`, EVERYBODY],
  [`POST /api/customers/${SOMEWHERE}/opt-in`, EVERYBODY],
  ['POST /api/customers/merge', ['manager', 'admin']],
  ['PATCH /api/auth/profile', EVERYBODY],
  ['GET /api/users', ['manager', 'admin']],
  ['POST /api/users', ['manager', 'admin']],
  [`GET /api/users/${SOMEWHERE}`, ['manager', 'admin']],
  [`PATCH /api/users/${SOMEWHERE}`, ['manager', 'admin']],
  [`DELETE /api/users/${SOMEWHERE}`, ['manager', 'admin']],
  [`POST /api/users/${SOMEWHERE}/approve`, ['manager', 'admin']],
  [`POST /api/users/${SOMEWHERE}/disable`, ['manager', 'admin']],
  ['GET /api/invites', ['admin']],
  ['POST /api/invites', ['admin']],
  [`DELETE /api/invites/${SOMEWHERE}`, ['admin']],
  [`GET /api/orders/${SOMEWHERE}/invoice.pdf`, EVERYBODY],
  ['POST /api/bot/preview', STAFF],
  ['GET /api/settings', ['admin']],
  ['PATCH /api/settings', ['admin']],
  ['GET /api/stock', STAFF],
  ['GET /api/stock/movements', STAFF],
  ['POST /api/stock/adjustments', ['manager', 'admin']],
  ['GET /api/stock/check', ['admin']],
  ['GET /api/reports/sales', STAFF],
  ['GET /api/reports/funnel', STAFF],
  ['GET /api/reports/lost-sales', STAFF],
  ['GET /api/reports/stock-value', STAFF],
  [`GET /api/orders/${SOMEWHERE}/events`, EVERYBODY],
  ['POST /api/orders', STAFF],
  [`PATCH /api/orders/${SOMEWHERE}`, STAFF],
  [`POST /api/orders/${SOMEWHERE}/transitions`, EVERYBODY],
  [`POST /api/orders/${SOMEWHERE}/payments`, STAFF],
  [`POST /api/orders/${SOMEWHERE}/refunds`, ['manager', 'admin']],
  ['GET /api/whatsapp/sessions/active', ['admin']],
  ['GET /api/admin/cleanup-stats', ['admin']],
  ['POST /api/admin/cleanup/run', ['admin']],
  ['GET /api/admin/audit', ['admin']],
  [`PATCH /api/whatsapp/conversations/${SOMEWHERE}`, STAFF],
  [`PATCH /api/whatsapp/contacts/${SOMEWHERE}`, STAFF],
  [`DELETE /api/whatsapp/contacts/${SOMEWHERE}`, STAFF],
  ['GET /api/admin/cluster', ['admin']],
  [`POST /api/admin/sessions/${SOMEWHERE}/move`, ['admin']],
  [`POST /api/admin/sessions/${SOMEWHERE}/restart`, ['admin']],
  [`POST /api/admin/sessions/${SOMEWHERE}/disconnect`, ['admin']],
]
/** Decided by a table of its own (signup-decision) or by a password. */
const OTHERS = ['POST /api/auth/signup', 'POST /api/auth/login', 'POST /api/auth/password', 'POST /api/auth/logout-all']

t.test('each route lets in the roles of the matrix and nobody else', async (t) => {
  const { call, person } = await testApp(t)
  const tokens = new Map<string, string | undefined>([['public', undefined]])
  for (const role of ['customer', 'employee', 'manager', 'admin'] as const) tokens.set(role, (await person(role)).token)
  for (const [route, allowed] of MATRIX) {
    const [method = '', url = ''] = route.split(' ')
    for (const role of ROLES) {
      const { status, body } = await call({
        method: method as 'GET',
        url,
        as: tokens.get(role),
        headers: { accept: 'application/json' },
        ...(['POST', 'PATCH', 'PUT'].includes(method) ? { payload: {} } : {}),
      })
      const name = `${route} by ${role}: ${status} ${body?.code ?? ''}`
      if (allowed.includes(role))
        t.notOk([401, 403].includes(status) || (status >= 500 && !url.startsWith('/health')), name)
      else t.equal(status, role === 'public' ? 401 : 403, name)
    }
  }
})

t.test('a change that changes nothing is refused with what to do, whatever it is of', async (t) => {
  const { call, person } = await testApp(t)
  const { token } = await person('admin')
  const patches = MATRIX.flatMap(([route]) => (route.startsWith('PATCH ') ? [route.slice(6)] : []))
  t.ok(patches.length > 5)
  for (const url of patches) {
    const { status, body } = await call({ method: 'PATCH', url, as: token, payload: {} })
    const [first] = body?.errors ?? []
    t.match({ status, said: first?.message }, { status: 422, said: /^(say what to change|is missing)$/ }, url)
  }
})

t.test('the matrix holds every route', async (t) => {
  const { call } = await testApp(t)
  const { body } = await call({ url: '/openapi.json' })
  const routes = Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.keys(Object(methods)).map((method) => `${method.toUpperCase()} ${path.replace(/\{\w+\}/g, SOMEWHERE)}`),
  )
  const known = [...MATRIX.map(([route]) => route), ...OTHERS]
  t.same(
    routes.filter((route) => !known.includes(route)),
    [],
  )
  t.ok(routes.length >= known.length - 2)
})
