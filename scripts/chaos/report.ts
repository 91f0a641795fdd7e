// How a run of trials is told: a line for each while it goes, and one line of JSON at its end. Pure.

import { addCounts, type Counts, faults, NO_COUNTS } from '../proof/history.ts'
import type { ChaosResult } from './trial.ts'

export interface Totals extends Counts {
  readonly trials: number
  /** Trials that did not come to their end. */
  readonly accidents: number
  readonly framesAfterTakeover: number
  readonly foreignWrites: number
  readonly drops: number
  readonly failedSends: number
  readonly askedForQr: number
  readonly takeoverMs: readonly number[]
  readonly handoffGapMs: readonly number[]
}

export const NO_TOTALS: Totals = {
  ...NO_COUNTS,
  trials: 0,
  accidents: 0,
  framesAfterTakeover: 0,
  foreignWrites: 0,
  drops: 0,
  failedSends: 0,
  askedForQr: 0,
  takeoverMs: [],
  handoffGapMs: [],
}

const SHOWN = 12

export function addResult(totals: Totals, result: ChaosResult): Totals {
  return {
    ...addCounts(totals, result.counts),
    trials: totals.trials + 1,
    accidents: totals.accidents,
    framesAfterTakeover: totals.framesAfterTakeover + result.framesAfterTakeover,
    foreignWrites: totals.foreignWrites + result.foreignWrites,
    drops: totals.drops + result.drops,
    failedSends: totals.failedSends + result.failedSends,
    askedForQr: totals.askedForQr + (result.findings.includes('somebody was asked for a QR') ? 1 : 0),
    takeoverMs: [...totals.takeoverMs, ...result.takeoverMs],
    handoffGapMs: [...totals.handoffGapMs, ...result.handoffGapMs],
  }
}

/** Whether anything happened that may not. */
export function isWrong(totals: Totals): boolean {
  const { accidents, framesAfterTakeover, foreignWrites, drops, failedSends, askedForQr } = totals
  return faults(totals) + accidents + framesAfterTakeover + foreignWrites + drops + failedSends + askedForQr > 0
}

export function trialLines(result: ChaosResult): string {
  const { plan, counts, takeoverMs, handoffGapMs, framesAfterTakeover, drops, failedSends, foreignWrites } = result
  const wrong = faults(counts) + framesAfterTakeover + drops + failedSends + foreignWrites
  const head = [
    `trial ${plan.index}`,
    plan.kind,
    `seed ${plan.seed}`,
    `${counts.messages} messages`,
    ...(takeoverMs.length > 0 ? [`takeover ${told(takeoverMs)}`] : []),
    ...(handoffGapMs.length > 0 ? [`hand-off gap ${told(handoffGapMs)}`] : []),
    `${(result.durationMs / 1_000).toFixed(1)} s`,
    wrong === 0
      ? `ok${counts.resends > 0 ? `, ${counts.resends} resends` : ''}`
      : `WRONG ${JSON.stringify({ ...counts, framesAfterTakeover, drops, failedSends, foreignWrites })}`,
  ].join(' | ')
  const rest = [...result.findings.slice(0, SHOWN), ...result.notes.slice(0, SHOWN)]
  return [head, ...rest.map((line) => `    ${line}`)].join('\n')
}

const told = (times: readonly number[]) => {
  const { p50, max } = spread(times)
  return `p50 ${p50} ms, max ${max} ms (${times.length})`
}

/** @returns nulls where nothing was measured */
export function spread(times: readonly number[]): { readonly p50: number | null; readonly max: number | null } {
  const sorted = [...times].sort((a, b) => a - b)
  return { p50: sorted[Math.floor((sorted.length - 1) / 2)] ?? null, max: sorted.at(-1) ?? null }
}

/** One line. */
export function json({ takeoverMs, handoffGapMs, ...counts }: Totals): string {
  const { trials, messages, lost, ordersExpected, ordersLost, ordersDuplicated, repliesLost, repliesDuplicated } =
    counts
  const { framesAfterTakeover, foreignWrites, drops, failedSends, askedForQr, accidents, resends, undecryptable } =
    counts
  return JSON.stringify({
    trials,
    messages,
    lost,
    ordersExpected,
    ordersLost,
    ordersDuplicated,
    repliesLost,
    repliesDuplicated,
    framesAfterTakeover,
    takeoverMs: spread(takeoverMs),
    handoffGapMs: spread(handoffGapMs),
    resends,
    undecryptable,
    foreignWrites,
    drops,
    failedSends,
    askedForQr,
    accidents,
  })
}
