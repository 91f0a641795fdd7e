// What the customer reads when their order has changed: one text a status, always the last one. When it is sent is persistence/notices.ts.

import { fullName } from '../catalogue/search.ts'
import { formatMoney } from '../money.ts'
import type { Fulfillment, OrderStatus } from '../order/order.ts'
import { never } from '../result.ts'
import { PAYMENT_WORDS, type PlacedOrder, type Speaker, thanksAnswer } from './answer.ts'
import { phrases } from './phrases.ts'

/** The longest reason that is passed on; the rest of it is cut. */
const REASON_CHARS = 300

export interface NoticedOrder extends Omit<PlacedOrder, 'number' | 'placedAt'> {
  readonly label: string
  readonly fulfillment: Fulfillment
  /** Why it was cancelled, as staff wrote it. */
  readonly reason: string | null
}

/** Null where there is nothing to tell: drafts and what became of them. */
export function noticeText(speaker: Pick<Speaker, 'customer' | 'locale'>, order: NoticedOrder): string | null {
  const { label, status } = order
  if (status === 'pending') return thanksAnswer(speaker, order, label)
  const words = wordsOf(status, order)
  if (words === null) return null
  // What is over needs no list of what was in it.
  const whole = status === 'confirmed' || status === 'processing' || status === 'shipped'
  return phrases.notice({
    label,
    words,
    lines: whole ? order.lines.map((line) => `${line.quantity} × ${fullName(line.productName, line.variantName)}`) : [],
    total: whole
      ? phrases.noticeTotal({
          total: formatMoney(order.totalMinor, order.currency, speaker.locale),
          payment: PAYMENT_WORDS[order.paymentStatus],
        })
      : null,
  })
}

function wordsOf(status: Exclude<OrderStatus, 'pending'>, order: NoticedOrder): string | null {
  const words = phrases.noticeWords
  switch (status) {
    case 'draft':
    case 'expired':
      return null
    case 'confirmed':
      return words.confirmed()
    case 'processing':
      return words.processing()
    case 'shipped':
      return order.fulfillment === 'pickup' ? words.ready() : words.shipped()
    case 'delivered':
      return words.delivered()
    case 'cancelled':
      return words.cancelled({ reason: order.reason === null ? null : oneLine(order.reason) })
    case 'returned':
      return words.returned()
    default:
      return never(status)
  }
}

/** A reason is quoted in one line, so that nothing in it stands at the beginning of one. */
function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= REASON_CHARS ? line : `${line.slice(0, REASON_CHARS - 1)}…`
}
