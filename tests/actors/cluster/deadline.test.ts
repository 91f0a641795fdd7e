import t from 'tap'
import { atDeadline, before } from '../../../src/actors/cluster/deadline.ts'
import { until } from '../../support/until.ts'

/** A clock that is set by hand: what is called back is called by it and by nothing else. */
function clock() {
  const at = { now: 1_000 }
  return { at, monotonic: () => at.now }
}

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
/** Several looks of the one timer are over when another wait that is due has been called back so often. */
async function looks(count: number) {
  for (let n = 0; n < count; n += 1) await new Promise<void>((done) => atDeadline(0, () => 1, done))
}

t.test('each is called back once, when its own time is over, and not before', async (t) => {
  const { at, monotonic } = clock()
  const called: string[] = []
  atDeadline(1_010, monotonic, () => called.push('sooner'))
  atDeadline(1_020, monotonic, () => called.push('later'))
  await looks(3)
  t.same(called, [])
  at.now = 1_010
  await until('the first', () => called.length > 0)
  await looks(3)
  t.same(called, ['sooner'])
  at.now = 5_000
  await until('the second', () => called.length > 1)
  await looks(3)
  t.same(called, ['sooner', 'later'])
})

t.test('one that was called off is never called back, and nothing ticks when nobody waits', async (t) => {
  const { at, monotonic } = clock()
  const before = timers()
  const off = atDeadline(1_010, monotonic, () => t.fail('called back'))
  off()
  off()
  at.now = 5_000
  await looks(3)
  await until('the timer is gone', () => timers() <= before)
})

t.test('work gives its answer or its error in time, else null', async (t) => {
  const { at, monotonic } = clock()
  t.equal(await before(1_010, monotonic, Promise.resolve('done')), 'done')
  await t.rejects(before(1_010, monotonic, Promise.reject(new Error('no'))), { message: 'no' })
  const work = Promise.withResolvers<string>()
  const late = before(1_010, monotonic, work.promise)
  at.now = 1_010
  t.equal(await late, null)
  work.resolve('too late')
  t.equal(await late, null)
})
