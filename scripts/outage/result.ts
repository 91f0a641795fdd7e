// What the outages of a run found, all together, and what of it is wrong. Pure.

import { addCounts, type Counts, faults, NO_COUNTS } from '../proof/history.ts'
import type { OutageResult } from './run.ts'

export interface Totals extends Counts {
  readonly outages: number
  /** The slowest answer of /health after it began, and after it ended; null when one of them never came. */
  readonly downAfterMs: number | null
  readonly upAfterMs: number | null
  readonly healthWrong: number
}

/** /health gives a database three seconds to answer; then it says that it is down. */
const DOWN_WITHIN_MS = 6_000
/** It is well again with the first connection. */
const UP_WITHIN_MS = 15_000

/** A sentence for each thing that is wrong. */
export function findings(result: OutageResult): string[] {
  const { downAfterMs, upAfterMs, wrong, unanswered } = result.health
  const late = (what: string, ms: number | null, limit: number) =>
    ms === null
      ? [`/health never said that the database is ${what}`]
      : ms > limit
        ? [`/health said that the database is ${what} only after ${ms} ms`]
        : []
  return [
    ...result.findings,
    ...late('down', downAfterMs, DOWN_WITHIN_MS),
    ...late('up again', upAfterMs, UP_WITHIN_MS),
    ...(wrong > 0 ? [`/health said ${wrong} times that all is well while the database was away`] : []),
    ...(unanswered > 0 ? [`/health did not answer ${unanswered} times`] : []),
    ...result.accidents.map((accident) => `accident: ${accident}`),
  ]
}

export function isWrong(result: OutageResult): boolean {
  return faults(result.counts) > 0 || findings(result).length > 0
}

export function total(results: readonly OutageResult[]): Totals {
  const slowest = (times: readonly (number | null)[]) =>
    times.reduce<number | null>((most, ms) => (most === null || ms === null ? null : Math.max(most, ms)), 0)
  return {
    outages: results.length,
    ...results.reduce((sum, { counts }) => addCounts(sum, counts), NO_COUNTS),
    downAfterMs: slowest(results.map(({ health }) => health.downAfterMs)),
    upAfterMs: slowest(results.map(({ health }) => health.upAfterMs)),
    healthWrong: results.reduce((sum, { health }) => sum + health.wrong + health.unanswered, 0),
  }
}

export function table(totals: Totals): string {
  const rows = Object.entries(totals)
  const width = Math.max(...rows.map(([name]) => name.length)) + 2
  return rows.map(([name, value]) => `${name.padEnd(width)}${String(value).padStart(8)}`).join('\n')
}
