import t from 'tap'
import { makeAdmission } from '../../../src/http/internal/admission.ts'
import { DEFAULT_POLICY } from '../../../src/policy.ts'

const waits = new AbortController().signal

t.test('so much at once, so much waiting, and no more', async (t) => {
  const { enter } = makeAdmission({ ...DEFAULT_POLICY.routing, atOnce: 1, waiting: 1 }, () => 0)
  const first = await enter(1_000, () => waits)
  const second = enter(1_000, () => waits)
  t.equal((await enter(1_000, () => waits)).kind, 'full')
  if (first.kind === 'in') first.leave()
  const next = await second
  t.equal(next.kind, 'in')
  if (next.kind === 'in') next.leave()
  t.equal((await enter(1_000, () => waits)).kind, 'in', 'all places were given back')
})

t.test('what has too little time is not begun: on arrival, and when its turn comes', async (t) => {
  let now = 0
  const { enter } = makeAdmission({ ...DEFAULT_POLICY.routing, atOnce: 1, waiting: 5, floorMs: 20 }, () => now)
  t.equal((await enter(19, () => waits)).kind, 'late')
  const first = await enter(1_000, () => waits)
  const hasty = enter(100, () => waits)
  const patient = enter(1_000, () => waits)
  now = 90
  if (first.kind === 'in') first.leave()
  t.equal((await hasty).kind, 'late')
  t.equal((await patient).kind, 'in')
})

t.test('who goes away leaves the queue', async (t) => {
  const { enter } = makeAdmission({ ...DEFAULT_POLICY.routing, atOnce: 1, waiting: 1 }, () => 0)
  const first = await enter(1_000, () => waits)
  const gone = new AbortController()
  const second = enter(1_000, () => gone.signal)
  gone.abort()
  t.equal((await second).kind, 'gone')
  const third = enter(1_000, () => waits)
  if (first.kind === 'in') first.leave()
  t.equal((await third).kind, 'in')
})
