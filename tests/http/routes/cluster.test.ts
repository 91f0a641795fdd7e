import t from 'tap'
import type { Database } from '../../../src/persistence/database.ts'
import { testApp } from '../../support/app.ts'
import { NODE_A, NODE_B } from '../../support/cluster-admin.ts'

const SOMEWHERE = '01890000-0000-7000-8000-000000000001'

const audited = (db: Database, subject: string) =>
  db.rows<{ action: string; actor: string; after: unknown }>(
    `select action, actor_id as actor, after from audit_log where subject = ? and action like 'session.%' order by id`,
    [subject],
  )

t.test('admins see the nodes, which one answers, and how they do', async (t) => {
  const { call, person } = await testApp(t)
  const admin = await person('admin')
  const { body } = await call({ url: '/api/admin/cluster', as: admin.token })
  t.same(body.summary, { nodes: 2, sessions: 4, versions: ['0.0.0-test', '0.0.1-test'] })
  t.same(body.nodes[0], {
    id: 'a',
    incarnation: NODE_A,
    version: '0.0.0-test',
    role: 'all',
    state: 'up',
    self: true,
    sessions: 3,
    capacity: 500,
    leaseSlackMs: 5_800,
    loopLagMs: 1.5,
    rssMb: 120,
    startedAt: '2026-01-31T12:00:00.000Z',
  })
  t.match(body.nodes[1], { id: 'b', state: 'draining', self: false })
})

t.test('a session is moved, by the name of a node or to wherever there is room, and it is written down', async (t) => {
  const { call, person, cluster, db } = await testApp(t)
  const admin = await person('admin')
  const me = await person('employee')
  cluster.owners.set(me.id, NODE_A)
  const move = (payload?: object) =>
    call({
      method: 'POST',
      url: `/api/admin/sessions/${me.id}/move`,
      as: admin.token,
      ...(payload === undefined ? {} : { payload }),
    })
  const moved = await move({ node: 'b' })
  t.equal(moved.status, 200)
  t.same(moved.body, { session: { userId: me.id, from: NODE_A, to: NODE_B } })
  t.match((await move({ node: 'nobody' })).body, { status: 422, code: 'unknown-node' })
  t.match((await move()).body, { status: 409, code: 'nowhere-to-move' })
  t.match((await move({ nodes: 'b' })).body, { status: 422, code: 'validation-failed' })
  t.same(
    await audited(db, me.id),
    [{ action: 'session.move', actor: admin.id, after: { from: NODE_A, to: NODE_B } }],
    'refusals changed nothing',
  )
})

t.test('a session is started again, or disconnected, and it is written down', async (t) => {
  const { call, person, cluster, sessions, db } = await testApp(t)
  const admin = await person('admin')
  const me = await person('employee')
  const post = (what: string, payload?: object) =>
    call({
      method: 'POST',
      url: `/api/admin/sessions/${me.id}/${what}`,
      as: admin.token,
      ...(payload === undefined ? {} : { payload }),
    })
  const early = await post('restart')
  t.match(early.body, { status: 503, code: 'owner-moved' })
  t.equal(early.headers['retry-after'], '2')
  cluster.owners.set(me.id, NODE_A)
  t.same((await post('restart')).body, { session: { userId: me.id, restarted: true } })
  t.same(cluster.restarted, [me.id])

  sessions.put(me.id, { state: 'open' })
  t.match((await post('disconnect')).body, {
    session: { userId: me.id, state: 'disconnected', unlinked: false },
  })
  t.match((await post('disconnect', { unlink: true })).body, { session: { unlinked: true } })
  t.same(
    sessions.asked.map(({ user, body }) => [user, body]),
    [
      [me.id, { unlink: false }],
      [me.id, { unlink: true }],
    ],
  )
  sessions.refuseNext('session.disconnect', 'overloaded')
  t.match((await post('disconnect')).body, { status: 503, code: 'overloaded' })
  t.same(
    (await audited(db, me.id)).map(({ action }) => action),
    ['session.restart', 'session.disconnect', 'session.unlink'],
  )
})

t.test('whom there is not cannot be moved', async (t) => {
  const { call, person } = await testApp(t)
  const admin = await person('admin')
  for (const what of ['move', 'restart', 'disconnect']) {
    const url = `/api/admin/sessions/${SOMEWHERE}/${what}`
    t.match((await call({ method: 'POST', url, as: admin.token })).body, { status: 404, code: 'not-found' })
    const nonsense = `/api/admin/sessions/me/${what}`
    t.match((await call({ method: 'POST', url: nonsense, as: admin.token })).body, { status: 404 })
  }
})
