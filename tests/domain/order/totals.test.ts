import fc from 'fast-check'
import t from 'tap'
import { billOf } from '../../../src/domain/order/place.ts'
import { lineTotals, orderTotals } from '../../../src/domain/order/totals.ts'
import { hit } from '../../support/demo-hits.ts'

t.test('tax is inside the price or on top of it, rounded half up on each line', (t) => {
  const line = { unitPriceMinor: 999, quantity: 3, taxRateBp: 1_900 }
  t.match(lineTotals({ ...line, taxIncluded: true }), { subtotalMinor: 2_997, taxMinor: 479, totalMinor: 2_997 })
  t.match(lineTotals({ ...line, taxIncluded: false }), { subtotalMinor: 2_997, taxMinor: 569, totalMinor: 3_566 })
  const half = { unitPriceMinor: 50, quantity: 1, taxRateBp: 100, taxIncluded: false }
  t.match(lineTotals(half), { taxMinor: 1, totalMinor: 51 })
  t.end()
})

t.test('an order is the sum of its lines, in whole minor units', (t) => {
  const line = fc.record({
    unitPriceMinor: fc.integer({ min: 0, max: 1_000_000_000 }),
    quantity: fc.integer({ min: 1, max: 999 }),
    taxRateBp: fc.integer({ min: 0, max: 10_000 }),
    taxIncluded: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 10 }), (lines) => {
      const each = lines.map(lineTotals)
      const all = orderTotals(each)
      t.equal(
        all.totalMinor,
        each.reduce((sum, one) => sum + one.totalMinor, 0),
      )
      t.equal(
        all.taxMinor,
        each.reduce((sum, one) => sum + one.taxMinor, 0),
      )
      for (const [index, one] of each.entries()) {
        t.equal(one.totalMinor, one.subtotalMinor + (lines[index]?.taxIncluded === true ? 0 : one.taxMinor))
      }
    }),
  )
  t.end()
})

t.test('a bill holds each variant once and snapshots of its names', (t) => {
  const mug = hit('Blue Mug', 'MUG', { priceMinor: 1_200 })
  const shirt = hit('Shirt Red', 'TSH', { productName: 'Shirt', variantName: 'Red', priceMinor: 1_400 })
  const bill = billOf([
    { variant: mug, quantity: 2 },
    { variant: shirt, quantity: 1 },
    { variant: mug, quantity: 3 },
  ])
  t.match(bill, {
    currency: 'USD',
    lines: [
      { sku: 'MUG', quantity: 5, unitPriceMinor: 1_200, totalMinor: 6_000 },
      { productName: 'Shirt', variantName: 'Red', quantity: 1 },
    ],
    totals: { totalMinor: 7_400 },
  })
  t.equal(bill.lines.length, 2)
  t.throws(() => billOf([]))
  t.throws(() => billOf([{ variant: mug, quantity: 0 }]))
  t.throws(() =>
    billOf([
      { variant: mug, quantity: 1 },
      { variant: hit('X', 'X', { currency: 'EUR' }), quantity: 1 },
    ]),
  )
  t.end()
})
