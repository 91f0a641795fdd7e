// How a run is told: a line per trial while it goes, a table or one line of JSON at its end. Pure, but for where the text goes.

import { type Counts, faults } from '../proof/history.ts'
import type { Kill } from '../proof/plan.ts'
import type { Adapter, TrialResult } from './trial.ts'

export interface Totals extends Counts {
  readonly trials: number
}

const COLUMNS = [
  'trials',
  'messages',
  'lost',
  'ordersExpected',
  'ordersLost',
  'ordersDuplicated',
  'repliesLost',
  'repliesDuplicated',
  'resends',
  'undecryptable',
] as const satisfies readonly (keyof Totals)[]

const FINDINGS_SHOWN = 12
const MS = 1_000

function killText(kill: Kill): string {
  switch (kill.kind) {
    case 'after':
      return `after ${kill.ms} ms`
    case 'boot':
      return `${kill.ms} ms into a start`
    case 'place':
      return `${kill.place} #${kill.nth}`
    case 'statement':
      return `${kill.when} "${kill.statement}" #${kill.nth}`
    case 'outage':
      return `database ${kill.how} at ${kill.startMs} ms for ${kill.lastsMs} ms, killed ${kill.killMs} ms into it`
  }
}

export function trialLine(result: TrialResult, adapter: Adapter): string {
  const { plan, counts, durationMs, missed, findings, accidents } = result
  const wrong = faults(counts)
  const lines = [
    [
      `${adapter === 'unprotected' ? 'unprotected ' : ''}trial ${plan.index}`,
      plan.kind,
      `seed ${plan.seed}`,
      `${counts.messages} messages`,
      `kills: ${plan.kills.map((kill) => `${killText(kill)}${missed.has(kill) ? ' (not reached)' : ''}`).join('; ')}`,
      `${(durationMs / MS).toFixed(1)} s`,
      wrong === 0 ? `ok${counts.resends > 0 ? `, ${counts.resends} resends` : ''}` : `WRONG ${JSON.stringify(counts)}`,
    ].join(' | '),
    ...findings.slice(0, adapter === 'unprotected' ? 0 : FINDINGS_SHOWN).map((finding) => `    ${finding}`),
    ...accidents.map((accident) => `    accident: ${accident}`),
  ]
  return lines.join('\n')
}

export function table(ours: Totals, unprotected: Totals): string {
  const width = Math.max(...COLUMNS.map((name) => name.length)) + 2
  const row = (name: string, one: unknown, other: unknown) =>
    `${name.padEnd(width)}${String(one).padStart(12)}${String(other).padStart(14)}`
  return [row('', 'journaled', 'unprotected'), ...COLUMNS.map((name) => row(name, ours[name], unprotected[name]))].join(
    '\n',
  )
}

/** One line, with the columns in their order. */
export function json(ours: Totals, unprotected: Totals): string {
  const pick = (totals: Totals) => Object.fromEntries(COLUMNS.map((name) => [name, totals[name]]))
  return JSON.stringify({ ...pick(ours), unprotected: pick(unprotected) })
}
