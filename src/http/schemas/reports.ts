// Shapes of reports. The same figures go out as JSON and, with `?format=csv`, as a table.

import { z } from 'zod'
import { FUNNEL_ENDS, FUNNEL_STEPS } from '../../persistence/report-funnel.ts'
import { SALES_GROUPS } from '../../persistence/report-sales.ts'
import { LOSS_REASONS, SHELF_GROUPS } from '../../persistence/report-stock.ts'
import { id, isoTime, money } from './common.ts'

const edge = z.union([z.iso.date(), isoTime])
const format = z.enum(['json', 'csv']).default('json')

const period = {
  from: edge.optional().meta({
    description: 'A day of the organisation (`2026-01-31`) or an instant. Thirty days before the end when left out.',
    example: '2026-01-01',
  }),
  to: edge.optional().meta({
    description: 'A day, which is in the report, or an instant, which is not. Today when left out.',
    example: '2026-01-31',
  }),
  format,
}

export const salesQuery = z.strictObject({ ...period, groupBy: z.enum(SALES_GROUPS).default('day') })
export const funnelQuery = z.strictObject(period)
const MAX_LOSSES = 1_000
export const lossesQuery = z.strictObject({
  ...period,
  limit: z.coerce.number().int().min(1).max(MAX_LOSSES).default(100),
})
export const shelfQuery = z.strictObject({ groupBy: z.enum(SHELF_GROUPS).default('variant'), format })

const whole = z.number().int()
const about = {
  from: z.string().meta({ description: 'As asked for, or what it was when left out.' }),
  to: z.string(),
  timezone: z.string(),
  currency: z.string(),
}

const sales = {
  orders: whole,
  pieces: whole,
  gross: money.meta({ description: 'All orders, with tax and delivery, after discounts.' }),
  returnedOrders: whole,
  returnedPieces: whole,
  returns: money.meta({ description: 'Of those orders, the ones that were returned.' }),
  net: money.meta({ description: 'Gross without returns.' }),
  tax: money.meta({ description: 'The tax in the net.' }),
}

export const salesAnswer = z
  .object({
    report: z.object({ ...about, groupBy: z.enum(SALES_GROUPS) }),
    data: z.array(
      z.object({
        key: z
          .string()
          .nullable()
          .meta({ description: 'A day, or an id; `shipping` for delivery; null for products of no category.' }),
        name: z.string(),
        ...sales,
      }),
    ),
    total: z.object(sales),
  })
  .meta({ id: 'SalesReport' })

export const funnelAnswer = z
  .object({
    report: z.object(about),
    data: z.array(
      z.object({
        step: z.enum([...FUNNEL_STEPS, ...FUNNEL_ENDS]),
        orders: whole,
        value: money,
        share: z.number().meta({ description: 'Of the orders that were started, from 0 to 1.' }),
      }),
    ),
    medianSecondsToConfirm: whole.nullable(),
    medianSecondsToDeliver: whole.nullable(),
  })
  .meta({ id: 'FunnelReport' })

export const lossesAnswer = z
  .object({
    report: z.object(about),
    data: z.array(
      z.object({
        reason: z.enum(LOSS_REASONS),
        variantId: id.nullable(),
        sku: z.string().nullable(),
        name: z.string().meta({ description: 'Of the variant; or the words that were asked for, in lower case.' }),
        times: whole,
        customers: whole,
        wanted: whole,
        missing: whole.meta({ description: 'Pieces of those that were wanted and not there.' }),
        value: money.nullable().meta({ description: 'What the missing ones would have cost; null when not known.' }),
        lastAt: isoTime,
      }),
    ),
  })
  .meta({ id: 'LostSalesReport' })

const shelf = { onHand: whole, reserved: whole, value: money }

export const shelfAnswer = z
  .object({
    report: z.object({ groupBy: z.enum(SHELF_GROUPS), currency: z.string() }),
    data: z.array(z.object({ key: id.nullable(), sku: z.string().nullable(), name: z.string(), ...shelf })),
    total: z.object(shelf),
  })
  .meta({ id: 'StockValueReport' })
