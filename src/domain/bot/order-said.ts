// An order as the bot speaks of it, from an order as it is kept.

import { fullName } from '../catalogue/search.ts'
import type { Minor } from '../money.ts'
import type { OrderSaid, Wanted } from './say.ts'

interface KeptLine {
  readonly productName: string
  readonly variantName: string
  readonly quantity: number
  readonly unitPriceMinor: Minor
  readonly totalMinor: Minor
}

type KeptOrder = Omit<OrderSaid, 'lines' | 'at'> & { readonly placedAt: Date; readonly lines: readonly KeptLine[] }

/** Prices and names are those the order was placed with. */
export function orderSaid(order: KeptOrder): OrderSaid {
  const { number, status, paymentStatus, fulfillment, currency, totalMinor, placedAt, lines } = order
  return { number, status, paymentStatus, fulfillment, currency, totalMinor, at: placedAt, lines: lines.map(lineSaid) }
}

function lineSaid({ productName, variantName, quantity, unitPriceMinor, totalMinor }: KeptLine): Wanted {
  return { name: fullName(productName, variantName), quantity, unitMinor: unitPriceMinor, totalMinor }
}
