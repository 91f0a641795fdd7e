// When customers of the demo shop order: more on weekdays, most in the evening, by the clock of the shop. And how old the orders on the
// board are.

import type { Dice } from '../proof/random.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const YOUNGEST_MS = 2 * MINUTE_MS
const OLDEST_MS = 3 * DAY_MS

/** How many orders of a hundred fall into each hour of the day, from midnight. */
const HOURS = [0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 5, 5, 6, 6, 5, 5, 6, 8, 12, 13, 11, 7, 3, 1]
const SUNDAY = 0
const SUNDAY_SHARE = 0.35
const SATURDAY = 6
const SATURDAY_SHARE = 0.75

/** An instant between so many days ago, in the shape of the shop's week. */
export function pastInstant(
  now: Date,
  days: { readonly from: number; readonly to: number },
  zone: string,
  dice: Dice,
): Date {
  for (;;) {
    const at = new Date(now.getTime() - (days.to + dice.fraction() * (days.from - days.to)) * DAY_MS)
    const { hour, weekday } = localTime(at, zone)
    const share = weekday === SUNDAY ? SUNDAY_SHARE : weekday === SATURDAY ? SATURDAY_SHARE : 1
    if (dice.fraction() < ((HOURS[hour] ?? 0) / Math.max(...HOURS)) * share) return at
  }
}

const formats = new Map<string, Intl.DateTimeFormat>()

function localTime(at: Date, zone: string): { readonly hour: number; readonly weekday: number } {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en-US', { timeZone: zone, hour: '2-digit', hourCycle: 'h23', weekday: 'short' })
  formats.set(zone, format)
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
  const weekday = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(parts['weekday'] ?? '')
  return { hour: Number(parts['hour']), weekday }
}

/** So many ages in ms, the youngest first: from two minutes to three days, closer together where they are young. */
export function boardAges(count: number): readonly number[] {
  const ratio = OLDEST_MS / YOUNGEST_MS
  return Array.from({ length: count }, (_, n) => Math.round(YOUNGEST_MS * ratio ** (n / Math.max(1, count - 1))))
}

export function later(at: Date, dice: Dice, hours: { readonly from: number; readonly to: number }): Date {
  return new Date(at.getTime() + Math.round((hours.from + dice.fraction() * (hours.to - hours.from)) * HOUR_MS))
}
