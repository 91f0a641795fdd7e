import t from 'tap'
import { findings } from '../../../scripts/outage/result.ts'
import { planOutage, runOutage } from '../../../scripts/outage/run.ts'
import { makeShop } from '../../../scripts/proof/shop.ts'
import { testServer } from '../../support/server.ts'

t.setTimeout(110_000)

t.test('the load of an outage goes on through all of it', async (t) => {
  const { messages, perSecond, staff, kills } = planOutage(1, 60)
  t.ok(messages.length / perSecond >= 65)
  t.ok(staff.every(({ atMs }) => atMs < 70_000) && staff.some(({ atMs }) => atMs > 10_000))
  t.same(kills, [])
})

t.test(
  'a short outage while customers write loses nothing, doubles nothing, and /health says what is down',
  async (t) => {
    const { adminUrl } = await testServer()
    const shop = await makeShop(adminUrl)
    t.teardown(() => shop.template.drop())
    const result = await runOutage({ way: 'cut', seconds: 3, seed: 7, power: null }, shop)
    t.same(findings(result), [])
    t.match(result.counts, { messages: 132, lost: 0, ordersLost: 0, ordersDuplicated: 0, undecryptable: 0 })
    t.match(result.counts, { repliesLost: 0, repliesDuplicated: 0 })
    t.ok(result.counts.ordersExpected > 30)
  },
)
