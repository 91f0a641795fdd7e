// Shapes of orders: a row of the list, and the whole of one.

import { z } from 'zod'
import { FULFILLMENTS, ORDER_CHANNELS, ORDER_STATUSES, PAYMENT_STATUSES } from '../../domain/order/order.ts'
import { id, isoTime, money, pageQuery } from './common.ts'

const status = z.enum(ORDER_STATUSES)

export const ordersQuery = z.strictObject({
  ...pageQuery,
  status: z
    .union([z.array(status).max(20), status.transform((one) => [one])])
    .optional()
    .meta({ description: 'One, or several: `?status=pending&status=confirmed`.' }),
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
  version: z.number().int(),
}

export const orderRow = z.object(row).meta({ id: 'OrderRow' })

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
    events: z.array(
      z.object({
        type: z.string(),
        from: z.enum(ORDER_STATUSES).nullable(),
        to: z.enum(ORDER_STATUSES).nullable(),
        actor: z.object({ type: z.string(), id: id.nullable() }),
        at: isoTime,
      }),
    ),
    source: z
      .object({ messageId: id.nullable() })
      .nullable()
      .meta({ description: 'The message that placed it, when it came by chat.' }),
    allowedTransitions: z.array(z.enum(ORDER_STATUSES)),
  })
  .meta({ id: 'Order' })
