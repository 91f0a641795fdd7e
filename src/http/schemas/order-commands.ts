// Bodies of what is done with orders: written, changed, moved, paid, refunded. All strict: sums are ours, so a client cannot send them.

import { z } from 'zod'
import { FULFILLMENTS, ORDER_STATUSES } from '../../domain/order/order.ts'
import { PAYMENT_METHODS } from '../../domain/order/payment.ts'
import { changes, id, moneyInput } from './common.ts'
import { orderView, paymentView } from './orders.ts'

const MAX_LINES = 100
const MAX_QUANTITY = 9_999

const quantity = z.number().int().min(1).max(MAX_QUANTITY)
const note = z.string().trim().max(2_000)

const item = z
  .strictObject({
    variantId: id.optional(),
    sku: z.string().trim().min(1).max(100).optional(),
    quantity,
    unitPrice: moneyInput.optional().meta({ description: 'In place of the catalogue’s price; for managers.' }),
    discount: moneyInput.optional().meta({ description: 'Off the whole line.' }),
  })
  .refine(({ variantId, sku }) => (variantId === undefined) !== (sku === undefined), {
    message: 'give either variantId or sku',
  })

const items = z.array(item).min(1).max(MAX_LINES)
export type ItemBody = z.infer<typeof item>

const text = z.string().trim().max(200)
const address = z
  .union([
    z
      .string()
      .trim()
      .min(1)
      .max(500)
      .transform((one) => ({ text: one })),
    z.strictObject({
      name: text.optional(),
      phone: text.optional(),
      street: text.optional(),
      street2: text.optional(),
      city: text.optional(),
      region: text.optional(),
      postalCode: text.optional(),
      country: text.optional(),
      text: z.string().trim().max(500).optional(),
    }),
  ])
  .meta({ description: 'As one text, or in its parts.' })

const customer = { phoneNumber: z.string().max(40), name: z.string().max(200).optional() }

export const orderBody = z
  .strictObject({
    customerId: id.optional(),
    customer: z.strictObject(customer).optional(),
    phoneNumber: customer.phoneNumber.optional(),
    name: customer.name,
    userId: id.optional().meta({ description: 'Whose account speaks to the customer; your own if left out.' }),
    items,
    discount: moneyInput.optional().meta({ description: 'Off the whole order. More than a tenth is for managers.' }),
    shipping: moneyInput.optional(),
    note: note.optional(),
    address: address.optional(),
    fulfillment: z.enum(FULFILLMENTS).optional(),
    draft: z.boolean().default(false).meta({ description: 'Written down, but nothing is reserved and nobody told.' }),
    notify: z.boolean().default(true).meta({ description: 'Whether the customer is told.' }),
  })
  .refine(
    (body) => [body.customerId, body.customer, body.phoneNumber].filter((each) => each !== undefined).length === 1,
    { message: 'say who it is for: customerId, or phoneNumber with a name' },
  )

export const orderPatch = changes({
  note,
  address: address.nullable(),
  fulfillment: z.enum(FULFILLMENTS),
  items: items.meta({ description: 'All lines as they shall be. Only before the order is confirmed.' }),
  discount: moneyInput,
  shipping: moneyInput,
})

export const transitionBody = z.strictObject({
  to: z.enum(ORDER_STATUSES),
  reason: z
    .string()
    .trim()
    .max(500)
    .optional()
    .meta({ description: 'Read by the customer when the order is cancelled.' }),
  notify: z.boolean().default(true),
  restock: z
    .array(z.strictObject({ lineId: id, quantity: z.number().int().min(0).max(MAX_QUANTITY).optional() }))
    .max(MAX_LINES)
    .optional()
    .meta({
      description: 'For a return: what goes back on the shelf; the rest is written off. Left out, all goes back.',
    }),
})

export const paymentBody = z.strictObject({
  amount: moneyInput,
  method: z.enum(PAYMENT_METHODS),
  reference: z.string().trim().max(200).default(''),
})

export const paymentAnswer = z.object({ payment: paymentView, order: orderView })
