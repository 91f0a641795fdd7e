import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { testApp } from '../../support/app.ts'

t.test('admins see the sessions at work, with who they belong to', async (t) => {
  const { call, person, sessions, db } = await testApp(t)
  const admin = await person('admin')
  const me = await person('employee')
  const other = await person('employee')
  sessions.put(me.id, { state: 'open' })
  sessions.put(other.id, { state: 'reconnecting' })
  await db.run(
    `insert into session (id, desired, phone, connected_at) values (?, 'connected', '+15550100100', now())`,
    [me.id],
  )
  const { body } = await call({ url: '/api/whatsapp/sessions/active', as: admin.token })
  t.equal(body.data.length, 2)
  t.match(
    body.data.find(({ userId }: { userId: string }) => userId === me.id),
    {
      email: me.email,
      state: 'open',
      phoneNumber: '+15550100100',
      instanceId: 'node-1',
      messagesIn24h: 0,
      stale: false,
    },
  )
  t.match(
    body.data.find(({ userId }: { userId: string }) => userId === other.id),
    { email: other.email, phoneNumber: null, connectedAt: null },
  )
  t.same(body.summary, { open: 1, connecting: 1, instances: 1, unreachable: 0, disagreements: 0 })
})

t.test(
  'sessions of a node that does not answer are shown as that, and what differs from the lease table is flagged',
  async (t) => {
    const { call, person, sessions, cluster } = await testApp(t)
    const admin = await person('admin')
    const [lost, torn] = [await person('employee'), await person('employee')]
    sessions.put(lost.id, { state: 'open' })
    sessions.put(torn.id, { state: 'open' })
    cluster.flags.set(lost.id, {
      node: 'b',
      state: 'unknown',
      since: null,
      reachable: false,
      disagreement: 'not-listed',
    })
    cluster.flags.set(torn.id, { disagreement: 'owner' })
    const { body } = await call({ url: '/api/whatsapp/sessions/active', as: admin.token })
    const of = (id: string) => body.data.find(({ userId }: { userId: string }) => userId === id)
    t.match(of(lost.id), {
      node: 'b',
      state: 'unknown',
      reachable: false,
      disagreement: 'not-listed',
      email: lost.email,
    })
    t.match(of(torn.id), { node: 'a', state: 'open', reachable: true, disagreement: 'owner' })
    t.same(body.summary, { open: 1, connecting: 0, instances: 1, unreachable: 1, disagreements: 2 })
  },
)

t.test('admins see what the janitor did', async (t) => {
  const { call, person } = await testApp(t)
  const admin = await person('admin')
  const { body } = await call({ url: '/api/admin/cleanup-stats', as: admin.token })
  t.match(body, { intervalMs: 300_000, runs: 1, lastRun: { checked: 1, purged: { inbox: 0 } }, totals: { closed: 0 } })
})

t.test('admins read who did what, in pages, by person, action, subject and time', async (t) => {
  const { call, person, db, organization } = await testApp(t)
  const admin = await person('admin')
  const other = await person('employee')
  await db.run('delete from audit_log')
  const rows = [
    ['product.create', admin.id, '2026-01-01T00:00:00Z'],
    ['product.update', admin.id, '2026-01-02T00:00:00Z'],
    ['order.cancel', other.id, '2026-01-03T00:00:00Z'],
  ] as const
  for (const [action, actor, at] of rows)
    await db.run('insert into audit_log (id, org_id, action, actor_id, subject, at) values (?, ?, ?, ?, ?, ?)', [
      uuidv7(),
      organization.id,
      action,
      actor,
      `subject of ${action}`,
      at,
    ])
  const read = async (query: string) => {
    const { body } = await call({ url: `/api/admin/audit${query}`, as: admin.token })
    return { actions: body.data?.map(({ action }: { action: string }) => action), page: body.page, status: body.status }
  }
  t.same((await read('')).actions, ['order.cancel', 'product.update', 'product.create'])
  t.same((await read(`?actor=${admin.id}`)).actions, ['product.update', 'product.create'])
  t.same((await read('?action=product.')).actions, ['product.update', 'product.create'])
  t.same((await read('?action=product.create')).actions, ['product.create'])
  t.same((await read('?subject=subject%20of%20order.cancel')).actions, ['order.cancel'])
  t.same((await read('?from=2026-01-02T00:00:00Z&to=2026-01-03T00:00:00Z')).actions, ['product.update'])
  const first = await read('?limit=2')
  t.same((await read(`?limit=2&cursor=${first.page.nextCursor}`)).actions, ['product.create'])
  t.equal((await read('?who=me')).status, 400)
})

t.test('admins let the janitor run', async (t) => {
  const { call, person } = await testApp(t)
  const admin = await person('admin')
  const run = await call({ method: 'POST', url: '/api/admin/cleanup/run', as: admin.token })
  t.match(run, { status: 202, body: { started: true } })
})
