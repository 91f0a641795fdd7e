import t from 'tap'
import { customerCancel } from '../../../src/domain/order/customer-cancel.ts'
import { NEXT, ORDER_STATUSES, RESERVING } from '../../../src/domain/order/order.ts'
import { decideMove, MOVES, movesFor } from '../../../src/domain/order/transitions.ts'

t.test('the table of moves and the map of what comes next are one', async (t) => {
  for (const from of ORDER_STATUSES)
    t.same(
      MOVES.filter((move) => move.from === from).map(({ to }) => to),
      NEXT[from],
      from,
    )
  for (const status of ['expired', 'cancelled', 'returned'] as const) t.same(NEXT[status], [], `${status} is final`)
})

t.test('stock is held exactly in the statuses that reserve', async (t) => {
  for (const { from, to, stock } of MOVES) {
    const [before, now] = [RESERVING.includes(from), RESERVING.includes(to)]
    const effect = before && !now ? (to === 'shipped' ? 'sale' : 'release') : !before && now ? 'reserve' : null
    t.equal(stock, effect ?? (to === 'returned' ? 'return' : 'none'), `${from} to ${to}`)
  }
})

t.test('each role moves what is its own to move', async (t) => {
  t.same(movesFor('draft', 'customer'), ['pending', 'expired'])
  t.same(movesFor('draft', 'employee'), ['pending'])
  t.same(movesFor('draft', 'timer'), ['expired'])
  t.same(movesFor('pending', 'customer'), ['cancelled'])
  t.same(movesFor('pending', 'timer'), ['cancelled'])
  t.same(movesFor('confirmed', 'customer'), [])
  t.same(movesFor('confirmed', 'timer'), [])
  t.same(movesFor('processing', 'employee'), ['shipped', 'cancelled'])
  t.same(movesFor('delivered', 'employee'), [])
  t.same(movesFor('delivered', 'manager'), ['returned'])
})

t.test('a refusal says whether it is the moment, the role or the reason', async (t) => {
  const code = (...args: Parameters<typeof decideMove>) => {
    const move = decideMove(...args)
    return move.ok ? 'ok' : move.refusal.code
  }
  t.equal(code('shipped', 'returned', 'employee', null), 'forbidden')
  t.equal(code('pending', 'confirmed', 'customer', null), 'forbidden')
  t.equal(code('confirmed', 'cancelled', 'customer', 'why'), 'order-transition-not-allowed')
  t.equal(code('draft', 'expired', 'admin', null), 'order-transition-not-allowed')
  t.equal(code('pending', 'draft', 'admin', null), 'order-transition-not-allowed')
  t.equal(code('confirmed', 'cancelled', 'employee', '  '), 'reason-required')
  t.equal(code('confirmed', 'cancelled', 'employee', 'gone'), 'ok')
  t.equal(code('pending', 'cancelled', 'employee', null), 'ok')
})

t.test('a customer’s cancel is done, passed on or too late, by status', async (t) => {
  t.same(ORDER_STATUSES.map(customerCancel), [
    ...['drop', 'cancel', 'request', 'request', 'too-late', 'too-late'],
    ...['closed', 'closed', 'closed'],
  ])
})
