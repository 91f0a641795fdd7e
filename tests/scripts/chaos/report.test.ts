import t from 'tap'
import { castOf } from '../../../scripts/chaos/cast.ts'
import { KINDS, planChaos } from '../../../scripts/chaos/plan.ts'
import { addResult, isWrong, json, NO_TOTALS, spread } from '../../../scripts/chaos/report.ts'
import type { ChaosResult } from '../../../scripts/chaos/trial.ts'
import { NO_COUNTS } from '../../../scripts/proof/history.ts'

const accounts = castOf(3)
const result: ChaosResult = {
  plan: planChaos(1, 0, accounts),
  counts: { ...NO_COUNTS, messages: 7 },
  findings: [],
  notes: [],
  takeoverMs: [3, 1, 2],
  handoffGapMs: [],
  framesAfterTakeover: 0,
  drops: 0,
  failedSends: 0,
  foreignWrites: 0,
  durationMs: 1,
}

t.test('a seed decides a trial, and the kinds take turns', async (t) => {
  t.same(planChaos(5, 3, accounts), planChaos(5, 3, accounts))
  t.notSame(planChaos(5, 3, accounts).messages, planChaos(6, 3, accounts).messages)
  t.same(new Set(KINDS.map((_kind, index) => planChaos(1, index, accounts).kind)), new Set(KINDS))
  t.equal(planChaos(1, 0, accounts, 'moves').kind, 'moves')
})

t.test('what is measured is told by its middle and its end', async (t) => {
  t.same(spread([3, 1, 2]), { p50: 2, max: 3 })
  t.same(spread([]), { p50: null, max: null })
})

t.test('the last line holds every figure, and a clean run is not wrong', async (t) => {
  const totals = addResult(addResult(NO_TOTALS, result), result)
  t.match(JSON.parse(json(totals)), { trials: 2, messages: 14, lost: 0, takeoverMs: { p50: 2, max: 3 } })
  t.notOk(isWrong(totals))
})

t.test('anything that may not be makes the run wrong', async (t) => {
  const wrongs: readonly Partial<ChaosResult>[] = [
    { counts: { ...NO_COUNTS, lost: 1 } },
    { counts: { ...NO_COUNTS, ordersDuplicated: 1 } },
    { framesAfterTakeover: 1 },
    { drops: 1 },
    { failedSends: 1 },
    { foreignWrites: 1 },
    { findings: ['somebody was asked for a QR'] },
  ]
  for (const wrong of wrongs) t.ok(isWrong(addResult(NO_TOTALS, { ...result, ...wrong })), JSON.stringify(wrong))
  t.ok(isWrong({ ...NO_TOTALS, accidents: 1 }))
})
