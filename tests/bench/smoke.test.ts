// One tiny measurement of each kind that has a simulator, a server and a bare client in processes of their own: the figures say nothing, but
// nothing may be lost on the way to them.

import t from 'tap'
import { openBench } from '../../bench/parts.ts'
import { reconnect } from '../../bench/scenarios/coming-up.ts'
import { inbound } from '../../bench/scenarios/inbound.ts'

t.test('orders are answered, accounts come back, and every figure has its two sides', async (t) => {
  const bench = await openBench({ flags: [] })
  t.teardown(() => bench.close())
  const figures = [
    ...(await inbound(bench, {
      accounts: 2,
      rounds: 1,
      messages: 12,
      customers: { ofOne: 3, ofEach: 2 },
      which: ['inbound order and reply'],
    })),
    ...(await reconnect(bench, { count: 1 })),
  ]
  t.same(
    figures.map(({ name }) => name),
    ['inbound order and reply on 1 account', 'inbound order and reply on 2 accounts', 'reconnect'],
  )
  for (const { name, ours, bare, ratio } of figures) {
    t.ok(ours > 0 && bare !== null && bare > 0, name)
    t.ok(ratio !== null && Number.isFinite(ratio), name)
  }
})
