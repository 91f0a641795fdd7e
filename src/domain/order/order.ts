// An order: its three axes (status, payment, fulfilment), where each status may lead, its number, and what staff should look
// at. Who may move it, and with what effect, is transitions.ts.

export const ORDER_STATUSES = [
  'draft',
  'pending',
  'confirmed',
  'processing',
  'shipped',
  'delivered',
  'expired',
  'cancelled',
  'returned',
] as const
export type OrderStatus = (typeof ORDER_STATUSES)[number]

export const PAYMENT_STATUSES = ['unpaid', 'partially_paid', 'paid', 'partially_refunded', 'refunded'] as const
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number]

export const FULFILLMENTS = ['pickup', 'delivery'] as const
export type Fulfillment = (typeof FULFILLMENTS)[number]

/** Why staff should look at an order: nobody moves it, the customer wants out, a notice failed, or may not be sent. */
export const ATTENTIONS = ['stale', 'cancel_requested', 'not_notified', 'opted_out'] as const
export type Attention = (typeof ATTENTIONS)[number]

export const ORDER_CHANNELS = ['whatsapp', 'wa_cart', 'api', 'dashboard'] as const
export type OrderChannel = (typeof ORDER_CHANNELS)[number]

/** The allowed moves. A status without any is final. */
export const NEXT: Record<OrderStatus, readonly OrderStatus[]> = {
  draft: ['pending', 'expired'],
  pending: ['confirmed', 'cancelled'],
  confirmed: ['processing', 'cancelled'],
  processing: ['shipped', 'cancelled'],
  shipped: ['delivered', 'returned'],
  delivered: ['returned'],
  expired: [],
  cancelled: [],
  returned: [],
}

/** Where an order of this status may go. */
export function allowedTransitions(status: OrderStatus): readonly OrderStatus[] {
  return NEXT[status]
}

/** Statuses in which stock is held for the order's lines. */
export const RESERVING: readonly OrderStatus[] = ['pending', 'confirmed', 'processing']

/** Statuses in which the customer still waits for something. */
export const OPEN: readonly OrderStatus[] = ['draft', 'pending', 'confirmed', 'processing', 'shipped']

/** The reason of an order that was cancelled because nobody confirmed it; the customer reads it in their language. */
export const NOT_CONFIRMED = 'it was not confirmed in time.'

/** The first number an organisation gives out. */
export const FIRST_ORDER_NUMBER = 1_001

/** `ORD-001042`: how a number is shown. */
export function orderLabel(number: number): string {
  return `ORD-${String(number).padStart(6, '0')}`
}

/** Reads `ORD-001042`, `ord-1042`, `#1042` or `1042`; null for anything else. */
export function orderNumberOf(text: string): number | null {
  const match = /^(?:ord[- ]?|#)?0*(\d{1,9})$/i.exec(text.trim())
  return match?.[1] === undefined ? null : Number(match[1])
}
