import fc from 'fast-check'
import t from 'tap'
import { billOf } from '../../../src/domain/order/place.ts'
import {
  discountBp,
  lineTotals,
  orderTotals,
  type PricedLine,
  priceOrder,
  spread,
} from '../../../src/domain/order/totals.ts'
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

t.test('a discount is spread to the last unit, and taxes follow what is left', async (t) => {
  const line = (unitPriceMinor: number, quantity: number, more: Partial<PricedLine> = {}): PricedLine => ({
    unitPriceMinor,
    quantity,
    taxRateBp: 1_900,
    taxIncluded: false,
    ...more,
  })
  t.same(spread(100, [1, 1, 1]), [34, 33, 33])
  t.same(spread(0, [5, 5]), [0, 0])
  t.same(spread(7, [0, 5]), [0, 7])
  const priced = priceOrder([line(1_000, 1), line(500, 2, { discountMinor: 100 })], {
    discountMinor: 190,
    shippingMinor: 490,
  })
  t.match(priced, {
    value: {
      lines: [
        { subtotalMinor: 1_000, discountMinor: 100, taxMinor: 171, totalMinor: 1_071 },
        { subtotalMinor: 1_000, discountMinor: 190, taxMinor: 154, totalMinor: 964 },
      ],
      totals: { subtotalMinor: 2_000, discountMinor: 290, shippingMinor: 490, taxMinor: 325, totalMinor: 2_525 },
    },
  })
  t.match(priceOrder([line(100, 1)], { discountMinor: 101 }), { refusal: { code: 'discount-too-large' } })
  t.match(priceOrder([line(100, 1, { discountMinor: 101 })]), { refusal: { code: 'discount-too-large' } })
  t.equal(discountBp({ subtotalMinor: 2_500, discountMinor: 250 }), 1_000)
  t.equal(discountBp({ subtotalMinor: 2_500, discountMinor: 251 }), 1_004)
  t.equal(discountBp({ subtotalMinor: 0, discountMinor: 0 }), 0)
})

t.test('whatever is agreed, sums of lines are sums of the order, in whole units', async (t) => {
  const lines = fc.array(
    fc.record({
      unitPriceMinor: fc.integer({ min: 0, max: 1_000_000 }),
      quantity: fc.integer({ min: 1, max: 999 }),
      taxRateBp: fc.integer({ min: 0, max: 3_000 }),
      taxIncluded: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  )
  fc.assert(
    fc.property(lines, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(10_000), (some, share, shippingMinor) => {
      const goods = some.reduce((all, { unitPriceMinor, quantity }) => all + unitPriceMinor * quantity, 0)
      const discountMinor = Math.floor(goods * share)
      const priced = priceOrder(some, { discountMinor, shippingMinor })
      if (!priced.ok) throw new Error(priced.refusal.message)
      const { totals } = priced.value
      t.equal(totals.discountMinor, discountMinor)
      t.equal(totals.totalMinor, shippingMinor + priced.value.lines.reduce((all, line) => all + line.totalMinor, 0))
      for (const [index, line] of priced.value.lines.entries()) {
        const added = some[index]?.taxIncluded ? 0 : line.taxMinor
        t.equal(line.totalMinor, line.subtotalMinor - line.discountMinor + added)
        t.ok(line.discountMinor <= line.subtotalMinor && Number.isSafeInteger(line.totalMinor))
      }
    }),
    { numRuns: 100 },
  )
})
