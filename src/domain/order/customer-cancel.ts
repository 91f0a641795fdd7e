// What a customer's wish to cancel comes to: done at once, passed on to staff, or too late.
import { never } from '../result.ts'
import type { OrderStatus } from './order.ts'

/** `drop`: the draft expires; `cancel`: now; `request`: staff decide; `too-late`: it is on its way; `closed`: nothing to cancel. */
export type CustomerCancel = 'drop' | 'cancel' | 'request' | 'too-late' | 'closed'

export function customerCancel(status: OrderStatus): CustomerCancel {
  switch (status) {
    case 'draft':
      return 'drop'
    case 'pending':
      return 'cancel'
    case 'confirmed':
    case 'processing':
      return 'request'
    case 'shipped':
    case 'delivered':
      return 'too-late'
    case 'expired':
    case 'cancelled':
    case 'returned':
      return 'closed'
    default:
      return never(status)
  }
}
