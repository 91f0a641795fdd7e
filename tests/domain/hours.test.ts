import fc from 'fast-check'
import t from 'tap'
import { hoursProblem, isOpen, nextOpening, WEEKDAYS, type WeekHours } from '../../src/domain/hours.ts'

const CLOSED: WeekHours = { mon: [], tue: [], wed: [], thu: [], fri: [], sat: [], sun: [] }
const office = [{ from: '09:00', to: '18:00' }]
const SHOP: WeekHours = { mon: office, tue: office, wed: office, thu: office, fri: office, sat: office, sun: [] }
const NEW_YORK = 'America/New_York'
const at = (text: string) => new Date(text)
const next = (hours: WeekHours, zone: string, text: string) => nextOpening(hours, zone, at(text))?.toISOString() ?? null

t.test('a shop is open by the clock on its own wall', async (t) => {
  // 2026-01-05 is a Monday.
  t.equal(isOpen(SHOP, NEW_YORK, at('2026-01-05T13:59:59Z')), false)
  t.equal(isOpen(SHOP, NEW_YORK, at('2026-01-05T14:00:00Z')), true)
  t.equal(isOpen(SHOP, NEW_YORK, at('2026-01-05T22:59:59Z')), true)
  t.equal(isOpen(SHOP, NEW_YORK, at('2026-01-05T23:00:00Z')), false)
  t.equal(isOpen(SHOP, 'Asia/Kolkata', at('2026-01-05T03:30:00Z')), true)
  t.equal(next(SHOP, NEW_YORK, '2026-01-05T02:00:00Z'), '2026-01-05T14:00:00.000Z')
  t.equal(next(SHOP, NEW_YORK, '2026-01-10T23:00:00Z'), '2026-01-12T14:00:00.000Z', 'Sunday is closed')
  t.equal(next(SHOP, NEW_YORK, '2026-01-05T15:00:00Z'), '2026-01-06T14:00:00.000Z', 'open now: the next morning')
})

t.test('without hours it is always open; with no hours at all it never opens', async (t) => {
  t.equal(isOpen(null, NEW_YORK, at('2026-01-05T02:00:00Z')), true)
  t.equal(nextOpening(null, NEW_YORK, at('2026-01-05T02:00:00Z')), null)
  t.equal(isOpen(CLOSED, NEW_YORK, at('2026-01-05T15:00:00Z')), false)
  t.equal(next(CLOSED, NEW_YORK, '2026-01-05T15:00:00Z'), null)
})

t.test('a night that ends on the next day belongs to the day it began on', async (t) => {
  const bar = { ...CLOSED, fri: [{ from: '22:00', to: '02:00' }], sat: [{ from: '18:00', to: '24:00' }] }
  // 2026-01-09 is a Friday.
  t.equal(isOpen(bar, 'UTC', at('2026-01-09T23:00:00Z')), true)
  t.equal(isOpen(bar, 'UTC', at('2026-01-10T01:59:59Z')), true)
  t.equal(isOpen(bar, 'UTC', at('2026-01-10T02:00:00Z')), false)
  t.equal(isOpen(bar, 'UTC', at('2026-01-10T23:59:59Z')), true)
  t.equal(isOpen(bar, 'UTC', at('2026-01-11T00:00:00Z')), false)
  t.equal(next(bar, 'UTC', '2026-01-10T02:00:00Z'), '2026-01-10T18:00:00.000Z')
})

t.test('when the clocks change the hours stay on the wall', async (t) => {
  t.equal(next(SHOP, NEW_YORK, '2026-03-07T23:30:00Z'), '2026-03-09T13:00:00.000Z', 'an hour earlier in UTC')
  t.equal(next(SHOP, NEW_YORK, '2026-11-01T00:30:00Z'), '2026-11-02T14:00:00.000Z', 'and an hour later again')
  const night = { ...CLOSED, sun: [{ from: '02:30', to: '04:00' }] }
  t.equal(next(night, NEW_YORK, '2026-03-08T06:00:00Z'), '2026-03-08T07:00:00.000Z', 'there is no 02:30: at the change')
  const twice = { ...CLOSED, sun: [{ from: '01:30', to: '04:00' }] }
  t.equal(next(twice, NEW_YORK, '2026-11-01T05:00:00Z'), '2026-11-01T05:30:00.000Z', 'the first 01:30')
  t.equal(isOpen(twice, NEW_YORK, at('2026-11-01T06:15:00Z')), false, 'the wall says 01:15 again')
  t.equal(next(twice, NEW_YORK, '2026-11-01T06:15:00Z'), '2026-11-01T06:30:00.000Z')
})

t.test(
  'the next opening opens, what lies before it is closed, whatever the hours, the zone and the moment',
  async () => {
    const clock = fc.integer({ min: 0, max: 95 }).map((q) => {
      return `${String(Math.floor(q / 4)).padStart(2, '0')}:${String((q % 4) * 15).padStart(2, '0')}`
    })
    const day = fc
      .array(fc.record({ from: clock, to: clock }), { maxLength: 2 })
      .filter((intervals) => hoursProblem(intervals) === null)
    const week = fc.record({ mon: day, tue: day, wed: day, thu: day, fri: day, sat: day, sun: day })
    const zone = fc.constantFrom('UTC', NEW_YORK, 'Australia/Lord_Howe', 'Asia/Kathmandu', 'America/Sao_Paulo')
    // Around the changes of the clocks as well.
    const moment = fc
      .integer({ min: Date.UTC(2026, 0, 1) / 60_000, max: Date.UTC(2027, 0, 1) / 60_000 })
      .map((minutes) => new Date(minutes * 60_000))
    fc.assert(
      fc.property(week, zone, moment, (hours, timezone, now) => {
        const opening = nextOpening(hours, timezone, now)
        if (opening === null) return WEEKDAYS.every((each) => hours[each].length === 0) || isOpen(hours, timezone, now)
        if (!isOpen(hours, timezone, opening) || isOpen(hours, timezone, new Date(opening.getTime() - 1))) return false
        if (isOpen(hours, timezone, now)) return true
        const span = opening.getTime() - now.getTime()
        return [0.1, 0.3, 0.5, 0.7, 0.9].every(
          (share) => !isOpen(hours, timezone, new Date(now.getTime() + Math.floor(span * share))),
        )
      }),
      { numRuns: 300 },
    )
  },
)

t.test('hours that make no sense are told', async (t) => {
  const wrong = [
    [{ from: '9:00', to: '18:00' }],
    [{ from: '09:00', to: '25:00' }],
    [{ from: '24:00', to: '09:00' }],
    [{ from: '09:00', to: '09:00' }],
    [
      { from: '09:00', to: '13:00' },
      { from: '12:00', to: '18:00' },
    ],
    Array.from({ length: 7 }, (_, n) => ({ from: `0${n}:00`, to: `0${n}:30` })),
  ]
  for (const intervals of wrong) t.type(hoursProblem(intervals), 'string', JSON.stringify(intervals))
  t.equal(
    hoursProblem([
      { from: '14:00', to: '24:00' },
      { from: '09:00', to: '14:00' },
    ]),
    null,
  )
})
