import t from 'tap'
import { makeBudget } from '../../../src/actors/cluster/budget.ts'

t.test('a budget follows its clock and its rate, which may change', async (t) => {
  let [now, rate] = [0, 4]
  const budget = makeBudget(
    () => rate,
    () => now,
  )
  t.equal(budget.take(9), 4)
  budget.putBack(1)
  t.equal(budget.take(9), 1)
  now = 500
  t.equal(budget.take(9), 2)
  rate = 10
  now = 1_000
  t.equal(budget.take(9), 5)
})
