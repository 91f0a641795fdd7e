import t from 'tap'
import { type Candidate, candidates } from '../../../src/domain/cluster/placement.ts'

const node = (incarnation: string, more: Partial<Candidate> = {}): Candidate => ({
  incarnation,
  role: 'all',
  draining: false,
  version: '1.0.0',
  sessions: 0,
  capacity: 10,
  ...more,
})
const names = (nodes: readonly Candidate[], not?: string) =>
  candidates(nodes, not).map(({ incarnation }) => incarnation)

t.test('edge nodes, draining ones and the one not wanted are never asked', async (t) => {
  const nodes = [node('a'), node('b', { role: 'edge' }), node('c', { draining: true }), node('d', { role: 'worker' })]
  t.same(names(nodes), ['a', 'd'])
  t.same(names(nodes, 'a'), ['d'])
  t.same(names([node('a')], 'a'), [])
  t.same(names([]), [])
})

t.test('the newest version comes first, as numbers and not as text', async (t) => {
  t.same(names([node('a', { version: '1.9.0' }), node('b', { version: '1.10.0' })]), ['b'])
  t.same(names([node('a', { version: '1.9.0' }), node('b', { version: '1.10.0', draining: true })]), ['a'])
})

t.test('a full node comes after those with room, and is asked when none has', async (t) => {
  const full = node('a', { version: '2.0.0', sessions: 10 })
  t.same(names([full, node('b', { sessions: 9 })]), ['b'])
  t.same(names([full, node('b', { sessions: 12 })]), ['a'])
})
