// Shapes of orders: a row of the list, and the whole of one.

import { z } from 'zod'
import { MESSAGE_STATUSES } from '../../domain/conversation/message.ts'
import { ATTENTIONS, FULFILLMENTS, ORDER_CHANNELS, ORDER_STATUSES, PAYMENT_STATUSES } from '../../domain/order/order.ts'
import { PAYMENT_KINDS, PAYMENT_METHODS } from '../../domain/order/payment.ts'
import { ORDER_SORTS } from '../../persistence/order-views.ts'
import { id, isoTime, money, nullableTime, pageQuery } from './common.ts'

/** A parameter that may be given once or several times. */
const several = <T extends readonly [string, ...string[]]>(values: T) =>
  z.union([z.array(z.enum(values)).max(20), z.enum(values).transform((one) => [one])]).optional()

export const ordersQuery = z.strictObject({
  ...pageQuery,
  status: several(ORDER_STATUSES).meta({ description: 'One, or several: `?status=pending&status=confirmed`.' }),
  paymentStatus: several(PAYMENT_STATUSES),
  attention: several(ATTENTIONS).meta({
    description:
      'Orders to look at: `stale` (nobody moved it for a day), `cancel_requested` by the customer, `not_notified` (a message could not be delivered), `opted_out` (the customer said STOP). Any of those given.',
  }),
  sort: z.enum(ORDER_SORTS).default('-createdAt'),
  customerId: id.optional(),
  userId: id.optional(),
  from: isoTime.optional(),
  to: isoTime.optional(),
  q: z.string().trim().min(1).max(100).optional().meta({ description: 'Order number or customer name.' }),
})

const row = {
  id,
  number: z.number().int(),
  label: z.string().meta({ example: 'ORD-001042' }),
  customer: z.object({ id, name: z.string(), phoneMasked: z.string().nullable() }),
  owner: z.object({ id, name: z.string(), email: z.string() }),
  channel: z.enum(ORDER_CHANNELS),
  status: z.enum(ORDER_STATUSES),
  paymentStatus: z.enum(PAYMENT_STATUSES),
  fulfillment: z.enum(FULFILLMENTS),
  total: money,
  itemCount: z.number().int(),
  placedAt: isoTime,
  updatedAt: isoTime,
  attention: z.array(z.enum(ATTENTIONS)),
  version: z.number().int(),
}

export const orderRow = z.object(row).meta({ id: 'OrderRow' })

const orderEventView = z
  .object({
    type: z.string(),
    from: z.enum(ORDER_STATUSES).nullable(),
    to: z.enum(ORDER_STATUSES).nullable(),
    actor: z.object({ type: z.string(), id: id.nullable() }),
    data: z.record(z.string(), z.unknown()),
    at: isoTime,
  })
  .meta({ id: 'OrderEvent' })

export const paymentView = z
  .object({
    id,
    kind: z.enum(PAYMENT_KINDS),
    method: z.enum(PAYMENT_METHODS),
    amount: money,
    reference: z.string(),
    actorId: id.nullable(),
    at: isoTime,
  })
  .meta({ id: 'Payment' })

export const orderView = z
  .object({
    ...row,
    subtotal: money,
    discount: money,
    shipping: money,
    tax: money,
    note: z.string(),
    lines: z.array(
      z.object({
        id,
        variantId: id,
        sku: z.string(),
        productName: z.string(),
        variantName: z.string(),
        quantity: z.number().int(),
        unitPrice: money,
        subtotal: money,
        discount: money,
        tax: money,
        total: money,
      }),
    ),
    address: z.record(z.string(), z.string()).nullable(),
    cancelReason: z.string().nullable(),
    cancelRequestedAt: nullableTime,
    expiresAt: nullableTime,
    payments: z.array(paymentView),
    balance: z.object({ paid: money, refunded: money, due: money, credit: money }).meta({
      description: '`credit` is what was paid beyond the total.',
    }),
    notice: z
      .object({ messageId: id, status: z.enum(MESSAGE_STATUSES) })
      .nullable()
      .meta({ description: 'The latest message to the customer about the order.' }),
    events: z.array(orderEventView),
    source: z
      .object({ messageId: id.nullable(), text: z.string().nullable(), at: nullableTime })
      .nullable()
      .meta({ description: 'The message that placed it, when it came by chat.' }),
    allowedTransitions: z.array(z.enum(ORDER_STATUSES)).meta({ description: 'Where you may move it now.' }),
  })
  .meta({ id: 'Order' })

export const orderAnswer = z.object({ order: orderView })
export const orderEventsAnswer = z.object({ data: z.array(orderEventView) })
