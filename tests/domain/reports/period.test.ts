import t from 'tap'
import { MAX_REPORT_DAYS, readPeriod } from '../../../src/domain/reports/period.ts'

const NOW = new Date('2026-03-29T22:30:00Z')

t.test('without ends it is the thirty days that end today, as the clock on the wall shows it', async (t) => {
  const berlin = readPeriod({}, 'Europe/Berlin', NOW)
  t.match(berlin, { ok: true, value: { from: { day: '2026-03-01' }, to: { day: '2026-03-30' } } })
  t.equal(berlin.ok ? berlin.value.days.length : 0, 30)
  t.match(readPeriod({}, 'America/New_York', NOW), { value: { to: { day: '2026-03-29' } } })
  t.match(readPeriod({ to: '2026-02-28' }, 'UTC', NOW), { value: { from: { day: '2026-01-30' } } })
})

t.test('a last day is in it, a last instant is not', async (t) => {
  t.match(readPeriod({ from: '2026-02-27', to: '2026-03-01' }, 'UTC', NOW), {
    value: { days: ['2026-02-27', '2026-02-28', '2026-03-01'] },
  })
  const instants = { from: '2026-03-01T23:30:00Z', to: '2026-03-02T23:00:00Z' }
  t.match(readPeriod(instants, 'Europe/Berlin', NOW), {
    value: { from: { instant: new Date(instants.from) }, days: ['2026-03-02'] },
  })
  t.match(readPeriod({ from: '2026-03-01', to: '2026-03-03T00:00:00Z' }, 'UTC', NOW), {
    value: { days: ['2026-03-01', '2026-03-02'] },
  })
})

t.test('a period that ends before it begins, or that has no end in sight, is refused', async (t) => {
  const code = { ok: false, refusal: { code: 'invalid-parameter', errors: [{ path: 'from' }] } }
  t.match(readPeriod({ from: '2026-03-02', to: '2026-03-01' }, 'UTC', NOW), code)
  t.match(readPeriod({ from: '2000-01-01' }, 'UTC', NOW), code)
  const long = readPeriod({ from: '2023-03-25', to: '2026-03-28' }, 'UTC', NOW)
  t.equal(long.ok ? long.value.days.length : 0, MAX_REPORT_DAYS)
})
