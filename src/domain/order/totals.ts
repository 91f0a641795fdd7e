// What an order costs. Computed here and nowhere else, from prices of the catalogue, never from a client's sums.
// Tax is computed and rounded (half up) line by line and then added, so that an invoice adds up.
import type { Minor } from '../money.ts'

export interface PricedLine {
  readonly unitPriceMinor: Minor
  readonly quantity: number
  readonly taxRateBp: number
  readonly taxIncluded: boolean
}

export interface LineTotals {
  readonly subtotalMinor: Minor
  readonly discountMinor: Minor
  readonly taxMinor: Minor
  /** subtotal − discount, plus the tax when the price did not contain it. */
  readonly totalMinor: Minor
}

export interface OrderTotals {
  readonly subtotalMinor: Minor
  readonly discountMinor: Minor
  readonly shippingMinor: Minor
  readonly taxMinor: Minor
  readonly totalMinor: Minor
}

const FULL_BP = 10_000n

/** The figures of one line. Throws when they leave the safe integers, which no checked price and quantity can do. */
export function lineTotals(line: PricedLine): LineTotals {
  const subtotal = BigInt(line.unitPriceMinor) * BigInt(line.quantity)
  const rate = BigInt(line.taxRateBp)
  const tax = line.taxIncluded ? halfUp(subtotal * rate, FULL_BP + rate) : halfUp(subtotal * rate, FULL_BP)
  const total = line.taxIncluded ? subtotal : subtotal + tax
  return { subtotalMinor: safe(subtotal), discountMinor: 0, taxMinor: safe(tax), totalMinor: safe(total) }
}

/** The figures of the order: sums of its lines. */
export function orderTotals(lines: readonly LineTotals[]): OrderTotals {
  const sum = (pick: (line: LineTotals) => Minor) => safe(lines.reduce((all, line) => all + BigInt(pick(line)), 0n))
  return {
    subtotalMinor: sum((line) => line.subtotalMinor),
    discountMinor: sum((line) => line.discountMinor),
    shippingMinor: 0,
    taxMinor: sum((line) => line.taxMinor),
    totalMinor: sum((line) => line.totalMinor),
  }
}

function halfUp(numerator: bigint, denominator: bigint): bigint {
  return (2n * numerator + denominator) / (2n * denominator)
}

function safe(amount: bigint): Minor {
  const minor = Number(amount)
  if (!Number.isSafeInteger(minor)) throw new Error(`amount out of range: ${amount}`)
  return minor
}
