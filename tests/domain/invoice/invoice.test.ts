import t from 'tap'
import { type InvoiceOrder, invoiceOf, rateText } from '../../../src/domain/invoice/invoice.ts'
import { lineTotals, orderTotals } from '../../../src/domain/order/totals.ts'

const line = (name: string, unitPriceMinor: number, quantity: number, taxRateBp: number) => ({
  ...{ sku: name, productName: name, variantName: '', quantity, unitPriceMinor, taxRateBp },
  ...lineTotals({ unitPriceMinor, quantity, taxRateBp, taxIncluded: name !== 'net' }),
})

function order(more: Partial<InvoiceOrder> = {}): InvoiceOrder {
  const lines = [line('a', 999, 3, 1_900), line('b', 333, 1, 1_900), line('net', 100, 7, 700), line('c', 50, 1, 0)]
  return {
    ...{ label: 'ORD-001042', status: 'pending', currency: 'EUR', placedAt: new Date(0), customer: { name: 'Amal' } },
    ...{ address: null, lines, payments: [], balance: { paidMinor: 0, refundedMinor: 0 } },
    ...orderTotals(lines),
    ...more,
  } as const
}

t.test('net and tax of all rates are the total, to the last cent', async (t) => {
  const written = invoiceOf(order())
  t.match(written, { ok: true, value: { taxes: [{ taxRateBp: 0 }, { taxRateBp: 700 }, { taxRateBp: 1_900 }] } })
  const invoice = written.ok ? written.value : null
  const sum = invoice?.taxes.reduce((all, { netMinor, taxMinor }) => all + netMinor + taxMinor, 0)
  t.equal(sum, invoice?.totalMinor)
  t.match(invoice?.taxes.at(1), { netMinor: 700, taxMinor: 49 })
  t.match(invoiceOf(order({ lines: [line('c', 50, 1, 0)] })), { value: { taxes: [] } }, 'without tax there is no table')
})

t.test('what is due is the total without what was paid; of an order undone nothing is', async (t) => {
  const { totalMinor } = order()
  const due = (more: Partial<InvoiceOrder>) => {
    const written = invoiceOf(order(more))
    return written.ok ? [written.value.dueMinor, written.value.creditMinor, written.value.undone] : null
  }
  t.same(due({}), [totalMinor, 0, null])
  t.same(due({ balance: { paidMinor: 1_000, refundedMinor: 200 } }), [totalMinor - 800, 0, null])
  t.same(due({ balance: { paidMinor: totalMinor + 5, refundedMinor: 0 } }), [0, 5, null])
  t.same(due({ status: 'cancelled' }), [0, 0, 'cancelled'])
  t.same(due({ status: 'returned', balance: { paidMinor: 700, refundedMinor: 200 } }), [0, 500, 'returned'])
})

t.test('what was never placed has no invoice', async (t) => {
  for (const status of ['draft', 'expired'] as const)
    t.match(invoiceOf(order({ status })), { ok: false, refusal: { code: 'order-not-placed' } })
})

t.test('an address is written as on a letter', async (t) => {
  const address = { country: 'Germany', city: 'Berlin', postalCode: '10115', street: ' ', name: 'Amal', phone: '+49' }
  t.match(invoiceOf(order({ address })), { value: { address: ['Amal', '10115 Berlin', 'Germany'] } })
  t.equal(rateText(725), '7.25 %')
})
