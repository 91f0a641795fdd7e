import t from 'tap'
import { availabilityOf, available, bestAvailability } from '../../../src/domain/stock/level.ts'

t.test('what is left is told in three words', (t) => {
  const of = (left: number, trackStock = true) => availabilityOf({ available: left, trackStock, lowStockThreshold: 3 })
  t.same([of(4), of(3), of(1), of(0), of(0, false)], ['in_stock', 'low', 'low', 'out_of_stock', 'in_stock'])
  t.equal(available({ onHand: 8, reserved: 3 }), 5)
  t.end()
})

t.test('a product is as available as its best variant', (t) => {
  t.equal(bestAvailability(['out_of_stock', 'low']), 'low')
  t.equal(bestAvailability(['low', 'in_stock']), 'in_stock')
  t.equal(bestAvailability([]), 'out_of_stock')
  t.end()
})
