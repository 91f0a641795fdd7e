import t from 'tap'
import { allowedTransitions, NEXT, ORDER_STATUSES, orderLabel, orderNumberOf } from '../../../src/domain/order/order.ts'

t.test('the moves of an order are these and no others', (t) => {
  t.same(NEXT, {
    draft: ['pending', 'expired'],
    pending: ['confirmed', 'cancelled'],
    confirmed: ['processing', 'cancelled'],
    processing: ['shipped', 'cancelled'],
    shipped: ['delivered', 'returned'],
    delivered: ['returned'],
    expired: [],
    cancelled: [],
    returned: [],
  })
  for (const status of ORDER_STATUSES) t.notOk(allowedTransitions(status).includes(status), status)
  t.end()
})

t.test('numbers are shown one way and read in several', (t) => {
  t.equal(orderLabel(1042), 'ORD-001042')
  t.equal(orderLabel(1_234_567), 'ORD-1234567')
  for (const text of ['ORD-001042', 'ord-1042', '#1042', '1042', ' ord 1042 ']) t.equal(orderNumberOf(text), 1042, text)
  for (const text of ['', 'ORD-', '12345678901', 'abc', '10 42']) t.equal(orderNumberOf(text), null, text)
  t.end()
})
