// GET /api/orders: orders within one's scope, as a list, one by one, and their history. Writing and moving them are order-writing.ts,
// order-moves.ts and order-payments.ts.

import { asId, type CustomerId, type OrderId, type UserId } from '../../domain/ids.ts'
import { noSuchOrder } from '../../persistence/order-changes.ts'
import { listOrders, orderEvents } from '../../persistence/order-views.ts'
import type { Api } from '../api.ts'
import type { Cursors } from '../cursor.ts'
import type { AppDeps } from '../deps.ts'
import { shownOrder, staleBefore } from '../order-desk.ts'
import { eventView, orderRowView } from '../order-view.ts'
import { readPage, writePage } from '../pages.ts'
import { callerOf } from '../plugins/auth.ts'
import { idParams, listOf } from '../schemas/common.ts'
import { orderAnswer, orderEventsAnswer, orderRow, ordersQuery } from '../schemas/orders.ts'
import { callerScope } from '../scope.ts'

export function orderRoutes(api: Api, deps: AppDeps, cursors: Cursors): void {
  const { organization } = deps

  api.get(
    '/api/orders',
    {
      config: { access: 'orders:read', refusals: ['invalid-cursor'] },
      schema: {
        tags: ['Orders'],
        summary: 'Orders, newest first',
        querystring: ordersQuery,
        response: { 200: listOf(orderRow) },
      },
    },
    async (request, reply) => {
      const { limit, cursor, customerId, userId, from, to, ...filter } = request.query
      const list = `orders:${filter.sort}`
      const page = readPage(cursors, list, { limit, cursor })
      if (!page.ok) return reply.refuse(page.refusal)
      const scope = await callerScope(deps.db, callerOf(request))
      const wanted = {
        ...filter,
        customerId: customerId === undefined ? undefined : asId<CustomerId>(customerId),
        userId: userId === undefined ? undefined : asId<UserId>(userId),
        from: from === undefined ? undefined : new Date(from),
        to: to === undefined ? undefined : new Date(to),
        staleBefore: staleBefore(deps),
      }
      const found = await listOrders(deps.db, scope, wanted, page.value)
      return writePage(cursors, list, page.value, found, (order) => orderRowView(order, organization.locale))
    },
  )

  api.get(
    '/api/orders/:id',
    {
      config: { access: 'orders:read' },
      schema: {
        tags: ['Orders'],
        summary: 'One order with its lines, payments and history',
        description: '`ETag` is its version: send it back in `If-Match` with what you decide upon it.',
        params: idParams,
        response: { 200: orderAnswer },
      },
    },
    async (request, reply) => {
      const order = await shownOrder(deps, request, reply, asId<OrderId>(request.params.id))
      return order === null ? reply.refuse(noSuchOrder.refusal) : { order }
    },
  )

  api.get(
    '/api/orders/:id/events',
    {
      config: { access: 'orders:read' },
      schema: {
        tags: ['Orders'],
        summary: 'What happened to an order, from the beginning',
        params: idParams,
        response: { 200: orderEventsAnswer },
      },
    },
    async (request, reply) => {
      const scope = await callerScope(deps.db, callerOf(request))
      const events = await orderEvents(deps.db, scope, asId<OrderId>(request.params.id))
      return events === null ? reply.refuse(noSuchOrder.refusal) : { data: events.map(eventView) }
    },
  )
}
