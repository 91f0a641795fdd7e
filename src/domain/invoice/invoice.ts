// What stands on an invoice: the lines of the order as they were sold, the tax of each rate, what was paid and what is due. No figure is
// computed anew: all are sums of the order's own. How it is drawn is http/invoice-pdf.ts.

import { fullName } from '../catalogue/search.ts'
import type { Minor } from '../money.ts'
import type { OrderStatus } from '../order/order.ts'
import { balanceOf, type PaymentKind, type PaymentMethod } from '../order/payment.ts'
import type { SoldLine } from '../order/place.ts'
import { ok, type Result, refuse } from '../result.ts'

/** What an invoice reads of an order. */
export interface InvoiceOrder {
  readonly label: string
  readonly status: OrderStatus
  readonly currency: string
  readonly placedAt: Date
  readonly customer: { readonly name: string }
  readonly address: Readonly<Record<string, unknown>> | null
  readonly subtotalMinor: Minor
  readonly discountMinor: Minor
  readonly shippingMinor: Minor
  readonly taxMinor: Minor
  readonly totalMinor: Minor
  readonly lines: readonly (SoldLine & {
    readonly discountMinor: Minor
    readonly taxMinor: Minor
    readonly totalMinor: Minor
  })[]
  readonly payments: readonly {
    readonly kind: PaymentKind
    readonly method: PaymentMethod
    readonly amountMinor: Minor
    readonly reference: string
    readonly at: Date
  }[]
  readonly balance: { readonly paidMinor: Minor; readonly refundedMinor: Minor }
}

export interface InvoiceLine {
  readonly sku: string
  readonly name: string
  readonly quantity: number
  readonly unitPriceMinor: Minor
  readonly taxRateBp: number
  readonly discountMinor: Minor
  readonly totalMinor: Minor
}

/** The lines of one rate together: `netMinor` + `taxMinor` is what they cost. */
export interface TaxRow {
  readonly taxRateBp: number
  readonly netMinor: Minor
  readonly taxMinor: Minor
}

export interface Invoice {
  readonly number: string
  readonly placedAt: Date
  readonly currency: string
  readonly customer: string
  readonly address: readonly string[]
  readonly lines: readonly InvoiceLine[]
  /** By rate, lowest first; lines without tax are in it when others have some. */
  readonly taxes: readonly TaxRow[]
  readonly discountMinor: Minor
  readonly shippingMinor: Minor
  readonly totalMinor: Minor
  readonly payments: InvoiceOrder['payments']
  readonly dueMinor: Minor
  /** What the customer has to get back. */
  readonly creditMinor: Minor
  /** Nothing is owed for an order that was undone. */
  readonly undone: 'cancelled' | 'returned' | null
}

/** The invoice of an order. `order-not-placed` for what never became one. */
export function invoiceOf(order: InvoiceOrder): Result<Invoice, 'order-not-placed'> {
  const { status } = order
  if (status === 'draft' || status === 'expired')
    return refuse('order-not-placed', `The order is ${status}: an invoice is written for an order that was placed.`)
  const undone = status === 'cancelled' || status === 'returned' ? status : null
  const { dueMinor, creditMinor } = balanceOf(undone === null ? order.totalMinor : 0, order.balance)
  return ok({
    number: order.label,
    placedAt: order.placedAt,
    currency: order.currency,
    customer: order.customer.name,
    address: addressLines(order.address ?? {}),
    lines: order.lines.map(({ productName, variantName, ...line }) => ({
      sku: line.sku,
      name: fullName(productName, variantName),
      quantity: line.quantity,
      unitPriceMinor: line.unitPriceMinor,
      taxRateBp: line.taxRateBp,
      discountMinor: line.discountMinor,
      totalMinor: line.totalMinor,
    })),
    taxes: taxesOf(order.lines),
    discountMinor: order.discountMinor,
    shippingMinor: order.shippingMinor,
    totalMinor: order.totalMinor,
    payments: order.payments,
    dueMinor,
    creditMinor,
    undone,
  })
}

/** As one writes it on a letter; parts that are not known here do not go on an invoice. */
const ADDRESS_LINES = [['name'], ['text'], ['street'], ['street2'], ['postalCode', 'city'], ['region'], ['country']]

function addressLines(address: Readonly<Record<string, unknown>>): readonly string[] {
  const written = (part: string) => {
    const text = address[part]
    return typeof text === 'string' && text.trim() !== '' ? [text] : []
  }
  return ADDRESS_LINES.map((parts) => parts.flatMap(written).join(' ')).filter((line) => line !== '')
}

function taxesOf(lines: InvoiceOrder['lines']): readonly TaxRow[] {
  if (lines.every(({ taxRateBp }) => taxRateBp === 0)) return []
  const byRate = Map.groupBy(lines, ({ taxRateBp }) => taxRateBp)
  return [...byRate]
    .sort(([a], [b]) => a - b)
    .map(([taxRateBp, some]) => ({
      taxRateBp,
      netMinor: some.reduce((all, line) => all + line.totalMinor - line.taxMinor, 0),
      taxMinor: some.reduce((all, line) => all + line.taxMinor, 0),
    }))
}

/** `1900` is `19 %`, `725` is `7.25 %`. */
export function rateText(taxRateBp: number): string {
  return `${taxRateBp / 100} %`
}
