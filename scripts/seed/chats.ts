// What was said around the orders: the customer asks and orders, the bot answers and tells of each change, somebody of the shop has a word.
// Texts of the bot are the bot's own.

import { LANGUAGES } from '../../src/domain/bot/languages/index.ts'
import { noticeText } from '../../src/domain/bot/notice.ts'
import { orderSaid } from '../../src/domain/bot/order-said.ts'
import { type Offer, voice } from '../../src/domain/bot/say.ts'
import { fullName } from '../../src/domain/catalogue/search.ts'
import type { Author } from '../../src/domain/conversation/message.ts'
import type { OrderStatus } from '../../src/domain/order/order.ts'
import type { Dice } from '../proof/random.ts'
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
/** Products on one page of the catalogue. */
const PAGE = 10

/** Everything that was said, the oldest first. Nobody tells those who asked not to be told. @param offers what is sold, the oldest first */
export function makeChats(orders: readonly PastOrder[], offers: readonly Offer[], dice: Dice): readonly PastMessage[] {
  const all = orders.filter(({ channel }) => channel === 'whatsapp').flatMap((order) => around(order, offers, dice))
  return all.toSorted((a, b) => a.at.getTime() - b.at.getTime())
}

function around(order: PastOrder, offers: readonly Offer[], dice: Dice): readonly PastMessage[] {
  const { owner, customer, number, bill, steps } = order
  const who = CUSTOMERS[customer]
  const placedAt = steps[0]?.at ?? new Date(0)
  const messages: PastMessage[] = []
  const say = (author: Author, text: string, at: Date, of: number | null = number, places = false) =>
    messages.push({ owner, customer, author, text, at, order: of, places })
  const before = (seconds: number) => new Date(placedAt.getTime() - seconds * SECOND_MS)
  const after = (at: Date, seconds: number) => new Date(at.getTime() + seconds * SECOND_MS)

  const language = who?.language ?? 'en'
  const { name: shop, locale, timezone } = SHOP
  const bot = voice({ language, shop, locale, timezone, customer: who?.name ?? '', example: offers[0]?.name ?? '' })
  const { commands } = LANGUAGES[language]
  const as = (status: OrderStatus) =>
    orderSaid({
      ...{ number, status, paymentStatus: 'unpaid', fulfillment: order.fulfillment, placedAt },
      ...{ currency: bill.currency, totalMinor: bill.totals.totalMinor, lines: bill.lines },
    })

  const hellos = HELLOS[language]
  if (dice.chance(0.85)) {
    say('customer', hellos[dice.between(0, hellos.length - 1)] ?? 'hi', before(200), null)
    say('bot', bot.hello(), before(198), null)
  }
  if (dice.chance(0.55)) {
    const [question, answer] = TALK[dice.between(0, TALK.length - 1)] ?? ['', '']
    say('customer', question, before(120), null)
    say('user', answer, before(60), null)
  }
  if (dice.chance(0.7)) {
    const pages = Math.ceil(offers.length / PAGE)
    const page = { page: 1, pages, first: 1, category: null, offers: offers.slice(0, PAGE), remembered: true }
    say('customer', commands.catalog, before(40), null)
    say('bot', bot.page(page), before(38), null)
  }
  const items = bill.lines.map((line) => `${fullName(line.productName, line.variantName)}:${line.quantity}`)
  say('customer', `${commands.order} ${items.join('\n')}`, placedAt, number, true)
  for (const { to, at } of steps) {
    if (to !== 'pending' && who?.optedOut === true) continue
    const text = noticeText(bot, { ...as(to), reason: order.reason })
    if (text !== null) say('bot', text, after(at, 2))
  }
  const asked = steps.find(({ to }) => to === 'confirmed')
  if (asked !== undefined && steps.length > 2 && dice.chance(0.6)) {
    const at = after(asked.at, 300)
    say('customer', commands.status, at)
    say('bot', bot.status([as('confirmed')], false), after(at, 2))
  }
  const last = steps.at(-1)
  if (last?.to === 'delivered' && dice.chance(0.6)) say('customer', 'thank you!', after(last.at, 900))
  return messages
}
