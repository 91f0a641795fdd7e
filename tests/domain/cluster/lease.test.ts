import t from 'tap'
import {
  type Clocks,
  continued,
  extended,
  leftMs,
  mayBury,
  notAfter,
  type Renewal,
  type Streak,
} from '../../../src/domain/cluster/lease.ts'

const TIMES = { ttlMs: 8_000, marginMs: 2_000, jumpMs: 500 }
const at = (monotonic: number, wall = monotonic + 1_000_000): Clocks => ({ monotonic, wall })
/** Sent then, answered 10 ms later, by a database whose clock is so much ahead. */
const renewed = (monotonic: number, wall?: number, ahead = 0): Renewal => ({
  sent: at(monotonic, wall),
  answered: monotonic + 10,
  database: monotonic + 5 + ahead,
})

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
    streak = continued(streak, renewed(ms), TIMES)
    t.notOk(mayBury(streak, TIMES), `after ${ms} ms`)
  }
  t.ok(mayBury(continued(streak, renewed(9_000), TIMES), TIMES))
})

t.test('a pause longer than a lease begins the wait anew, on whichever clock it is seen', async (t) => {
  const old: Streak = { since: at(0), last: renewed(20_000) }
  t.ok(mayBury(continued(old, renewed(21_500), TIMES), TIMES))
  t.notOk(mayBury(continued(old, renewed(28_001), TIMES), TIMES), 'the process was frozen')
  t.notOk(mayBury(continued(old, renewed(21_500, 1_060_000), TIMES), TIMES), 'the machine slept')
})

t.test(
  'a database whose clock jumps ahead begins the wait anew: by that clock the others may be late who were not',
  async (t) => {
    const old: Streak = { since: at(0), last: renewed(20_000) }
    t.ok(
      mayBury(continued(old, renewed(21_500, undefined, 510), TIMES), TIMES),
      'so much is not told from a slow answer',
    )
    t.notOk(mayBury(continued(old, renewed(21_500, undefined, 511), TIMES), TIMES))
    t.ok(
      mayBury(continued(old, renewed(21_500, undefined, -60_000), TIMES), TIMES),
      'one that goes back only waits longer',
    )
    const slow = { ...renewed(21_500, undefined, 900), answered: 22_410 }
    t.ok(mayBury(continued(old, slow, TIMES), TIMES), 'the answer was late, not the clock ahead')
  },
)

t.test('nobody is declared dead by a clock that has jumped since the last renewal', async (t) => {
  const streak: Streak = { since: at(0), last: renewed(20_000) }
  t.equal(notAfter(streak, 20_010, TIMES), 20_005 + 10 + 500)
  t.equal(notAfter(streak, 21_000, TIMES), 20_005 + 1_000 + 500)
})
