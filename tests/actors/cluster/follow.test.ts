import t from 'tap'
import { cluster, listener } from '../../support/routed.ts'
import { until } from '../../support/until.ts'

const EXPIRES = '2026-01-31T12:00:00.000Z'
const qr = (text: string) => ({ type: 'qr' as const, qr: text, expiresAt: EXPIRES, attempt: 1 })

t.test('a watch at another node hears the present state and every change, until it stops', async (t) => {
  const c = cluster(t)
  const [a, b] = [await c.node('a'), await c.node('b')]
  const user = await c.owned(b, 'disconnected')
  const { seen, hear } = listener()
  const stop = a.sessions.watch(user, hear)
  await until('the state', () => seen.length === 1)
  t.match(seen[0], { type: 'status', state: 'disconnected' })
  b.local.play(user, qr('one'))
  b.local.play(user, qr('two'))
  await until('two codes', () => seen.length === 3)
  t.same(seen.slice(1), [qr('one'), qr('two')])
  stop()
  stop()
  await until('the owner lets go', () => b.local.watchers(user) === 0)
  b.local.play(user, qr('three'))
  t.equal(seen.length, 3)
})

t.test('it survives a move that is announced, one that is not, and coming home; nothing is told twice', async (t) => {
  const c = cluster(t)
  const [a, b, d] = [await c.node('a'), await c.node('b'), await c.node('d')]
  const user = await c.owned(b, 'disconnected')
  const { seen, hear } = listener()
  t.teardown(a.sessions.watch(user, hear))
  await until('the state', () => seen.length === 1)
  b.local.play(user, qr('at b'))
  await until('the first code', () => seen.length === 2)

  // Announced by the planner to the node that had it.
  d.local.play(user, qr('at b'))
  await c.move(user, b, d)
  const home = c.store.owners.get(user)
  if (home !== undefined) b.directory.moved(user, home)
  await until('listening at d', () => d.local.watchers(user) === 1)
  await until('b lets go', () => b.local.watchers(user) === 0)
  d.local.play(user, qr('at d'))
  await until('the second code', () => seen.length === 3)

  // Not announced at all.
  await c.move(user, d, a)
  await until('listening at home', () => a.local.watchers(user) === 1)
  a.local.play(user, qr('at a'))
  await until('the third code', () => seen.some((event) => event.type === 'qr' && event.qr === 'at a'))

  // And away again.
  b.local.play(user, qr('back at b'))
  await c.move(user, a, b)
  await until('the fourth code', () => seen.some((event) => event.type === 'qr' && event.qr === 'back at b'))
  const codes = seen.flatMap((event) => (event.type === 'qr' ? [event.qr] : []))
  t.same(codes, ['at b', 'at d', 'at a', 'back at b'])
  t.equal(a.local.watchers(user), 0)
})

t.test('it survives the death of its node: the next owner is found when there is one', async (t) => {
  const c = cluster(t)
  const [a, b, d] = [await c.node('a'), await c.node('b'), await c.node('d')]
  const user = await c.owned(b, 'disconnected')
  const { seen, hear } = listener()
  t.teardown(a.sessions.watch(user, hear))
  await until('the state', () => seen.length === 1)
  await b.kill()
  c.bury(b)
  c.planner.best = d.incarnation
  await until('listening at d', () => d.local.watchers(user) === 1)
  d.local.play(user, qr('at d'))
  await until('the code', () => seen.length >= 2)
  t.same(seen.at(-1), qr('at d'))
})

t.test('a watch that begins when nobody can be asked hears as soon as somebody can', async (t) => {
  const c = cluster(t)
  const edge = await c.node('edge', { role: 'edge' })
  const b = await c.node('b')
  const user = await c.owned(b, 'disconnected')
  await b.local.fences.delete(user)
  c.store.owners.delete(user)
  const { seen, hear } = listener()
  const stop = edge.sessions.watch(user, hear)
  t.same(seen, [])
  c.planner.best = b.incarnation
  await until('the state', () => seen.length === 1)
  stop()
})

t.test(
  'a node that is frozen ends no stream: the watch leaves it when others say so, or when it counts as dead',
  async (t) => {
    const c = cluster(t)
    const [a, b, d] = [await c.node('a'), await c.node('b'), await c.node('d')]
    const user = await c.owned(b, 'disconnected')
    const { seen, hear } = listener()
    t.teardown(a.sessions.watch(user, hear))
    await until('the state', () => seen.length === 1)

    // b does not know that it lost the session, and says nothing.
    const stale = b.local.fences.get(user)
    await c.move(user, b, d)
    if (stale !== undefined) b.local.fences.set(user, stale)
    const home = c.store.owners.get(user)
    if (home !== undefined) a.directory.moved(user, home)
    await until('listening at d', () => d.local.watchers(user) === 1)

    // d neither, and nobody tells anything but that d is dead.
    c.bury(d)
    await a.local.take(user)
    await until('listening at home', () => a.local.watchers(user) === 1)
    t.ok(d.local.fences.has(user))
  },
)
