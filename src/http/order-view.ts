// An order as the API shows it: a row of the list, and the whole of one as one person may see and move it.

import type { Role } from '../domain/access.ts'
import { movesFor } from '../domain/order/transitions.ts'
import type { OrderDetail, OrderEventView, OrderSummary } from '../persistence/order-views.ts'
import type { PaymentView } from '../persistence/payments.ts'
import { iso, isoOrNull, maskedOrNull, moneyView } from './views.ts'

export function orderRowView(order: OrderSummary, locale: string) {
  const { id, number, label, customer, owner, channel, status, paymentStatus, fulfillment, itemCount, version } = order
  return {
    id,
    number,
    label,
    customer: { id: customer.id, name: customer.name, phoneMasked: maskedOrNull(customer.phone) },
    owner,
    channel,
    status,
    paymentStatus,
    fulfillment,
    total: moneyView(order.totalMinor, order.currency, locale),
    itemCount,
    placedAt: iso(order.placedAt),
    updatedAt: iso(order.updatedAt),
    attention: [...order.attention],
    version,
  }
}

/** @param role of who looks: says what they may do next */
export function orderDetailView(order: OrderDetail, role: Role, locale: string) {
  const money = (minor: number) => moneyView(minor, order.currency, locale)
  const { balance, source } = order
  return {
    ...orderRowView(order, locale),
    subtotal: money(order.subtotalMinor),
    discount: money(order.discountMinor),
    shipping: money(order.shippingMinor),
    tax: money(order.taxMinor),
    note: order.note,
    lines: order.lines.map(({ id, variantId, sku, productName, variantName, quantity, ...line }) => ({
      id,
      variantId,
      sku,
      productName,
      variantName,
      quantity,
      unitPrice: money(line.unitPriceMinor),
      subtotal: money(line.subtotalMinor),
      discount: money(line.discountMinor),
      tax: money(line.taxMinor),
      total: money(line.totalMinor),
    })),
    address: order.address === null ? null : { ...order.address },
    cancelReason: order.cancelReason,
    cancelRequestedAt: isoOrNull(order.cancelRequestedAt),
    expiresAt: isoOrNull(order.expiresAt),
    payments: order.payments.map((payment) => paymentEntryView(payment, order.currency, locale)),
    balance: {
      paid: money(balance.paidMinor),
      refunded: money(balance.refundedMinor),
      due: money(balance.dueMinor),
      credit: money(balance.creditMinor),
    },
    notice: order.notice === null ? null : { ...order.notice },
    events: order.events.map(eventView),
    source: source === null ? null : { messageId: source.messageId, text: source.text, at: isoOrNull(source.at) },
    allowedTransitions: [...movesFor(order.status, role)],
  }
}

export function eventView({ type, fromStatus, toStatus, actor, data, at }: OrderEventView) {
  return { type, from: fromStatus, to: toStatus, actor: { ...actor }, data: { ...data }, at: iso(at) }
}

export function paymentEntryView(payment: PaymentView, currency: string, locale: string) {
  const { id, kind, method, amountMinor, reference, actorId, at } = payment
  return { id, kind, method, amount: moneyView(amountMinor, currency, locale), reference, actorId, at: iso(at) }
}
