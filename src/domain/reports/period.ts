// The time a report is about: whole days of the organisation, or instants. What a day is in the zone is left to the database, which counts
// hours that clocks repeat or leave out.

import { dayIn } from '../day.ts'
import { ok, type Result, refuse } from '../result.ts'

/** The longest time one report is about, in days. */
export const MAX_REPORT_DAYS = 1_100
const DEFAULT_DAYS = 30
const DAY_MS = 86_400_000
const DAY = /^\d{4}-\d{2}-\d{2}$/

/** A day (`2026-01-31`, the whole of it) or an instant. */
export type Edge = { readonly day: string } | { readonly instant: Date }

export interface Period {
  /** This day or instant is in it. */
  readonly from: Edge
  /** This day is in it; an instant is not. */
  readonly to: Edge
  /** Every day of which some part is in it. */
  readonly days: readonly string[]
  readonly timezone: string
}

/**
 * Reads the ends of a period: days or ISO instants; without `to` today is the last day, without `from` it has thirty days.
 * Refuses what ends before it begins, or is longer than `MAX_REPORT_DAYS`.
 */
export function readPeriod(
  given: { readonly from?: string | undefined; readonly to?: string | undefined },
  timezone: string,
  now: Date,
): Result<Period, 'invalid-parameter'> {
  const to = edgeOf(given.to ?? dayIn(timezone, now))
  const lastDay = dayOf(to, timezone, -1)
  const from = edgeOf(given.from ?? dayText(dayNumber(lastDay) - DEFAULT_DAYS + 1))
  const firstDay = dayOf(from, timezone, 0)
  const count = dayNumber(lastDay) - dayNumber(firstDay) + 1
  if (count < 1) return wrong('from', 'The period ends before it begins: from is after to.')
  if (count > MAX_REPORT_DAYS) return wrong('from', `A report is about ${MAX_REPORT_DAYS} days at most.`)
  const days = Array.from({ length: count }, (_, index) => dayText(dayNumber(firstDay) + index))
  return ok({ from, to, days, timezone })
}

function edgeOf(text: string): Edge {
  return DAY.test(text) ? { day: text } : { instant: new Date(text) }
}

function dayOf(edge: Edge, timezone: string, shiftMs: number): string {
  return 'day' in edge ? edge.day : dayIn(timezone, new Date(edge.instant.getTime() + shiftMs))
}

const dayNumber = (day: string): number => Math.round(Date.parse(`${day}T00:00:00Z`) / DAY_MS)
const dayText = (number: number): string => new Date(number * DAY_MS).toISOString().slice(0, 10)

function wrong(path: string, message: string): Result<never, 'invalid-parameter'> {
  return refuse('invalid-parameter', message, { errors: [{ path, code: 'invalid', message }] })
}
