import t from 'tap'
import { type FleetResult, findings, json } from '../../../scripts/fleet/result.ts'

const GOOD: FleetResult = {
  accounts: 500,
  opened: 499,
  stuck: 1,
  mostHandshakesAtOnce: 8,
  limit: 8,
  qrs: 0,
  messages: 998,
  messagesLost: 0,
}

t.test('all but the stuck one, within the limit, with nothing lost: nothing is wrong', async (t) => {
  t.same(findings(GOOD), [])
  t.same(Object.keys(JSON.parse(json(GOOD))), [
    'accounts',
    'opened',
    'stuck',
    'mostHandshakesAtOnce',
    'limit',
    'qrs',
    'messagesLost',
  ])
})

t.test('each thing that may not be is said', async (t) => {
  const wrong: readonly Partial<FleetResult>[] = [
    { opened: 498, stuck: 2 },
    { opened: 500, stuck: 0 },
    { mostHandshakesAtOnce: 9 },
    { qrs: 1 },
    { messagesLost: 1 },
    { messages: 0 },
  ]
  for (const each of wrong) t.equal(findings({ ...GOOD, ...each }).length, 1, JSON.stringify(each))
})
