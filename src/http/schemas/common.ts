// Shapes that many routes share: problems, lists, money, times. Strict where a caller may err, plain JSON on the way out.

import { z } from 'zod'
import type { MoneyInput } from '../../domain/money.ts'

export const isoTime = z.iso.datetime()
export const nullableTime = isoTime.nullable()
/** Ids are lower-case UUIDs. */
export const id = z.uuid()
export const idParams = z.strictObject({ id })

/** The body of a change: what is left out stays as it is, and nothing at all is a mistake. */
export function changes<T extends z.core.$ZodShape>(shape: T) {
  return z
    .strictObject(shape)
    .partial()
    .refine((body) => Object.keys(body).length > 0, { message: 'say what to change' })
}

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
    message: z.string(),
    requestId: z.string(),
    errors: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })).optional(),
    allowed: z
      .array(z.string())
      .optional()
      .meta({ description: '`order-transition-not-allowed`: what the order may become.' }),
    short: z
      .array(
        z.object({
          variantId: z.string(),
          sku: z.string(),
          name: z.string(),
          wanted: z.number().int(),
          available: z.number().int(),
        }),
      )
      .optional()
      .meta({ description: '`insufficient-stock`: every line of which there is too little.' }),
  })
  .meta({ id: 'Problem', description: 'What went wrong and what to do (RFC 9457). `code` is stable.' })

/** Money on the way out: minor units, their currency, and how a person reads it. */
export const money = z
  .object({ amount: z.number().int(), currency: z.string(), formatted: z.string() })
  .meta({ id: 'Money', example: { amount: 129_900, currency: 'USD', formatted: '$1,299.00' } })

/** Money on the way in: major units as text or number, or the object that lists give out. */
export const moneyInput: z.ZodType<MoneyInput, MoneyInput> = z
  .union([
    z.string().max(40),
    z.number(),
    z.object({ amount: z.number().int(), currency: z.string().length(3), formatted: z.string().optional() }),
  ])
  .meta({ description: 'Major units (`"1299.00"`, `1299`) or `{amount, currency}` in minor units.' })

const DEFAULT_LIMIT = 25
const MAX_LIMIT = 100

/** The parameters of every list; lists add their filters. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
  cursor: z.string().max(1000).optional().meta({ description: '`page.nextCursor` of the page before.' }),
}

/** `true` or `false` in a query. */
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true')

/** The envelope of every list. */
export function listOf<T extends z.ZodType>(row: T) {
  return z.object({
    data: z.array(row),
    page: z.object({ limit: z.number().int(), nextCursor: z.string().nullable(), total: z.number().int().optional() }),
  })
}
