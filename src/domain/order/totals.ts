// What an order costs. Computed here and nowhere else, from prices of the catalogue, never from a client's sums.
// Tax is computed and rounded (half up) line by line and then added, so that an invoice adds up.
import type { Minor } from '../money.ts'
import { ok, type Result, refuse } from '../result.ts'

export interface PricedLine {
  readonly unitPriceMinor: Minor
  readonly quantity: number
  readonly taxRateBp: number
  readonly taxIncluded: boolean
  /** Off the whole line; left out, nothing is. */
  readonly discountMinor?: Minor | undefined
}

/** What is agreed for the order as a whole. */
export interface Terms {
  /** Off the whole order, spread over its lines. */
  readonly discountMinor?: Minor | undefined
  readonly shippingMinor?: Minor | undefined
}

export interface LineTotals {
  readonly subtotalMinor: Minor
  /** Its own, and its share of the order's. */
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
  /** Of the lines, and the shipping. */
  readonly totalMinor: Minor
}

const FULL_BP = 10_000n

/** The figures of one line. Throws when they leave the safe integers, which no checked price and quantity can do. */
export function lineTotals(line: PricedLine): LineTotals {
  const subtotal = BigInt(line.unitPriceMinor) * BigInt(line.quantity)
  const discount = BigInt(line.discountMinor ?? 0)
  if (discount > subtotal) throw new Error('a discount larger than its line')
  const net = subtotal - discount
  const rate = BigInt(line.taxRateBp)
  const tax = line.taxIncluded ? halfUp(net * rate, FULL_BP + rate) : halfUp(net * rate, FULL_BP)
  const total = line.taxIncluded ? net : net + tax
  return { subtotalMinor: safe(subtotal), discountMinor: safe(discount), taxMinor: safe(tax), totalMinor: safe(total) }
}

/** The figures of the order: sums of its lines, and the shipping. */
export function orderTotals(lines: readonly LineTotals[], shippingMinor: Minor = 0): OrderTotals {
  const sum = (pick: (line: LineTotals) => Minor) => lines.reduce((all, line) => all + BigInt(pick(line)), 0n)
  return {
    subtotalMinor: safe(sum((line) => line.subtotalMinor)),
    discountMinor: safe(sum((line) => line.discountMinor)),
    shippingMinor,
    taxMinor: safe(sum((line) => line.taxMinor)),
    totalMinor: safe(sum((line) => line.totalMinor) + BigInt(shippingMinor)),
  }
}

export interface Priced {
  readonly lines: readonly LineTotals[]
  readonly totals: OrderTotals
}

/** All figures of an order, its discount spread over the lines. `discount-too-large` when it is more than the goods cost. */
export function priceOrder(lines: readonly PricedLine[], terms: Terms = {}): Result<Priced, 'discount-too-large'> {
  const nets = lines.map((line) => line.unitPriceMinor * line.quantity - (line.discountMinor ?? 0))
  const discount = terms.discountMinor ?? 0
  if (nets.some((net) => net < 0)) return tooLarge('A line cannot cost less than nothing')
  if (discount > nets.reduce((all, net) => all + net, 0)) return tooLarge('The order cannot cost less than nothing')
  const shares = spread(discount, nets)
  const priced = lines.map((line, index) =>
    lineTotals({ ...line, discountMinor: (line.discountMinor ?? 0) + (shares[index] ?? 0) }),
  )
  return ok({ lines: priced, totals: orderTotals(priced, terms.shippingMinor) })
}

const tooLarge = (sentence: string) => refuse('discount-too-large', `${sentence}: give a smaller discount.`)

/** Spreads an amount by weight, to the last unit: the largest remainders get what rounding leaves, earlier ones first. */
export function spread(amount: Minor, weights: readonly Minor[]): readonly Minor[] {
  const total = weights.reduce((all, weight) => all + BigInt(weight), 0n)
  if (amount === 0 || total === 0n) return weights.map(() => 0)
  const exact = weights.map((weight) => BigInt(amount) * BigInt(weight))
  const shares = exact.map((each) => each / total)
  let left = BigInt(amount) - shares.reduce((all, share) => all + share, 0n)
  const byRemainder = exact
    .map((each, index) => ({ index, remainder: each % total }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1))
  for (const { index } of byRemainder) {
    if (left === 0n) break
    shares[index] = (shares[index] ?? 0n) + 1n
    left -= 1n
  }
  return shares.map(safe)
}

/** The part of the goods' price that is taken off, in hundredths of a percent, rounded up. */
export function discountBp({
  subtotalMinor,
  discountMinor,
}: Pick<OrderTotals, 'subtotalMinor' | 'discountMinor'>): number {
  if (discountMinor === 0) return 0
  const full = BigInt(subtotalMinor)
  return Number((BigInt(discountMinor) * FULL_BP + full - 1n) / full)
}

function halfUp(numerator: bigint, denominator: bigint): bigint {
  return (2n * numerator + denominator) / (2n * denominator)
}

function safe(amount: bigint): Minor {
  const minor = Number(amount)
  if (!Number.isSafeInteger(minor)) throw new Error(`amount out of range: ${amount}`)
  return minor
}
