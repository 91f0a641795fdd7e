// Days are the organisation's: an instant belongs to the day its clock on the wall shows.

/** The day of an instant in a time zone, as `2026-01-31`. */
export function dayIn(timezone: string, at: Date): string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  return format.format(at)
}
