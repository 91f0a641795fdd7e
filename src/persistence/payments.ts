// Payments and refunds of an order, recorded by hand, under the lock of the order: no more is given back than was paid. What they make of the
// order's payment status is derived (domain/order/payment.ts), never set.
import type { Scope } from '../domain/access.ts'
import type { OrderId } from '../domain/ids.ts'
import { formatMoney, type Minor } from '../domain/money.ts'
import { type Balance, balanceOf, ledgerOf, type PaymentKind, type PaymentMethod } from '../domain/order/payment.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import type { Queryable, Tx } from './database.ts'
import { type ChangeBy, lockOrder, type OrderDeps, recordChange } from './order-changes.ts'

export interface PaymentView {
  readonly id: string
  readonly kind: PaymentKind
  readonly method: PaymentMethod
  readonly amountMinor: Minor
  readonly reference: string
  readonly actorId: string | null
  readonly at: Date
}

export interface RecordPayment extends ChangeBy {
  readonly scope: Scope
  readonly orderId: OrderId
  readonly kind: PaymentKind
  readonly method: PaymentMethod
  /** More than nothing, in the order's currency. */
  readonly amountMinor: Minor
  readonly reference: string
}

export interface RecordedPayment {
  readonly payment: PaymentView
  readonly balance: Balance
  /** Of the order. */
  readonly version: number
}

type Code = 'not-found' | 'stale-version' | 'order-not-placed' | 'refund-exceeds-paid'

export async function recordPayment(
  tx: Tx,
  deps: Pick<OrderDeps, 'newId' | 'organization'>,
  input: RecordPayment,
): Promise<Result<RecordedPayment, Code>> {
  const { kind, method, amountMinor, reference, actor, at } = input
  const locked = await lockOrder(tx, input.scope, input.orderId, input.expectedVersion ?? null)
  if (!locked.ok) return locked
  const order = locked.value
  if (order.status === 'draft' || order.status === 'expired')
    return refuse('order-not-placed', `The order is ${order.status}: nothing can be paid for it.`)
  const before = ledgerOf(await paymentsOf(tx, order.id))
  const left = before.paidMinor - before.refundedMinor
  if (kind === 'refund' && amountMinor > left) {
    const most = formatMoney(left, order.currency, deps.organization.locale)
    return refuse('refund-exceeds-paid', `Only ${most} was paid and not given back yet. Refund at most that.`, {
      errors: [{ path: 'amount', code: 'refund-exceeds-paid', message: `At most ${most}.` }],
    })
  }
  const payment = { id: deps.newId(), kind, method, amountMinor, reference, actorId: actor.id, at }
  await tx.run(
    `insert into payments (id, order_id, kind, method, amount_minor, reference, at, actor_id) values (?, ?, ?, ?, ?, ?, ?, ?)`,
    [payment.id, order.id, kind, method, amountMinor, reference, at, actor.id],
  )
  const balance = balanceOf(order.totalMinor, ledgerOf([...ledgerEntries(before), payment]))
  const version = order.version + 1
  await tx.run('update orders set payment_status = ?, updated_at = ?, version = version + 1 where id = ?', [
    balance.status,
    at,
    order.id,
  ])
  await recordChange(tx, deps, { ...order, paymentStatus: balance.status, version }, input, {
    type: kind,
    data: { paymentId: payment.id, method, amountMinor },
    action: `${kind}.create`,
    before: { paymentStatus: order.paymentStatus },
    after: { paymentStatus: balance.status, method, amountMinor },
  })
  return ok({ payment, balance, version })
}

const ledgerEntries = ({ paidMinor, refundedMinor }: ReturnType<typeof ledgerOf>) => [
  { kind: 'payment' as const, amountMinor: paidMinor },
  { kind: 'refund' as const, amountMinor: refundedMinor },
]

/** Of one order, in the order in which they were recorded. */
export function paymentsOf(q: Queryable, orderId: OrderId): Promise<readonly PaymentView[]> {
  return q.rows<PaymentView>(
    `select id, kind, method, amount_minor::float8 as "amountMinor", reference, actor_id as "actorId", at
     from payments where order_id = ? order by id`,
    [orderId],
  )
}
