// Opening hours: when the shop is open, and when it opens next, by the clock on its wall. Which hours those are is a setting; what is said about
// them is the bot's.

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof WEEKDAYS)[number]

/** From one wall time to another, `HH:MM`. `to` may be `24:00`; when it is not later than `from`, it is of the next day. */
export interface Interval {
  readonly from: string
  readonly to: string
}

/** A day without intervals is closed. */
export type WeekHours = Readonly<Record<Weekday, readonly Interval[]>>

const MAX_INTERVALS_A_DAY = 6
const CLOCK = /^([01]\d|2[0-3]):([0-5]\d)$/
const DAY_MINUTES = 24 * 60
const MINUTE_MS = 60_000
const DAY_MS = DAY_MINUTES * MINUTE_MS
/** A week and a day: today's own hours may be over. */
const DAYS_AHEAD = 8

/** True for a wall time at which something may begin; `24:00` ends only. */
function isClock(text: string, ends = false): boolean {
  return CLOCK.test(text) || (ends && text === '24:00')
}

/** What is wrong with the hours of a day, as a sentence; null when nothing is. */
export function hoursProblem(intervals: readonly Interval[]): string | null {
  if (intervals.length > MAX_INTERVALS_A_DAY) return `A day has at most ${MAX_INTERVALS_A_DAY} intervals.`
  if (intervals.some(({ from, to }) => !isClock(from) || !isClock(to, true))) return 'Write times as HH:MM.'
  if (intervals.some(({ from, to }) => from === to)) return 'An interval has a beginning and another end.'
  const sorted = intervals.map(spanOf).sort((a, b) => a.from - b.from)
  const overlap = sorted.some(({ to }, index) => (sorted[index + 1]?.from ?? Number.POSITIVE_INFINITY) < to)
  return overlap ? 'The intervals of a day overlap.' : null
}

/** Whether the shop is open. Without hours it always is. */
export function isOpen(hours: WeekHours | null, timezone: string, at: Date): boolean {
  if (hours === null) return true
  const { day, minute } = wallOf(timezone, at)
  const today = hours[weekdayOf(day)].map(spanOf)
  const yesterday = hours[weekdayOf(day - DAY_MS)].map(spanOf)
  return (
    today.some(({ from, to }) => minute >= from && minute < to) || yesterday.some(({ to }) => minute < to - DAY_MINUTES)
  )
}

/**
 * The first instant after `at` at which the shop, closed until then, opens. Null when it never closes, or never opens. In a night in which the
 * clocks change, a time that does not exist is the moment they do; one that comes twice opens twice.
 */
export function nextOpening(hours: WeekHours | null, timezone: string, at: Date): Date | null {
  if (hours === null) return null
  const { day } = wallOf(timezone, at)
  const opening: number[] = []
  for (let ahead = 0; ahead <= DAYS_AHEAD; ahead += 1) {
    const date = day + ahead * DAY_MS
    for (const { from } of hours[weekdayOf(date)].map(spanOf))
      for (const instant of instantsOf(timezone, date + from * MINUTE_MS))
        if (instant > at.getTime() && !isOpen(hours, timezone, new Date(instant - 1))) opening.push(instant)
  }
  return opening.length === 0 ? null : new Date(Math.min(...opening))
}

/** Minutes since the day's midnight; beyond the day's length where it ends on the next. */
function spanOf({ from, to }: Interval): { readonly from: number; readonly to: number } {
  const [begin, end] = [minutesOf(from), minutesOf(to)]
  return { from: begin, to: end > begin ? end : end + DAY_MINUTES }
}

function minutesOf(clock: string): number {
  const [hour = '0', minute = '0'] = clock.split(':')
  return Number(hour) * 60 + Number(minute)
}

/** @param day midnight of the date, as if the wall were in UTC */
function weekdayOf(day: number): Weekday {
  return WEEKDAYS[(new Date(day).getUTCDay() + 6) % 7] ?? 'mon'
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** What the wall shows, as milliseconds as if it were in UTC. */
function shown(timezone: string, instant: number): number {
  let format = formats.get(timezone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA-u-ca-iso8601-nu-latn', {
      timeZone: timezone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
    formats.set(timezone, format)
  }
  const part = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]))
  const of = (type: Intl.DateTimeFormatPartTypes) => part.get(type) ?? 0
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'))
}

function wallOf(timezone: string, at: Date): { readonly day: number; readonly minute: number } {
  const wall = shown(timezone, at.getTime())
  const day = Math.floor(wall / DAY_MS) * DAY_MS
  return { day, minute: Math.floor((wall - day) / MINUTE_MS) }
}

/** The instants at which the wall shows this: one, two when the clocks go back over it, the change itself when they jump over it. */
function instantsOf(timezone: string, wall: number): readonly number[] {
  const offset = (instant: number) => shown(timezone, instant) - instant
  const [before, after] = [wall - offset(wall - DAY_MS), wall - offset(wall + DAY_MS)]
  const found = [...new Set([before, after])].filter((instant) => shown(timezone, instant) === wall)
  if (found.length > 0) return found
  // Between the two lies the change: the first instant whose wall is not before the one wanted.
  let [early, late] = [Math.min(before, after), Math.max(before, after)]
  while (late - early > MINUTE_MS) {
    const middle = early + Math.floor((late - early) / (2 * MINUTE_MS)) * MINUTE_MS
    if (shown(timezone, middle) >= wall) late = middle
    else early = middle
  }
  return [late]
}
