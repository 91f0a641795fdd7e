import t from 'tap'
import { sortableVersion } from '../../../src/domain/cluster/version.ts'

t.test('as text they sort as versions do', async (t) => {
  const ordered = [
    'unknown',
    '0.9.9',
    '0.10.0',
    '1.0.0-alpha',
    '1.0.0-alpha.2',
    '1.0.0-alpha.10',
    '1.0.0-beta',
    '1.0.0-rc.1',
    '1.0.0',
    '1.0.1',
    '1.9.0',
    '1.10.0',
    '2.0.0',
    '10.0.0',
  ]
  const shuffled = ordered.map((_, n) => ordered[(n * 5) % ordered.length] ?? '')
  const sorted = shuffled.toSorted((a, b) => (sortableVersion(a) < sortableVersion(b) ? -1 : 1))
  t.same(sorted, ordered)
})

t.test('a build is no other version', async (t) => {
  t.equal(sortableVersion('1.2.3+abc'), sortableVersion('v1.2.3'))
})
