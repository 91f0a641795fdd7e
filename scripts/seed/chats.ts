// What was said around the orders: the customer asks and orders, the bot answers and tells of each change, somebody of the shop has a word.
// Texts of the bot are the bot's own.

import { noticeText } from '../../src/domain/bot/notice.ts'
import type { Author } from '../../src/domain/conversation/message.ts'
import { orderLabel } from '../../src/domain/order/order.ts'
import type { Dice } from '../crash/random.ts'
import { CUSTOMERS, SHOP } from './cast.ts'
import type { PastOrder } from './history.ts'

export interface PastMessage {
  readonly owner: string
  readonly customer: number
  readonly author: Author
  readonly text: string
  readonly at: Date
  /** The order it speaks of, by its number. */
  readonly order: number | null
  /** It is the message that placed the order. */
  readonly places: boolean
}

const SECOND_MS = 1_000
const HELLOS: Readonly<Record<'en' | 'ar' | 'es', readonly string[]>> = {
  en: ['hi', 'Hello!', 'good evening', 'hey'],
  ar: ['مرحبا', 'السلام عليكم'],
  es: ['hola', 'buenas tardes'],
}
const TALK: readonly (readonly [string, string])[] = [
  ['Do you deliver on Saturday?', 'Yes, between 10 and 14.'],
  ['Can I pay by transfer?', 'Of course, I will send you the details.'],
  ['Is it in a box? It is a present.', 'It is, and we can wrap it for you.'],
  ['When will it come?', 'Tomorrow in the afternoon.'],
]
const CATALOGUE = 'To buy, reply like this:\nORDER Gaming Laptop:1\nReply more for the next page.'
const WELCOME = `Welcome to ${SHOP.name}! Write catalog to see what we have, or help to see what I can do.`

/** Everything that was said, the oldest first. Nobody tells those who asked not to be told. */
export function makeChats(orders: readonly PastOrder[], dice: Dice): readonly PastMessage[] {
  const all = orders.filter(({ channel }) => channel === 'whatsapp').flatMap((order) => around(order, dice))
  return all.toSorted((a, b) => a.at.getTime() - b.at.getTime())
}

function around(order: PastOrder, dice: Dice): readonly PastMessage[] {
  const { owner, customer, number, bill, steps } = order
  const who = CUSTOMERS[customer]
  const placedAt = steps[0]?.at ?? new Date(0)
  const messages: PastMessage[] = []
  const say = (author: Author, text: string, at: Date, of: number | null = number, places = false) =>
    messages.push({ owner, customer, author, text, at, order: of, places })
  const before = (seconds: number) => new Date(placedAt.getTime() - seconds * SECOND_MS)
  const after = (at: Date, seconds: number) => new Date(at.getTime() + seconds * SECOND_MS)

  const hellos = HELLOS[who?.language ?? 'en']
  if (dice.chance(0.85)) {
    say('customer', hellos[dice.between(0, hellos.length - 1)] ?? 'hi', before(200), null)
    say('bot', WELCOME, before(198), null)
  }
  if (dice.chance(0.55)) {
    const [question, answer] = TALK[dice.between(0, TALK.length - 1)] ?? ['', '']
    say('customer', question, before(120), null)
    say('user', answer, before(60), null)
  }
  if (dice.chance(0.7)) {
    say('customer', 'catalog', before(40), null)
    say('bot', CATALOGUE, before(38), null)
  }
  const items = bill.lines.map(
    (line) => `${line.productName}${line.variantName === '' ? '' : ` ${line.variantName}`}:${line.quantity}`,
  )
  say('customer', `ORDER ${items.join('\n')}`, placedAt, number, true)
  for (const { to, at } of steps) {
    if (to !== 'pending' && who?.optedOut === true) continue
    const text = noticeText(
      { customer: who?.name ?? '', locale: SHOP.locale },
      {
        label: orderLabel(number),
        status: to,
        paymentStatus: 'unpaid',
        fulfillment: order.fulfillment,
        currency: bill.currency,
        totalMinor: bill.totals.totalMinor,
        lines: bill.lines,
        reason: order.reason,
      },
    )
    if (text !== null) say('bot', text, after(at, 2))
  }
  const asked = steps.find(({ to }) => to === 'confirmed')
  if (asked !== undefined && steps.length > 2 && dice.chance(0.6)) {
    const at = after(asked.at, 300)
    say('customer', 'status', at)
    say('bot', `${orderLabel(number)} is confirmed, and not paid yet.`, after(at, 2))
  }
  const last = steps.at(-1)
  if (last?.to === 'delivered' && dice.chance(0.6)) say('customer', 'thank you!', after(last.at, 900))
  return messages
}
