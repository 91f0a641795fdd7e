// Shapes of stock: levels, the ledger, corrections. Which signs fit which kind is the domain's (domain/stock/adjust.ts).

import { z } from 'zod'
import { PRODUCT_STATUSES } from '../../domain/catalogue/product.ts'
import { ADJUSTMENT_KINDS } from '../../domain/stock/adjust.ts'
import { AVAILABILITIES, MOVEMENT_KINDS } from '../../domain/stock/level.ts'
import { LEVEL_SORTS } from '../../persistence/stock-views.ts'
import { flag, id, isoTime, pageQuery } from './common.ts'

const MAX_ITEMS = 100
const MAX_REASON_CHARS = 200

export const levelsQuery = z.strictObject({
  ...pageQuery,
  q: z.string().trim().min(1).max(100).optional().meta({ description: 'Part of a name or a SKU.' }),
  low: flag.optional().meta({ description: 'Only where some are left, but no more than the threshold.' }),
  out: flag.optional().meta({ description: 'Only where none is left; with `low=true`, either.' }),
  sort: z.enum(LEVEL_SORTS).default('name'),
})

const whole = z.number().int()
const figures = { onHand: whole, reserved: whole, available: whole }

export const levelRow = z
  .object({
    variantId: id,
    productId: id,
    sku: z.string(),
    name: z.string(),
    status: z.enum(PRODUCT_STATUSES),
    tracked: z.boolean().meta({ description: 'False: it is sold without being counted.' }),
    ...figures,
    threshold: whole.meta({ description: 'What is left counts as low at or below it.' }),
    state: z.enum(AVAILABILITIES),
  })
  .meta({ id: 'StockLevel' })

export const movementsQuery = z.strictObject({
  ...pageQuery,
  variantId: id.optional(),
  kind: z.enum(MOVEMENT_KINDS).optional(),
  from: isoTime.optional().meta({ description: 'Written at this time or after.' }),
  to: isoTime.optional().meta({ description: 'Written before this time.' }),
})

export const movementRow = z
  .object({
    id,
    variantId: id,
    sku: z.string(),
    name: z.string(),
    kind: z.enum(MOVEMENT_KINDS),
    onHandDelta: whole,
    reservedDelta: whole,
    onHandAfter: whole,
    reservedAfter: whole,
    order: z
      .object({ id, label: z.string() })
      .nullable()
      .meta({ description: 'The order it belongs to, when it is yours to see.' }),
    reason: z.string(),
    actor: z.object({ type: z.string(), id: id.nullable() }),
    at: isoTime,
  })
  .meta({ id: 'StockMovement' })

const reason = z.string().trim().min(1).max(MAX_REASON_CHARS)
const correction = {
  delta: whole.optional().meta({ description: 'Pieces that come (above 0) or go (below 0).' }),
  countedOnHand: whole.optional().meta({ description: 'What was counted on the shelf, reserved pieces included.' }),
  kind: z
    .enum(ADJUSTMENT_KINDS)
    .optional()
    .meta({ description: '`receipt` has a delta above 0, `writeoff` one below 0; `adjustment` when left out.' }),
}

export const adjustmentBody = z
  .strictObject({
    variantId: id.optional(),
    ...correction,
    reason: reason.optional().meta({ description: 'Why; also for all `items` that say nothing else.' }),
    items: z
      .array(z.strictObject({ variantId: id, ...correction, reason: reason.optional() }))
      .min(1)
      .max(MAX_ITEMS)
      .optional()
      .meta({ description: 'Several at once, all or none of them. Then the fields above but `reason` are left out.' }),
  })
  .meta({ example: { variantId: '01890000-0000-7000-8000-000000000001', countedOnHand: 12, reason: 'stocktaking' } })

export const adjustmentAnswer = z.object({
  data: z.array(
    z.object({
      movementId: id,
      variantId: id,
      sku: z.string(),
      kind: z.enum(MOVEMENT_KINDS),
      delta: whole.meta({ description: 'For a count: what it found more or less than was known.' }),
      ...figures,
    }),
  ),
})

export const stockCheckAnswer = z.object({
  ok: z.boolean(),
  differences: z.array(
    z.object({
      variantId: id,
      sku: z.string(),
      onHand: whole,
      reserved: whole,
      ledgerOnHand: whole.meta({ description: 'What the movements add up to.' }),
      ledgerReserved: whole,
      ordered: whole.meta({ description: 'What open orders hold.' }),
      brokenMovements: whole.meta({
        description: 'Movements whose level after is not the one before plus the difference.',
      }),
    }),
  ),
})
