// POST /api/orders/:id/transitions, /payments and /refunds: what staff do with an order once it is there, and the customer's own cancel.

import { can } from '../../domain/access.ts'
import { asId, type OrderId } from '../../domain/ids.ts'
import { parseMoney } from '../../domain/money.ts'
import type { PaymentKind } from '../../domain/order/payment.ts'
import { noSuchOrder } from '../../persistence/order-changes.ts'
import { moveOrder } from '../../persistence/order-moves.ts'
import { recordPayment } from '../../persistence/payments.ts'
import type { Api } from '../api.ts'
import type { AppDeps } from '../deps.ts'
import { answerOrder, changeBy, orderDepsOf, shownOrder } from '../order-desk.ts'
import { paymentEntryView } from '../order-view.ts'
import { callerOf } from '../plugins/auth.ts'
import { idParams } from '../schemas/common.ts'
import { paymentAnswer, paymentBody, transitionBody } from '../schemas/order-commands.ts'
import { orderAnswer } from '../schemas/orders.ts'
import { callerScope } from '../scope.ts'

export function orderMoveRoutes(api: Api, deps: AppDeps): void {
  const { organization } = deps

  api.post(
    '/api/orders/:id/transitions',
    {
      config: {
        access: 'orders:cancel',
        idempotent: true,
        refusals: [
          'order-transition-not-allowed',
          'forbidden',
          'reason-required',
          'stale-version',
          'invalid-parameter',
          'insufficient-stock',
          'unknown-variant',
          'invalid-restock',
        ],
      },
      schema: {
        tags: ['Orders'],
        summary: 'Move an order to its next status',
        description:
          'Reserves, sells, releases or takes back its goods, and tells the customer once. With `If-Match` only the version you have read. Customers may cancel their own orders while they are pending.',
        params: idParams,
        body: transitionBody,
        response: { 200: orderAnswer },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const by = changeBy(deps, request)
      if (!by.ok) return reply.refuse(by.refusal)
      const { to, reason = null, restock = null } = request.body
      const scope = await callerScope(deps.db, caller)
      const orderId = asId<OrderId>(request.params.id)
      // Customers are told in any case: it is their order.
      const notify = request.body.notify || !can(caller, 'orders:write')
      const moved = await deps.db.transaction((tx) =>
        moveOrder(tx, orderDepsOf(deps), {
          ...by.value,
          ...{ scope, orderId, to, mover: caller.role, reason, restock, notify },
        }),
      )
      return moved.ok ? answerOrder(deps, request, reply, orderId) : reply.refuse(moved.refusal)
    },
  )

  entry(
    'payment',
    'Record a payment',
    'Recorded by hand: cash, a transfer, a card. What is beyond the total stands as credit.',
  )
  entry('refund', 'Record a refund', 'At most what was paid and not given back yet.')

  function entry(kind: PaymentKind, summary: string, description: string): void {
    api.post(
      `/api/orders/:id/${kind}s`,
      {
        config: {
          access: kind === 'payment' ? 'payments:write' : 'refunds:write',
          idempotent: true,
          refusals: [
            'invalid-money',
            'order-not-placed',
            'stale-version',
            'invalid-parameter',
            ...(kind === 'refund' ? ['refund-exceeds-paid' as const] : []),
          ],
        },
        schema: {
          tags: ['Orders'],
          summary,
          description,
          params: idParams,
          body: paymentBody,
          response: { 201: paymentAnswer },
        },
      },
      async (request, reply) => {
        const by = changeBy(deps, request)
        if (!by.ok) return reply.refuse(by.refusal)
        const { method, reference } = request.body
        const amount = parseMoney(request.body.amount, organization.currency)
        const wrong = amount.ok ? (amount.value === 0 ? NOTHING : null) : amount.refusal
        if (!amount.ok || wrong !== null) {
          const { code, message } = wrong ?? NOTHING
          return reply.refuse({ code, message, errors: [{ path: 'amount', code, message }] })
        }
        const orderId = asId<OrderId>(request.params.id)
        const scope = await callerScope(deps.db, callerOf(request))
        const recorded = await deps.db.transaction((tx) =>
          recordPayment(tx, orderDepsOf(deps), {
            ...by.value,
            ...{ scope, orderId, kind, method, reference, amountMinor: amount.value },
          }),
        )
        if (!recorded.ok) return reply.refuse(recorded.refusal)
        const order = await shownOrder(deps, request, reply, orderId)
        if (order === null) return reply.refuse(noSuchOrder.refusal)
        const payment = paymentEntryView(recorded.value.payment, organization.currency, organization.locale)
        return reply.code(201).header('location', `/api/orders/${orderId}`).send({ payment, order })
      },
    )
  }
}

const NOTHING = { code: 'invalid-money', message: 'The amount must be more than nothing.' } as const
