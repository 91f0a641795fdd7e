// What the routes of orders share: who changes one, on what they decided, and the order as it is shown to them afterwards.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { OrderId } from '../domain/ids.ts'
import { ok, type Result } from '../domain/result.ts'
import { type ChangeBy, noSuchOrder, type OrderDeps } from '../persistence/order-changes.ts'
import { findOrder } from '../persistence/order-views.ts'
import type { AppDeps } from './deps.ts'
import { etag, ifMatch } from './if-match.ts'
import { orderDetailView } from './order-view.ts'
import { callerOf } from './plugins/auth.ts'
import { callerScope } from './scope.ts'

export function orderDepsOf({ organization, sealer, policy, newId, newWaMessageId }: AppDeps): OrderDeps {
  return { organization, sealer, policy: policy.orders, newId, newWaMessageId }
}

/** The caller as the one who changes an order now; refused when `If-Match` is rubbish. */
export function changeBy(deps: AppDeps, request: FastifyRequest): Result<ChangeBy, 'invalid-parameter'> {
  const version = ifMatch(request)
  if (!version.ok) return version
  const actor = { type: 'user', id: callerOf(request).id } as const
  return ok({ actor, at: deps.now(), expectedVersion: version.value, ip: request.ip, requestId: request.id })
}

/** An order that nobody has moved since then is stale. */
export function staleBefore(deps: AppDeps): Date {
  return new Date(deps.now().getTime() - deps.policy.orders.staleMs)
}

/** The order as the caller sees it now, with its version in `ETag`; null when it is not theirs to see. */
export async function shownOrder(deps: AppDeps, request: FastifyRequest, reply: FastifyReply, id: OrderId) {
  const caller = callerOf(request)
  const order = await findOrder(deps.db, await callerScope(deps.db, caller), id, staleBefore(deps))
  if (order === null) return null
  etag(reply, order.version)
  return orderDetailView(order, caller.role, deps.organization.locale)
}

/** The same, for an order the caller has just changed: it is there, unless their scope changed at this moment. */
export async function answerOrder(deps: AppDeps, request: FastifyRequest, reply: FastifyReply, id: OrderId) {
  const order = await shownOrder(deps, request, reply, id)
  return order === null ? reply.refuse(noSuchOrder.refusal) : reply.send({ order })
}
