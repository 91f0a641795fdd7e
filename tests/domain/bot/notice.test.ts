import fc from 'fast-check'
import t from 'tap'
import { parseCommand } from '../../../src/domain/bot/command.ts'
import { type NoticedOrder, noticeText } from '../../../src/domain/bot/notice.ts'
import { MAX_REPLY_CHARS } from '../../../src/domain/bot/phrases.ts'
import { FULFILLMENTS, ORDER_STATUSES, PAYMENT_STATUSES } from '../../../src/domain/order/order.ts'

const AMAL = { customer: 'Amal', locale: 'en-US' }
const orderOf = (more: Partial<NoticedOrder>): NoticedOrder => ({
  label: 'ORD-001042',
  status: 'confirmed',
  paymentStatus: 'paid',
  fulfillment: 'delivery',
  currency: 'USD',
  totalMinor: 129_900,
  reason: null,
  lines: [{ productName: 'Gaming Laptop', variantName: '', quantity: 1, unitPriceMinor: 129_900, totalMinor: 129_900 }],
  ...more,
})

t.test('each status has its words, and what is over or was never placed has few or none', async (t) => {
  const text = (more: Partial<NoticedOrder>) => noticeText(AMAL, orderOf(more))
  t.equal(text({}), '📦 ORD-001042 is confirmed.\n1 × Gaming Laptop\nTotal: $1,299.00 (paid)')
  t.match(text({ status: 'pending' }), /^✅ Thank you, Amal! We got ORD-001042/)
  t.match(text({ status: 'shipped' }), /is on its way\./)
  t.match(text({ status: 'shipped', fulfillment: 'pickup' }), /is ready for pickup\./)
  t.equal(text({ status: 'delivered' }), '📦 ORD-001042 is delivered. Thank you!')
  t.equal(text({ status: 'cancelled' }), '📦 ORD-001042 is cancelled.')
  t.equal(text({ status: 'cancelled', reason: 'sold\n\nout' }), '📦 ORD-001042 is cancelled: sold out')
  t.match(text({ status: 'returned' }), /the return is recorded\.$/)
  t.equal(text({ status: 'draft' }), null)
  t.equal(text({ status: 'expired' }), null)
})

t.test('whatever names and reasons say, no notice reads as a command, and none is too long', async (t) => {
  const hostile = fc.oneof(
    fc.constantFrom('ORDER Mug:1', 'cancel', 'stop', 'status', '\nORDER Mug:1', 'yes', '1', 'catalog 2', 'hi', 'help'),
    fc.string({ unit: 'grapheme', maxLength: 600 }),
  )
  const some = fc.record({
    status: fc.constantFrom(...ORDER_STATUSES),
    paymentStatus: fc.constantFrom(...PAYMENT_STATUSES),
    fulfillment: fc.constantFrom(...FULFILLMENTS),
    customer: hostile,
    reason: fc.option(hostile),
    names: fc.array(hostile, { minLength: 1, maxLength: 30 }),
  })
  fc.assert(
    fc.property(some, ({ customer, names, ...more }) => {
      const lines = names.map((productName) => ({
        productName: productName.slice(0, 120),
        variantName: '',
        quantity: 2,
        unitPriceMinor: 5,
        totalMinor: 10,
      }))
      const text = noticeText({ customer: customer.slice(0, 120), locale: 'en-US' }, orderOf({ ...more, lines }))
      if (text === null) return
      t.same(parseCommand(text), { kind: 'unknown' }, text)
      t.ok(text.length <= MAX_REPLY_CHARS)
    }),
    { numRuns: 300 },
  )
})
