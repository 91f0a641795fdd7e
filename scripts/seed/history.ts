// Sixty days of orders: who ordered what and when, how far each has come, and what was paid. Values only; what they do to the stock is
// ledger.ts, what was said is chats.ts.

import type { CatalogueHit } from '../../src/domain/catalogue/variant.ts'
import { FIRST_ORDER_NUMBER, type OrderStatus, type PaymentStatus } from '../../src/domain/order/order.ts'
import { balanceOf, ledgerOf, type PaymentKind, type PaymentMethod } from '../../src/domain/order/payment.ts'
import { type Bill, billOf } from '../../src/domain/order/place.ts'
import type { Dice } from '../proof/random.ts'
import { boardAges, later, pastInstant } from './calendar.ts'
import { CUSTOMERS, SHOP } from './cast.ts'

export interface Step {
  readonly to: OrderStatus
  readonly from: OrderStatus | null
  readonly at: Date
  readonly by: 'customer' | 'user'
}

export interface PastPayment {
  readonly kind: PaymentKind
  readonly method: PaymentMethod
  readonly amountMinor: number
  readonly at: Date
}

export interface PastOrder {
  readonly number: number
  /** Place in CUSTOMERS. */
  readonly customer: number
  /** The e-mail of whose account it came through. */
  readonly owner: string
  readonly channel: 'whatsapp' | 'dashboard'
  readonly fulfillment: 'pickup' | 'delivery'
  readonly status: OrderStatus
  readonly reason: string | null
  readonly bill: Bill
  readonly steps: readonly Step[]
  readonly payments: readonly PastPayment[]
  readonly paymentStatus: PaymentStatus
}

/** How many orders end how. */
export const ENDS = {
  delivered: 126,
  cancelled: 14,
  returned: 5,
  shipped: 7,
  processing: 7,
  confirmed: 9,
  pending: 12,
} as const
export const ORDERS = Object.values(ENDS).reduce((sum, count) => sum + count, 0)
export const DAYS = 60
/** How many are paid in full and in part; returned ones were paid and given back beside. */
export const PAID = 117
export const PARTLY_PAID = 18

const BOARD = ['pending', 'confirmed', 'processing', 'shipped'] as const
const RISKY_BELOW = 4
const BY_CHAT = 0.86
const BY_FIRST_OWNER = 0.8
const REASONS = ['Found it elsewhere', 'Ordered twice by mistake', 'Took too long', 'Changed my mind']

interface Slot {
  readonly status: keyof typeof ENDS
  readonly placedAt: Date
}

/** @param goods what is sold, the most wanted first; `available` is what shall be left of it today */
export function makeHistory(goods: readonly CatalogueHit[], now: Date, dice: Dice): readonly PastOrder[] {
  const slots = [...finished(now, dice), ...onTheBoard(now)].toSorted(
    (a, b) => a.placedAt.getTime() - b.placedAt.getTime(),
  )
  const drafts = slots.map((slot, index) => draftOf(slot, FIRST_ORDER_NUMBER + index, goods, dice))
  return paidFor(drafts, now, dice)
}

function finished(now: Date, dice: Dice): readonly Slot[] {
  return (['delivered', 'cancelled', 'returned'] as const).flatMap((status) =>
    Array.from({ length: ENDS[status] }, (): Slot => {
      // A return needs some days after its delivery.
      const days = { from: DAYS, to: status === 'returned' ? 12 : 3.5 }
      return { status, placedAt: pastInstant(now, days, SHOP.timezone, dice) }
    }),
  )
}

/** What is not done yet: the younger, the less far. */
function onTheBoard(now: Date): readonly Slot[] {
  const statuses = BOARD.flatMap((status) => Array.from({ length: ENDS[status] }, () => status))
  const ages = boardAges(statuses.length)
  return statuses.map((status, index) => ({ status, placedAt: new Date(now.getTime() - (ages[index] ?? 0)) }))
}

type Draft = Omit<PastOrder, 'payments' | 'paymentStatus'>

function draftOf({ status, placedAt }: Slot, number: number, goods: readonly CatalogueHit[], dice: Dice): Draft {
  const customer = dice.between(0, CUSTOMERS.length - 1)
  const { of, erased } = CUSTOMERS[customer] ?? { of: [] }
  const [first = '', second = first] = of
  const channel = erased !== true && dice.chance(BY_CHAT) ? 'whatsapp' : 'dashboard'
  // What comes back or is called off must not be what hardly any is left of.
  const choice =
    status === 'cancelled' || status === 'returned' ? goods.filter((each) => each.available >= RISKY_BELOW) : goods
  return {
    number,
    customer,
    owner: dice.chance(BY_FIRST_OWNER) ? first : second,
    channel,
    fulfillment: dice.chance(0.6) ? 'delivery' : 'pickup',
    status,
    reason: status === 'cancelled' ? (REASONS[dice.between(0, REASONS.length - 1)] ?? null) : null,
    bill: billOf(basket(choice, dice)),
    steps: stepsOf(status, placedAt, channel, dice),
  }
}

/** One to four lines, mostly of one or two pieces; the n-th good is wanted 1/n as often as the first. */
function basket(goods: readonly CatalogueHit[], dice: Dice) {
  const weights = goods.map((_, index) => 1 / (index + 1))
  const all = weights.reduce((sum, weight) => sum + weight, 0)
  const count = [1, 1, 1, 2, 2, 3, 4][dice.between(0, 6)] ?? 1
  const lines = new Map<CatalogueHit, number>()
  while (lines.size < count) {
    let point = dice.fraction() * all
    const index = weights.findIndex((weight) => {
      point -= weight
      return point < 0
    })
    const variant = goods[Math.max(0, index)]
    if (variant !== undefined) lines.set(variant, [1, 1, 1, 1, 1, 1, 2, 2, 2, 3][dice.between(0, 9)] ?? 1)
  }
  return [...lines].map(([variant, quantity]) => ({ variant, quantity }))
}

const WAY: readonly OrderStatus[] = ['pending', 'confirmed', 'processing', 'shipped', 'delivered']
/** Hours between a status and the one before it. */
const HOURS = { from: 0.1, to: 9 }
const CANCEL_HOURS = { from: 0.2, to: 12 }
const RETURN_HOURS = { from: 24, to: 140 }
const HURRY = 0.9

function stepsOf(
  status: keyof typeof ENDS,
  placedAt: Date,
  channel: 'whatsapp' | 'dashboard',
  dice: Dice,
): readonly Step[] {
  const by = channel === 'whatsapp' ? 'customer' : 'user'
  const steps: Step[] = [{ from: null, to: 'pending', at: placedAt, by }]
  const go = (to: OrderStatus, hours: { readonly from: number; readonly to: number }, who: Step['by'] = 'user') => {
    const last = steps.at(-1)
    if (last !== undefined) steps.push({ from: last.to, to, at: later(last.at, dice, hours), by: who })
  }
  if (status === 'cancelled') {
    if (dice.chance(0.4)) {
      go('confirmed', HOURS)
      go('cancelled', CANCEL_HOURS)
    } else go('cancelled', CANCEL_HOURS, by)
    return steps
  }
  const last = status === 'returned' ? 'delivered' : status
  for (const to of WAY.slice(1, WAY.indexOf(last) + 1)) go(to, HOURS)
  if (status === 'returned') go('returned', RETURN_HOURS)
  return steps
}

/** What is on the board has come so far within its age. */
function hurried(steps: readonly Step[], now: Date): readonly Step[] {
  const [first, last] = [steps[0], steps.at(-1)]
  if (first === undefined || last === undefined || last.at <= now) return steps
  const squeeze = ((now.getTime() - first.at.getTime()) * HURRY) / (last.at.getTime() - first.at.getTime())
  return steps.map((step) => ({
    ...step,
    at: new Date(first.at.getTime() + Math.round((step.at.getTime() - first.at.getTime()) * squeeze)),
  }))
}

function paidFor(drafts: readonly Draft[], now: Date, dice: Dice): readonly PastOrder[] {
  const progress: readonly OrderStatus[] = ['delivered', 'shipped', 'processing', 'confirmed', 'pending']
  // Those that are furthest are paid first; a few of what is delivered is not.
  const inOrder = drafts
    .filter(({ status }) => progress.includes(status))
    .map((draft) => ({ draft, rank: progress.indexOf(draft.status) + dice.fraction() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ draft }) => draft.number)
  const full = new Set(inOrder.slice(0, PAID))
  const partly = new Set(inOrder.slice(PAID, PAID + PARTLY_PAID))
  return drafts.map((draft): PastOrder => {
    const steps = hurried(draft.steps, now)
    const total = draft.bill.totals.totalMinor
    const method = (['cash', 'cash', 'transfer', 'transfer', 'card'] as const)[dice.between(0, 4)] ?? 'cash'
    const at = steps.findLast(({ to }) => to !== 'returned')?.at ?? now
    const paid = (amountMinor: number): PastPayment => ({ kind: 'payment', method, amountMinor, at })
    const payments: PastPayment[] = []
    if (full.has(draft.number)) payments.push(paid(total))
    if (partly.has(draft.number)) payments.push(paid(Math.max(1, Math.floor(total / 2))))
    if (draft.status === 'returned')
      payments.push(paid(total), { kind: 'refund', method, amountMinor: total, at: steps.at(-1)?.at ?? now })
    return { ...draft, steps, payments, paymentStatus: balanceOf(total, ledgerOf(payments)).status }
  })
}
