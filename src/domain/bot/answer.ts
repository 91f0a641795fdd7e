// Puts the bot's answers together: formats money and times, picks the phrase. Pure; what it needs to know is handed in
// by actors/inbox/reply.ts.

import { fullName } from '../catalogue/search.ts'
import type { CatalogueHit } from '../catalogue/variant.ts'
import { formatMoney, type Minor } from '../money.ts'
import { OPEN, type OrderStatus, orderLabel, type PaymentStatus } from '../order/order.ts'
import { never } from '../result.ts'
import { availabilityOf } from '../stock/level.ts'
import { MAX_ITEMS, type UsageProblem } from './command.ts'
import { phrases } from './phrases.ts'
import type { ItemProblem, ResolvedOrder } from './resolve.ts'

/** Products on one catalogue page. */
export const CATALOG_PAGE_SIZE = 10

/** Orders that `status` tells about. */
export const STATUS_ORDERS = 5

/** Who speaks to whom. `example`: a product to show how to buy with. */
export interface Speaker {
  readonly shop: string
  readonly locale: string
  readonly timezone: string
  readonly customer: string
  readonly example: string
}

export interface PlacedOrder {
  readonly number: number
  readonly status: OrderStatus
  readonly paymentStatus: PaymentStatus
  readonly currency: string
  readonly totalMinor: Minor
  readonly placedAt: Date
  readonly lines: readonly {
    readonly productName: string
    readonly variantName: string
    readonly quantity: number
    readonly unitPriceMinor: Minor
    readonly totalMinor: Minor
  }[]
}

const STATUS_WORDS: Record<OrderStatus, string> = {
  draft: 'waits for your answer',
  pending: 'is waiting for confirmation',
  confirmed: 'is confirmed',
  processing: 'is being prepared',
  shipped: 'is on its way',
  delivered: 'is delivered',
  expired: 'has expired',
  cancelled: 'is cancelled',
  returned: 'was returned',
}

export const PAYMENT_WORDS: Record<PaymentStatus, string> = {
  unpaid: 'not paid yet',
  partially_paid: 'partly paid',
  paid: 'paid',
  partially_refunded: 'partly refunded',
  refunded: 'refunded',
}

/** A catalogue page. `page` counts from 1; `total` is the number of items on all pages. */
export function catalogAnswer(
  speaker: Pick<Speaker, 'locale' | 'example'>,
  found: { items: readonly CatalogueHit[]; total: number; page: number; category: string | null },
): string {
  const pages = Math.ceil(found.total / CATALOG_PAGE_SIZE)
  if (found.total === 0) return phrases.catalogEmpty()
  if (found.items.length === 0) return phrases.noSuchPage({ pages })
  const items = found.items.map((item) => ({
    name: item.fullName,
    price: formatMoney(item.priceMinor, item.currency, speaker.locale),
    availability: availabilityOf(item),
  }))
  const example = items.find((item) => item.availability !== 'out_of_stock')?.name ?? speaker.example
  const first = (found.page - 1) * CATALOG_PAGE_SIZE + 1
  return phrases.catalog({ page: found.page, pages, first, category: found.category, items, example })
}

/**
 * The thank-you for an order, with everything that was understood.
 * @param label stands for the order's number, which is not known before the order is written
 */
export function thanksAnswer(
  speaker: Pick<Speaker, 'customer' | 'locale'>,
  bill: Pick<PlacedOrder, 'currency' | 'totalMinor' | 'lines'>,
  label: string,
): string {
  const money = (minor: Minor) => formatMoney(minor, bill.currency, speaker.locale)
  return phrases.thanks({
    customer: speaker.customer,
    label,
    lines: bill.lines.map((line) => ({
      quantity: line.quantity,
      name: fullName(line.productName, line.variantName),
      unit: money(line.unitPriceMinor),
      total: money(line.totalMinor),
    })),
    total: money(bill.totalMinor),
  })
}

/** Why nothing was placed. */
export function notPlacedAnswer(speaker: Speaker, order: ResolvedOrder): string {
  const money = (hit: CatalogueHit) => formatMoney(hit.priceMinor, hit.currency, speaker.locale)
  return phrases.notPlaced({
    problems: order.problems.map((problem) => problemText(problem, speaker, money)),
    fine: order.lines.map(({ variant, quantity }) => `${quantity} × ${variant.fullName} (${money(variant)})`),
    total: order.lines.length + order.problems.length,
  })
}

function problemText(problem: ItemProblem, speaker: Speaker, money: (hit: CatalogueHit) => string): string {
  switch (problem.kind) {
    case 'not-found':
      return phrases.notFound({ name: clip(problem.name) })
    case 'ambiguous':
      return phrases.ambiguous({ name: clip(problem.name), choices: problem.choices.map((hit) => hit.fullName) })
    case 'short': {
      const { variant, available } = problem
      if (available === 0) return phrases.soldOut({ name: variant.fullName })
      return phrases.onlyLeft({ name: variant.fullName, left: available, unit: money(variant) })
    }
    case 'quantity': {
      const { variant } = problem
      if (variant === null) return phrases.usage({ example: speaker.example })
      return phrases.howMany({ name: variant.fullName, unit: money(variant), most: variant.maxPerOrder })
    }
    default:
      return never(problem)
  }
}

/** How to order, after a text that asked for it without saying what. */
export function usageAnswer(speaker: Speaker, problem: UsageProblem): string {
  const text = problem === 'empty' ? phrases.usage({ example: speaker.example }) : phrases.tooMany({ most: MAX_ITEMS })
  return phrases.notPlaced({ problems: [text], fine: [], total: 0 })
}

/** The customer's latest orders in words; `wanted` is the number they asked for, if any. */
export function statusAnswer(
  speaker: Speaker,
  orders: readonly PlacedOrder[],
  wanted: number | null,
  more: number,
): string {
  if (orders.length === 0) {
    if (wanted !== null) return phrases.noSuchOrder({ label: orderLabel(wanted) })
    return phrases.noOrders({ example: speaker.example })
  }
  const time = new Intl.DateTimeFormat(speaker.locale, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: speaker.timezone,
  })
  return phrases.status({
    orders: orders.map((order) => ({
      label: orderLabel(order.number),
      words: STATUS_WORDS[order.status],
      payment:
        OPEN.includes(order.status) || order.paymentStatus !== 'unpaid' ? PAYMENT_WORDS[order.paymentStatus] : 'closed',
      lines: order.lines.map((line) => `${line.quantity} × ${fullName(line.productName, line.variantName)}`),
      total: formatMoney(order.totalMinor, order.currency, speaker.locale),
      at: time.format(order.placedAt),
    })),
    more,
  })
}

/** A customer's own words, quoted back short. */
function clip(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length <= 60 ? line : `${line.slice(0, 59)}…`
}
