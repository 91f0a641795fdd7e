// A period of a report as SQL. Days are compared as days of the organisation's zone, so that an hour the clocks show twice is in its day both
// times; rough bounds beside it let an index find the rows.

import type { Edge, Period } from '../domain/reports/period.ts'
import type { Conditions } from './page.ts'

/** Adds the conditions that keep `column` (an instant) within the period. */
export function withinPeriod(where: Conditions, column: string, { from, to, timezone }: Period): void {
  const day = `(${column} at time zone ?)::date`
  bound(from, {
    instant: (at) => where.add(`${column} >= ?`, at),
    day(first) {
      where.add(`${day} >= ?::date`, timezone, first)
      where.add(`${column} >= (?::date - 1)::timestamp at time zone 'UTC'`, first)
    },
  })
  bound(to, {
    instant: (at) => where.add(`${column} < ?`, at),
    day(last) {
      where.add(`${day} <= ?::date`, timezone, last)
      where.add(`${column} < (?::date + 2)::timestamp at time zone 'UTC'`, last)
    },
  })
}

function bound(edge: Edge, by: { instant(at: Date): void; day(day: string): void }): void {
  if ('day' in edge) by.day(edge.day)
  else by.instant(edge.instant)
}
