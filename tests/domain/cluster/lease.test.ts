import t from 'tap'
import { type Clocks, continued, extended, leftMs, mayBury, type Streak } from '../../../src/domain/cluster/lease.ts'

const TIMES = { ttlMs: 8_000, marginMs: 2_000 }
const at = (monotonic: number, wall = monotonic + 1_000_000): Clocks => ({ monotonic, wall })

t.test('a renewal lets the node act from when it was sent, less the margin', async (t) => {
  const deadline = extended(null, at(100), TIMES)
  t.equal(leftMs(deadline, at(100)), 6_000)
  t.equal(leftMs(deadline, at(6_099)), 1)
  t.equal(leftMs(deadline, at(6_100)), 0)
  t.equal(leftMs(deadline, at(60_000)), 0, 'never less than nothing')
})

t.test('an answer that came late never takes away what a later renewal gave', async (t) => {
  const later = extended(null, at(5_000), TIMES)
  t.equal(extended(later, at(1_000), TIMES), later)
  t.equal(leftMs(extended(later, at(6_000), TIMES), at(6_000)), 6_000)
})

t.test('a machine that slept has no lease left, whichever of its clocks stood still', async (t) => {
  const deadline = extended(null, at(0, 0), TIMES)
  t.equal(leftMs(deadline, at(10, 60_000)), 0, 'the monotonic clock stood still')
  t.equal(leftMs(deadline, at(60_000, 10)), 0, 'somebody set the wall clock back')
})

t.test('others may be declared dead after one whole lease of unbroken renewals, not before', async (t) => {
  t.notOk(mayBury(null, TIMES))
  let streak: Streak | null = null
  for (let ms = 0; ms < 8_000; ms += 1_500) {
    streak = continued(streak, at(ms), TIMES)
    t.notOk(mayBury(streak, TIMES), `after ${ms} ms`)
  }
  t.ok(mayBury(continued(streak, at(9_000), TIMES), TIMES))
})

t.test('a pause longer than a lease begins the wait anew, on whichever clock it is seen', async (t) => {
  const old: Streak = { since: at(0), last: at(20_000) }
  t.ok(mayBury(continued(old, at(21_500), TIMES), TIMES))
  t.notOk(mayBury(continued(old, at(28_001), TIMES), TIMES), 'the process was frozen')
  t.notOk(mayBury(continued(old, at(21_500, 1_060_000), TIMES), TIMES), 'the machine slept')
})
