import fc from 'fast-check'
import t from 'tap'
import { balanceOf, ledgerOf } from '../../../src/domain/order/payment.ts'

const status = (total: number, paidMinor: number, refundedMinor: number) =>
  balanceOf(total, { paidMinor, refundedMinor }).status

t.test('payment status follows from what came and went', async (t) => {
  t.equal(status(100, 0, 0), 'unpaid')
  t.equal(status(100, 40, 0), 'partially_paid')
  t.equal(status(100, 100, 0), 'paid')
  t.equal(status(100, 130, 0), 'paid')
  t.equal(status(100, 130, 30), 'paid', 'an overpayment that went back')
  t.equal(status(100, 100, 1), 'partially_refunded')
  t.equal(status(100, 40, 10), 'partially_refunded')
  t.equal(status(100, 40, 40), 'refunded')
  t.equal(status(100, 200, 100), 'paid', 'paid again after a refund')
  t.match(balanceOf(100, { paidMinor: 130, refundedMinor: 10 }), { creditMinor: 20, dueMinor: 0 })
  t.match(balanceOf(100, { paidMinor: 30, refundedMinor: 10 }), { creditMinor: 0, dueMinor: 80 })
})

t.test('what is due and what is credit explain every sum', async (t) => {
  const amount = fc.integer({ min: 0, max: 10_000 })
  const entry = fc.record({ kind: fc.constantFrom('payment', 'refund'), amountMinor: amount })
  fc.assert(
    fc.property(amount, fc.array(entry), (total, entries) => {
      const ledger = ledgerOf(entries)
      const { dueMinor, creditMinor } = balanceOf(total, ledger)
      t.equal(ledger.paidMinor - ledger.refundedMinor + dueMinor - creditMinor, total)
      t.ok(dueMinor === 0 || creditMinor === 0)
    }),
    { numRuns: 50 },
  )
})
