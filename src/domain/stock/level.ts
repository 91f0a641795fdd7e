// What is in stock: on hand, reserved for orders, and the rest, which may be sold. Customers see one of three words,
// staff see numbers. Changing a level is persistence/stock.ts.

export const MOVEMENT_KINDS = ['receipt', 'adjustment', 'reserve', 'release', 'sale', 'return', 'writeoff'] as const
export type MovementKind = (typeof MOVEMENT_KINDS)[number]

export const AVAILABILITIES = ['in_stock', 'low', 'out_of_stock'] as const
export type Availability = (typeof AVAILABILITIES)[number]

/** Invariant, held by the database too: 0 ≤ reserved ≤ onHand. */
export interface StockLevel {
  readonly onHand: number
  readonly reserved: number
}

/** What may still be sold. */
export function available(level: StockLevel): number {
  return level.onHand - level.reserved
}

/** What a customer is told. Without tracking there is always some. */
export function availabilityOf(variant: {
  readonly trackStock: boolean
  readonly available: number
  readonly lowStockThreshold: number
}): Availability {
  if (!variant.trackStock) return 'in_stock'
  if (variant.available <= 0) return 'out_of_stock'
  return variant.available <= variant.lowStockThreshold ? 'low' : 'in_stock'
}

/** The best of several: a product is in stock when one of its variants is. */
export function bestAvailability(all: readonly Availability[]): Availability {
  return AVAILABILITIES.find((each) => all.includes(each)) ?? 'out_of_stock'
}
