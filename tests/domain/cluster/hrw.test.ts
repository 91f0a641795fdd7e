import t from 'tap'
import { rendezvous } from '../../../src/domain/cluster/hrw.ts'

const sessions = Array.from({ length: 6_000 }, (_, n) => `0198c0de-0000-7000-8000-${String(n).padStart(12, '0')}`)
const node = (incarnation: string, capacity = 100) => ({ incarnation, capacity })

const counts = (nodes: readonly { incarnation: string; capacity: number }[]) => {
  const found = new Map<string | null, number>()
  for (const session of sessions) {
    const home = rendezvous(session, nodes)
    found.set(home, (found.get(home) ?? 0) + 1)
  }
  return found
}

t.test('without a node there is no home', async (t) => {
  t.equal(rendezvous('s', []), null)
})

t.test('nodes are filled in proportion to their capacity', async (t) => {
  const found = counts([node('a', 100), node('b', 200), node('c', 300)])
  for (const [name, wanted] of [
    ['a', 1_000],
    ['b', 2_000],
    ['c', 3_000],
  ] as const)
    t.ok(Math.abs((found.get(name) ?? 0) - wanted) < 150, `${name} has ${found.get(name)}`)
})

t.test('a node that goes moves only its own sessions, wherever it stands in the list', async (t) => {
  const [a, b, c] = [node('a'), node('b'), node('c')]
  let moved = 0
  for (const session of sessions) {
    const before = rendezvous(session, [a, b, c])
    if (rendezvous(session, [c, a, b]) !== before) t.fail('the order of the nodes decides')
    if (rendezvous(session, [b, a]) === before) continue
    moved += 1
    if (before !== 'c') t.fail(`${session} moved without need`)
  }
  t.ok(moved > 1_800 && moved < 2_200, `${moved} of 6000 moved`)
})
