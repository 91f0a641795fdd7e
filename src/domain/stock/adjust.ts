// What a correction of stock may say: goods that came in, a difference by hand, goods written off, or what somebody counted. Whether open
// orders leave room for it is decided by the statement that writes it (persistence/stock-adjust.ts), from the level as it is then.

import { MAX_STOCK } from '../catalogue/product.ts'
import type { VariantId } from '../ids.ts'
import { type FieldError, ok, type Result, refuse } from '../result.ts'

export const ADJUSTMENT_KINDS = ['receipt', 'adjustment', 'writeoff'] as const
export type AdjustmentKind = (typeof ADJUSTMENT_KINDS)[number]

export interface AdjustmentInput {
  readonly variantId: VariantId
  /** Pieces that come or go. Either this, or `countedOnHand`. */
  readonly delta?: number | undefined
  /** What lies on the shelf, reserved pieces included. */
  readonly countedOnHand?: number | undefined
  readonly kind?: AdjustmentKind | undefined
  readonly reason: string
  /** Where the fields stand in the request: '' or `items[0].`. */
  readonly path: string
}

export interface Adjustment {
  readonly variantId: VariantId
  readonly kind: AdjustmentKind
  readonly reason: string
  readonly path: string
  /** Exactly one of the two is a number. */
  readonly delta: number | null
  readonly counted: number | null
}

/**
 * The corrections in the order of their variants, the order in which everybody locks them. Refuses with every field at fault: neither or both
 * of delta and count, a sign that does not fit the kind, a count that is called something else, the same variant twice.
 */
export function planAdjustments(
  inputs: readonly AdjustmentInput[],
): Result<readonly Adjustment[], 'invalid-adjustment'> {
  const errors: FieldError[] = []
  const seen = new Set<VariantId>()
  for (const input of inputs) {
    const fault = seen.has(input.variantId) ? SAME_TWICE : faultOf(input)
    seen.add(input.variantId)
    if (fault !== null) {
      const [field, message] = fault
      errors.push({ path: `${input.path}${field}`, code: 'invalid-adjustment', message })
    }
  }
  const [first] = errors
  if (first !== undefined) return refuse('invalid-adjustment', first.message, { errors })
  const planned = inputs.map((input): Adjustment => {
    const { variantId, reason, path, delta = null, countedOnHand: counted = null } = input
    return { variantId, kind: input.kind ?? 'adjustment', reason, path, delta, counted }
  })
  return ok(planned.sort((a, b) => (a.variantId < b.variantId ? -1 : 1)))
}

type Fault = readonly [field: string, message: string]

const SAME_TWICE: Fault = ['variantId', 'Name each variant once.']

function faultOf({ delta, countedOnHand, kind = 'adjustment' }: AdjustmentInput): Fault | null {
  if (countedOnHand !== undefined) {
    if (delta !== undefined) return ['delta', 'Give either delta or countedOnHand, not both.']
    if (kind !== 'adjustment') return ['kind', 'A count is an adjustment: leave kind out.']
    const good = Number.isInteger(countedOnHand) && countedOnHand >= 0 && countedOnHand <= MAX_STOCK
    return good ? null : ['countedOnHand', `A count is a whole number from 0 to ${MAX_STOCK}.`]
  }
  if (delta === undefined) return ['delta', 'Give delta (pieces that come or go) or countedOnHand (what is there).']
  if (!Number.isInteger(delta) || delta === 0 || Math.abs(delta) > MAX_STOCK)
    return ['delta', `delta is a whole number other than 0, at most ${MAX_STOCK} either way.`]
  if (kind === 'receipt' && delta < 0) return ['delta', 'A receipt brings goods: its delta is above 0.']
  if (kind === 'writeoff' && delta > 0) return ['delta', 'A write-off takes goods away: its delta is below 0.']
  return null
}
