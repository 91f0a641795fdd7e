// What was paid for an order and given back, and what that makes of it. Recorded by hand: cash, transfer, card.
import type { Minor } from '../money.ts'
import type { PaymentStatus } from './order.ts'

export const PAYMENT_METHODS = ['cash', 'transfer', 'card', 'other'] as const
export type PaymentMethod = (typeof PAYMENT_METHODS)[number]

export const PAYMENT_KINDS = ['payment', 'refund'] as const
export type PaymentKind = (typeof PAYMENT_KINDS)[number]

export interface Ledger {
  readonly paidMinor: Minor
  readonly refundedMinor: Minor
}

export interface Balance extends Ledger {
  readonly status: PaymentStatus
  /** What is still to be paid. */
  readonly dueMinor: Minor
  /** What was paid beyond the total and not given back. */
  readonly creditMinor: Minor
}

/** The sums of a list of payments and refunds. */
export function ledgerOf(entries: readonly { readonly kind: PaymentKind; readonly amountMinor: Minor }[]): Ledger {
  const sum = (kind: PaymentKind) =>
    entries.reduce((all, each) => (each.kind === kind ? all + each.amountMinor : all), 0)
  return { paidMinor: sum('payment'), refundedMinor: sum('refund') }
}

/** Payment status is derived from what was paid and given back, never set. */
export function balanceOf(totalMinor: Minor, { paidMinor, refundedMinor }: Ledger): Balance {
  const kept = paidMinor - refundedMinor
  return {
    paidMinor,
    refundedMinor,
    status: statusOf(totalMinor, paidMinor, refundedMinor),
    dueMinor: Math.max(0, totalMinor - kept),
    creditMinor: Math.max(0, kept - totalMinor),
  }
}

function statusOf(total: Minor, paid: Minor, refunded: Minor): PaymentStatus {
  if (paid === 0) return 'unpaid'
  if (paid === refunded) return 'refunded'
  // Giving an overpayment back leaves the order paid.
  if (paid - refunded >= total) return 'paid'
  return refunded === 0 ? 'partially_paid' : 'partially_refunded'
}
