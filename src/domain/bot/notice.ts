// What the customer reads when their order has changed: one text a status, always the last one. When it is sent is persistence/notices.ts.

import { NOT_CONFIRMED, orderLabel } from '../order/order.ts'
import { never } from '../result.ts'
import type { OrderSaid, Voice } from './say.ts'

export interface NoticedOrder extends OrderSaid {
  /** Why it was cancelled, as staff wrote it. */
  readonly reason: string | null
}

/** Null where there is nothing to tell: drafts and what became of them. */
export function noticeText(say: Voice, order: NoticedOrder): string | null {
  const { number, status, reason } = order
  switch (status) {
    case 'draft':
    case 'expired':
      return null
    case 'pending':
      return say.thanks(order, orderLabel(number), String(number), null)
    case 'confirmed':
    case 'processing':
    case 'shipped':
      return say.moved(order)
    case 'delivered':
    case 'returned':
      return say.ended(number, status)
    case 'cancelled':
      if (reason === null) return say.ended(number, status)
      return say.cancelledBecause(number, reason === NOT_CONFIRMED ? null : reason)
    default:
      return never(status)
  }
}
