// Every text the bot can say, with words from outside in it: for tests of what must hold of all of them.

import type { LanguageCode } from '../../src/domain/bot/languages/index.ts'
import { type Offer, type OrderSaid, type Speaker, type Trouble, voice } from '../../src/domain/bot/say.ts'
import { ORDER_STATUSES, PAYMENT_STATUSES } from '../../src/domain/order/order.ts'

export interface Outside {
  readonly shop: string
  readonly customer: string
  readonly product: string
  readonly typed: string
}

/** Every text the bot can say in a language, with these words from outside in it. */
export function everything(language: LanguageCode, { shop, customer, product, typed }: Outside): string[] {
  const speaker: Speaker = { language, shop, customer, locale: 'en-US', timezone: 'UTC', example: product }
  const say = voice(speaker)
  const offers: Offer[] = (['in_stock', 'low', 'out_of_stock'] as const).map((availability) => ({
    name: product,
    priceMinor: 129_900,
    currency: 'USD',
    availability,
  }))
  const lines = [1, 2].map((quantity) => ({ name: product, quantity, unitMinor: 1_200, totalMinor: 1_200 * quantity }))
  const basket = { lines, currency: 'USD', totalMinor: 3_600 }
  const order = (more: Partial<OrderSaid>): OrderSaid => ({
    ...basket,
    number: 1_042,
    status: 'pending',
    paymentStatus: 'unpaid',
    fulfillment: 'delivery',
    at: new Date('2026-03-01T12:00:00Z'),
    ...more,
  })
  const troubles: Trouble[] = [
    { kind: 'not-found', name: typed },
    { kind: 'gone', name: product },
    { kind: 'sold-out', name: product },
    { kind: 'which', name: typed, choices: offers },
    { kind: 'perhaps', name: typed, choices: offers },
    { kind: 'how-many', name: product, most: 999 },
    { kind: 'only-left', name: product, left: 3 },
  ]
  const page = { page: 1, pages: 5, first: 1, category: null, offers, remembered: true }
  return [
    say.hello(),
    say.help(),
    say.contact({ text: typed, phone: '+15550100100' }),
    say.unknown(),
    say.nothingPending(),
    say.page(page),
    say.page({ ...page, category: typed }),
    say.page({ ...page, remembered: false }),
    say.page({ ...page, offers: [] }),
    say.page({ ...page, pages: 0 }),
    say.noSuchCategory(typed),
    say.oldList(),
    say.soldOut(product, offers),
    ...offers.map((each) => say.card(each, 999)),
    say.notChanged(1_042),
    say.notChanged(null),
    say.place(null),
    say.place(1_042),
    say.away('09:00', null),
    say.away('02/03, 09:00', typed),
    say.offerPerson(),
    say.thanks(basket, 'ORD-001042', '1042', '09:00'),
    say.confirm(basket),
    say.changed(basket),
    say.consent(basket),
    say.stillWanted(basket, '10:12'),
    say.sameAgain(basket, 'ORD-001042'),
    say.which(typed, offers, true),
    say.which(typed, offers, false),
    say.howMany(product, 999),
    say.onlyLeft(product, 3),
    ...troubles.map((each) => say.troubles([each], basket, 3)),
    say.troubles(troubles, null, 7),
    say.usage(),
    say.tooMany(20),
    say.review(),
    say.expired(),
    say.dropped(),
    say.noOrders(),
    say.noSuchOrder(1_042),
    ...ORDER_STATUSES.flatMap((status) => [
      say.status([order({ status })], true),
      say.moved(order({ status, fulfillment: 'pickup' })),
    ]),
    ...(['delivered', 'cancelled', 'returned'] as const).map((status) => say.ended(1_042, status)),
    say.cancelledBecause(1_042, typed),
    say.cancelledBecause(1_042, null),
    ...PAYMENT_STATUSES.map((paymentStatus) => say.status([order({ paymentStatus }), order({})], false)),
    say.cancelThis(order({})),
    say.cancelWhich([order({}), order({})]),
    say.nothingToCancel(),
    say.cancelled(1_042),
    say.cancelAsked(1_042),
    say.cancelTooLate(1_042),
    say.agent(typed),
    say.agent(''),
    say.stopped(),
    say.started(),
    say.languageSet(),
    say.languages(),
    say.voice(),
    say.cart(3, 12_000, 'USD'),
    say.proof(),
  ]
}
