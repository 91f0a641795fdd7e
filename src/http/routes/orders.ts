// /api/orders: orders within one's scope. Orders are placed by chat today; these routes read them.

import { z } from 'zod'
import { asId, type CustomerId, type OrderId, type UserId } from '../../domain/ids.ts'
import { findOrder, listOrders, type OrderDetail, type OrderSummary } from '../../persistence/order-views.ts'
import type { Api } from '../api.ts'
import type { Cursors } from '../cursor.ts'
import type { AppDeps } from '../deps.ts'
import { readPage, writePage } from '../pages.ts'
import { callerOf } from '../plugins/auth.ts'
import { idParams, listOf } from '../schemas/common.ts'
import { orderRow, ordersQuery, orderView } from '../schemas/orders.ts'
import { callerScope } from '../scope.ts'
import { iso, maskedOrNull, moneyView } from '../views.ts'

const LIST = 'orders:newest'

export function orderRoutes(api: Api, deps: AppDeps, cursors: Cursors): void {
  const { locale } = deps.organization

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
      const { status, customerId, userId, from, to, q, ...query } = request.query
      const page = readPage(cursors, LIST, query)
      if (!page.ok) return reply.refuse(page.refusal)
      const scope = await callerScope(deps.db, callerOf(request))
      const filter = {
        status,
        customerId: customerId === undefined ? undefined : asId<CustomerId>(customerId),
        userId: userId === undefined ? undefined : asId<UserId>(userId),
        from: from === undefined ? undefined : new Date(from),
        to: to === undefined ? undefined : new Date(to),
        q,
      }
      const found = await listOrders(deps.db, scope, filter, page.value)
      return writePage(cursors, LIST, page.value, found, (order) => row(order, locale))
    },
  )

  api.get(
    '/api/orders/:id',
    {
      config: { access: 'orders:read' },
      schema: {
        tags: ['Orders'],
        summary: 'One order with its lines and history',
        params: idParams,
        response: { 200: z.object({ order: orderView }) },
      },
    },
    async (request, reply) => {
      const scope = await callerScope(deps.db, callerOf(request))
      const order = await findOrder(deps.db, scope, asId<OrderId>(request.params.id))
      if (order === null)
        return reply.refuse({ code: 'not-found', message: 'There is no such order, or it is not yours to see.' })
      return { order: detail(order, locale) }
    },
  )
}

/** An order as lists show it. */
export function row(order: OrderSummary, locale: string) {
  const { id, number, label, customer, owner, channel, status, paymentStatus, fulfillment, itemCount, version } = order
  return {
    id,
    number,
    label,
    customer: { id: customer.id, name: customer.name, phoneMasked: maskedOrNull(customer.phone) },
    owner,
    channel,
    status,
    paymentStatus,
    fulfillment,
    total: moneyView(order.totalMinor, order.currency, locale),
    itemCount,
    placedAt: iso(order.placedAt),
    updatedAt: iso(order.updatedAt),
    version,
  }
}

function detail(order: OrderDetail, locale: string) {
  const money = (minor: number) => moneyView(minor, order.currency, locale)
  return {
    ...row(order, locale),
    subtotal: money(order.subtotalMinor),
    discount: money(order.discountMinor),
    shipping: money(order.shippingMinor),
    tax: money(order.taxMinor),
    note: order.note,
    lines: order.lines.map(({ id, variantId, sku, productName, variantName, quantity, ...line }) => ({
      id,
      variantId,
      sku,
      productName,
      variantName,
      quantity,
      unitPrice: money(line.unitPriceMinor),
      subtotal: money(line.subtotalMinor),
      discount: money(line.discountMinor),
      tax: money(line.taxMinor),
      total: money(line.totalMinor),
    })),
    events: order.events.map(({ type, fromStatus, toStatus, actor, at }) => ({
      type,
      from: fromStatus,
      to: toStatus,
      actor: { ...actor },
      at: iso(at),
    })),
    source: order.source === null ? null : { messageId: order.source.messageId },
    allowedTransitions: [...order.allowedTransitions],
  }
}
