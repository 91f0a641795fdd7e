import t from 'tap'
import { cluster } from '../../support/routed.ts'

t.test('a session is moved by whichever node is asked, and answers at its new home', async (t) => {
  const c = cluster(t)
  const [a, b, d] = [await c.node('a'), await c.node('b'), await c.node('d')]
  const user = await c.owned(b)
  t.same(await a.admin.move(user, 'd'), { ok: true, value: { from: b.incarnation, to: d.incarnation } })
  d.local.put(user, { pushName: 'd' })
  t.ok(d.local.fences.has(user), 'the target took it at once')
  t.match(await a.sessions.ask(user, 'session.status', {}), { ok: true, value: { pushName: 'd' } })
  t.same(await b.admin.move(user, d.incarnation), { ok: true, value: { from: d.incarnation, to: d.incarnation } })

  c.planner.best = a.incarnation
  t.match(await b.admin.move(user, null), { ok: true, value: { to: a.incarnation } }, 'to wherever there is room')
  t.match(await a.admin.move(user, null), { ok: false, refusal: { code: 'nowhere-to-move' } })
  t.match(await a.admin.restart(user), { ok: true })
  t.same(a.local.restarted, [user])
})

t.test('only living nodes that take sessions are moved to', async (t) => {
  const c = cluster(t)
  const [a, b] = [await c.node('a'), await c.node('b')]
  await c.node('edge', { role: 'edge' })
  const draining = await c.node('draining')
  const user = await c.owned(b)
  const row = c.store.nodes.get(draining.incarnation)
  if (row !== undefined) c.store.nodes.set(draining.incarnation, { ...row, draining: true })
  for (const name of ['edge', 'draining', 'nobody'])
    t.match(await a.admin.move(user, name), { ok: false, refusal: { code: 'unknown-node' } }, name)
  t.equal(c.store.owners.get(user)?.incarnation, b.incarnation)
})

t.test('a session nobody has begins where it is moved to', async (t) => {
  const c = cluster(t)
  const [a, b] = [await c.node('a'), await c.node('b')]
  const user = await c.owned(b)
  b.local.fences.delete(user)
  c.store.owners.delete(user)
  t.same(await a.admin.move(user, 'b'), { ok: true, value: { from: null, to: b.incarnation } })
  t.ok(b.local.fences.has(user))
})

t.test('an owner that does not let go is told', async (t) => {
  const c = cluster(t)
  const [a, b] = [await c.node('a'), await c.node('b')]
  const user = await c.owned(b)
  b.local.handOver = async () => false
  t.match(await a.admin.move(user, 'a'), { ok: false, refusal: { code: 'owner-moved' } })
  await b.kill()
  t.match(await a.admin.move(user, 'a'), { ok: false, refusal: { code: 'owner-moved' } })
  t.match(await a.admin.restart(user), { ok: false, refusal: { code: 'owner-moved' } })
})
