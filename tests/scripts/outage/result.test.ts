import t from 'tap'
import { findings, isWrong, total } from '../../../scripts/outage/result.ts'
import type { OutageResult } from '../../../scripts/outage/run.ts'
import { NO_COUNTS } from '../../../scripts/proof/history.ts'

const HEALTH = { downAfterMs: 3_000, upAfterMs: 100, wrong: 0, unanswered: 0 }
const GOOD: OutageResult = {
  way: 'cut',
  health: HEALTH,
  counts: { ...NO_COUNTS, messages: 100, ordersExpected: 50, resends: 2 },
  findings: [],
  accidents: [],
}

t.test('nothing lost and /health in time: nothing is wrong', async (t) => {
  t.notOk(isWrong(GOOD))
  t.same(findings(GOOD), [])
})

t.test('each thing that may not be is wrong, and has a sentence', async (t) => {
  t.ok(isWrong({ ...GOOD, counts: { ...GOOD.counts, lost: 1 } }))
  t.ok(isWrong({ ...GOOD, counts: { ...GOOD.counts, repliesDuplicated: 1 } }))
  const wrong: readonly Partial<OutageResult>[] = [
    { health: { ...HEALTH, downAfterMs: null } },
    { health: { ...HEALTH, downAfterMs: 20_000 } },
    { health: { ...HEALTH, upAfterMs: null } },
    { health: { ...HEALTH, upAfterMs: 60_000 } },
    { health: { ...HEALTH, wrong: 1 } },
    { health: { ...HEALTH, unanswered: 1 } },
    { accidents: ['the server ended with status 1'] },
  ]
  for (const each of wrong) {
    t.ok(isWrong({ ...GOOD, ...each }), JSON.stringify(each))
    t.equal(findings({ ...GOOD, ...each }).length, 1, JSON.stringify(each))
  }
})

t.test('of several outages the counts are added and the slowest time is told', async (t) => {
  const slow = { ...GOOD, health: { ...HEALTH, downAfterMs: 4_000, wrong: 1 } }
  t.match(total([GOOD, slow]), { outages: 2, messages: 200, downAfterMs: 4_000, upAfterMs: 100, healthWrong: 1 })
  t.equal(total([slow, { ...GOOD, health: { ...HEALTH, downAfterMs: null } }]).downAfterMs, null)
})
