// Makes messages out of a language's sentences: signs, lists, names, amounts in the customer's locale. Every message begins with a sign and
// words of ours, so that none reads as a command. What to say is decided by who calls.
import { oneLine } from '../contact.ts'
import { formatMoney, formatNumber, type Minor } from '../money.ts'
import type { Fulfillment, OrderStatus, PaymentStatus } from '../order/order.ts'
import { OPEN, orderLabel } from '../order/order.ts'
import type { Availability } from '../stock/level.ts'
import { LANGUAGE_CODES, LANGUAGES, type LanguageCode, localeFor } from './languages/index.ts'
import { MAX_QUANTITY } from './quantity.ts'

/** Longest message in characters; long lists end in a count of what was left out. */
export const MAX_SAID_CHARS = 1_000
/** Longest name or quotation in a message. */
const MAX_NAME_CHARS = 120
const MAX_QUOTED_CHARS = 60
/** The longest reason of the shop's that is passed on. */
const MAX_REASON_CHARS = 300

/** Who speaks to whom, in which language. `example`: the name of a product to show how to buy with; empty in an empty shop. */
export interface Speaker {
  readonly language: LanguageCode
  readonly shop: string
  /** The organisation's. */
  readonly locale: string
  readonly timezone: string
  /** Empty when not known. */
  readonly customer: string
  readonly example: string
}

/** Something for sale, as a list shows it. */
export interface Offer {
  readonly name: string
  readonly priceMinor: Minor
  readonly currency: string
  readonly availability: Availability
}

export interface Wanted {
  readonly name: string
  readonly quantity: number
  readonly unitMinor: Minor
  readonly totalMinor: Minor
}

export interface Basket {
  readonly lines: readonly Wanted[]
  readonly currency: string
  readonly totalMinor: Minor
}

export interface OrderSaid extends Basket {
  readonly number: number
  readonly status: OrderStatus
  readonly paymentStatus: PaymentStatus
  readonly fulfillment: Fulfillment
  readonly at: Date
}

/** What is wrong with one item of an order. Names are those of the catalogue, or as typed for `not-found`. */
export type Trouble =
  | { readonly kind: 'not-found' | 'gone' | 'sold-out'; readonly name: string }
  | { readonly kind: 'which' | 'perhaps'; readonly name: string; readonly choices: readonly Offer[] }
  | { readonly kind: 'how-many'; readonly name: string; readonly most: number }
  | { readonly kind: 'only-left'; readonly name: string; readonly left: number }

/** All that the bot can say to one customer. */
export function voice(speaker: Speaker) {
  const { sentences: s, commands: c } = LANGUAGES[speaker.language]
  const locale = localeFor(speaker.language, speaker.locale)
  const count = (value: number) => formatNumber(value, locale)
  const money = (minor: Minor, currency: string) => formatMoney(minor, currency, locale)
  const shop = clip(speaker.shop, MAX_NAME_CHARS)
  const customer = clip(speaker.customer, MAX_QUOTED_CHARS)
  const example = `${c.order} ${clip(speaker.example, MAX_NAME_CHARS) || s.aProduct}:1`
  const name = (text: string) => clip(text, MAX_NAME_CHARS)
  const quoted = (text: string) => clip(text, MAX_QUOTED_CHARS)
  const offer = (each: Offer, index: number) =>
    `${index}. ${name(each.name)} – ${money(each.priceMinor, each.currency)} (${s.availability[each.availability]})`
  const line = (each: Wanted, currency: string) => {
    const unit = money(each.unitMinor, currency)
    const price = each.quantity === 1 ? unit : `${s.each({ price: unit })}, ${money(each.totalMinor, currency)}`
    return `${count(each.quantity)} × ${name(each.name)} – ${price}`
  }
  const basketLines = (basket: Basket) => basket.lines.map((each) => line(each, basket.currency))
  const total = (basket: Basket) => s.total({ total: money(basket.totalMinor, basket.currency) })
  const fit = (head: readonly string[], middle: readonly string[], tail: readonly string[]) => {
    const render = (shown: number) => {
      const left = middle.length - shown
      return [
        ...head,
        ...middle.slice(0, shown),
        ...(left > 0 ? [s.andMore({ count: count(left) })] : []),
        ...tail,
      ].join('\n')
    }
    for (let shown = middle.length; shown > 1; shown -= 1)
      if (render(shown).length <= MAX_SAID_CHARS) return render(shown)
    return render(Math.min(1, middle.length))
  }
  const asking = (head: string, basket: Basket) => fit([head], basketLines(basket), [total(basket), s.yesOrNo])
  const trouble = (each: Trouble): string => {
    switch (each.kind) {
      case 'not-found':
        return s.notFound({ name: quoted(each.name) })
      case 'gone':
        return s.gone({ name: name(each.name) })
      case 'sold-out':
        return s.soldOut({ name: name(each.name) })
      case 'which':
        return [s.whichOne({ name: quoted(each.name) }), ...each.choices.map((one) => `• ${name(one.name)}`)].join('\n')
      case 'perhaps':
        return [s.notFound({ name: quoted(each.name) }), ...each.choices.map((one) => `• ${name(one.name)}`)].join('\n')
      case 'how-many':
        return s.howMany({ name: name(each.name), most: count(Math.min(each.most, MAX_QUANTITY)) })
      case 'only-left':
        return s.onlyLeft({ name: name(each.name), left: count(each.left) })
    }
  }
  const uses = (['catalog', 'order', 'status', 'cancel', 'contact', 'agent', 'stop'] as const).map((each) =>
    each === 'order' ? `• ${c.order} ${s.orderShape} – ${s.uses.order}` : `• ${c[each]} – ${s.uses[each]}`,
  )
  const orderBlock = (order: OrderSaid, time: Intl.DateTimeFormat | null) => {
    const closed = !OPEN.includes(order.status) && order.paymentStatus === 'unpaid'
    const paid = closed ? s.closed : s.payment[order.paymentStatus]
    const items = order.lines.map((each) => `${count(each.quantity)} × ${name(each.name)}`)
    const sum = `${total(order)} (${paid})${time === null ? '' : `, ${time.format(order.at)}`}`
    const ready = order.status === 'shipped' && order.fulfillment === 'pickup'
    const state = ready ? s.readyForPickup : s.orderIs[order.status]
    return fit([state({ label: orderLabel(order.number) })], items, [sum])
  }

  return {
    hello: () =>
      [
        `👋 ${s.welcome({ shop, customer })}`,
        ...[c.catalog, example, c.status, c.contact, c.help].map((each) => `• ${each}`),
      ].join('\n'),
    help: () => [`ℹ️ ${s.youCanWrite}`, ...uses].join('\n'),
    contact: (to: { readonly text: string; readonly phone: string | null }) =>
      [`📍 ${s.reachUs}`, shop, to.text.trim(), to.phone ?? ''].filter((each) => each !== '').join('\n'),
    unknown: () => `🤔 ${s.notUnderstood}`,
    nothingPending: () => `🤔 ${s.nothingAsked}`,
    /**
     * `page` and `first` count from 1; `first` is the number of the first item among all pages. `remembered`: which page was shown is known when
     * they answer `more`.
     */
    page: (to: {
      readonly page: number
      readonly pages: number
      readonly first: number
      readonly category: string | null
      readonly offers: readonly Offer[]
      readonly remembered: boolean
    }) => {
      if (to.pages === 0) return `🛍️ ${s.nothingToShow}`
      if (to.offers.length === 0) return `🛍️ ${s.onlyPages({ pages: count(to.pages) })}`
      const category = to.category === null ? null : name(to.category)
      const sold = to.offers.find(({ availability }) => availability !== 'out_of_stock')
      const head = `🛍️ ${s.page({ page: count(to.page), pages: count(to.pages), category })}`
      const buy = sold === undefined ? [] : [s.toBuy, `${c.order} ${name(sold.name)}:1`]
      const byNumber = category === null ? [s.nextPageIs({ command: `${c.catalog} ${to.page + 1}` })] : []
      const more = to.page < to.pages ? (to.remembered ? [s.nextPage] : byNumber) : []
      return fit(
        [head],
        to.offers.map((each, index) => offer(each, to.first + index)),
        [...buy, ...more],
      )
    },
    noSuchCategory: (typed: string) => `🛍️ ${s.noSuchCategory({ name: quoted(typed) })}`,
    oldList: () => `🛍️ ${s.oldList}`,
    /** `label` may stand for a number that is not known yet. `opens`: when we open, if we are closed. */
    thanks: (basket: Basket, label: string, number: string, opens: string | null) =>
      fit([`✅ ${s.thanks({ customer, label })}`], basketLines(basket), [
        total(basket),
        s.willConfirm,
        ...(opens === null ? [] : [s.openFrom({ time: opens })]),
        s.toUndo({ number }),
      ]),
    confirm: (basket: Basket) => asking(`❓ ${s.didYouMean}`, basket),
    changed: (basket: Basket) => asking(`❓ ${s.changed}`, basket),
    consent: (basket: Basket) => asking(`🔒 ${s.consent}`, basket),
    stillWanted: (basket: Basket, time: string) => asking(`❓ ${s.stillWanted({ time })}`, basket),
    sameAgain: (basket: Basket, label: string) => asking(`❓ ${s.sameAgain({ label })}`, basket),
    /** A numbered list to choose from. */
    which: (typed: string, choices: readonly Offer[], sure: boolean) => {
      const head = sure
        ? [`❓ ${s.whichOne({ name: quoted(typed) })}`]
        : [`❓ ${s.notFound({ name: quoted(typed) })}`, s.perhaps]
      return fit(
        head,
        choices.map((each, index) => offer(each, index + 1)),
        [s.withANumber],
      )
    },
    howMany: (product: string, most: number) =>
      `❓ ${s.howMany({ name: name(product), most: count(Math.min(most, MAX_QUANTITY)) })}`,
    onlyLeft: (product: string, left: number) =>
      `⚠️ ${s.onlyLeft({ name: name(product), left: count(left) })}\n${s.yesOrNo}`,
    /** Not there any more; what there is of its kind. */
    soldOut: (product: string, others: readonly Offer[]) =>
      fit(
        [`⚠️ ${s.soldOut({ name: name(product) })}`, s.instead],
        others.map((each, index) => offer(each, index + 1)),
        [s.withANumber],
      ),
    /** One item of a list, and how many of it. */
    card: (each: Offer, most: number) =>
      [
        `❓ ${s.howMany({ name: name(each.name), most: count(Math.min(most, MAX_QUANTITY)) })}`,
        `${money(each.priceMinor, each.currency)} (${s.availability[each.availability]})`,
      ].join('\n'),
    /** An edited message has done what it said before. `number`: of the order it came to; null: something else. */
    notChanged: (number: number | null) =>
      `✋ ${number === null ? s.doneAlready : s.notChanged({ label: orderLabel(number) })}`,
    offerPerson: () => `🤔 ${s.offerPerson}`,
    /** Nothing was bought. `fine`: what could be, when it is not everything. */
    troubles: (troubles: readonly Trouble[], fine: Basket | null, of: number) => {
      const tail =
        fine === null
          ? []
          : [
              s.someFine({ fine: count(fine.lines.length), of: count(of) }),
              ...basketLines(fine).slice(0, 5),
              total(fine),
              s.orderTheRest,
            ]
      return fit(
        [],
        troubles.map((each) => `⚠️ ${trouble(each)}`),
        tail,
      )
    },
    usage: () => [`⚠️ ${s.usage}`, example, s.severalLines].join('\n'),
    tooMany: (most: number) => `🙋 ${s.tooMany({ most: count(most) })}`,
    review: () => `🙋 ${s.review}`,
    expired: () => `⌛ ${s.expired}`,
    dropped: () => `👌 ${s.dropped}`,
    noOrders: () => [`📦 ${s.noOrders}`, example].join('\n'),
    noSuchOrder: (number: number) => `📦 ${s.noSuchOrder({ label: orderLabel(number) })}`,
    status: (orders: readonly OrderSaid[], more: boolean) => {
      const time = new Intl.DateTimeFormat(locale, {
        dateStyle: 'medium',
        timeStyle: 'short',
        timeZone: speaker.timezone,
      })
      return fit(
        [`📦 ${s.latest}`],
        orders.map((each) => orderBlock(each, time)),
        more ? [s.moreOrders] : [],
      )
    },
    /** Told to the customer by itself when an order has moved on. */
    moved: (order: OrderSaid) => `📦 ${orderBlock(order, null)}`,
    /** The same of what is over, which needs no list of what was in it. */
    ended: (number: number, status: 'delivered' | 'cancelled' | 'returned') =>
      `📦 ${s.orderIs[status]({ label: orderLabel(number) })}`,
    /** `reason`: as the shop wrote it; null: nobody confirmed it. */
    cancelledBecause: (number: number, reason: string | null) => {
      const why = reason === null ? s.notConfirmed : clip(reason, MAX_REASON_CHARS)
      return `📦 ${s.cancelledBecause({ label: orderLabel(number), reason: why })}`
    },
    cancelThis: (order: OrderSaid) =>
      `❓ ${s.cancelThis({ label: orderLabel(order.number), total: money(order.totalMinor, order.currency) })}\n${s.yesOrNo}`,
    cancelWhich: (orders: readonly OrderSaid[]) =>
      fit(
        [`❓ ${s.cancelWhich}`],
        orders.map(
          (each, index) => `${index + 1}. ${orderLabel(each.number)} – ${money(each.totalMinor, each.currency)}`,
        ),
        [s.withANumber],
      ),
    nothingToCancel: () => `📦 ${s.nothingToCancel}`,
    cancelled: (number: number) => `✅ ${s.cancelled({ label: orderLabel(number) })}`,
    cancelAsked: (number: number) => `🙋 ${s.cancelAsked({ label: orderLabel(number) })}`,
    cancelTooLate: (number: number) => `📦 ${s.cancelTooLate({ label: orderLabel(number) })}`,
    agent: (hours: string) => `🙋 ${s.agent({ hours: clip(hours, MAX_NAME_CHARS) })}`,
    stopped: () => `🔕 ${s.stopped}`,
    started: () => `🔔 ${s.started}`,
    languageSet: () => `🗣️ ${s.languageSet}`,
    /** Each language is offered in its own words. */
    languages: () =>
      [
        `🗣️ ${s.languages}`,
        ...LANGUAGE_CODES.map((code) => `• ${LANGUAGES[code].words.language[0] ?? 'language'} ${LANGUAGES[code].name}`),
      ].join('\n'),
    voice: () => `🎙️ ${s.voice}`,
    cart: (items: number, minor: Minor, currency: string) =>
      `🛒 ${s.cart({ count: count(items), total: money(minor, currency) })}`,
    proof: () => `🧾 ${s.proof}`,
    /** `number`: of the order that goes there; null: none does. */
    place: (number: number | null) => `📍 ${number === null ? s.place : s.placeNoted({ label: orderLabel(number) })}`,
    /** `own`: the shop's words, if it has any; behind ours, so that whatever they are they are no command. */
    away: (time: string, own: string | null) => {
      const words = own?.trim().replaceAll('{time}', time) ?? ''
      return `🌙 ${words === '' ? s.away({ time }) : `${s.closedNow}\n${words}`}`
    },
  } as const
}

export type Voice = ReturnType<typeof voice>

/** In one line, and not longer than this. */
function clip(text: string, most: number): string {
  const line = oneLine(text)
  return line.length <= most ? line : `${line.slice(0, most - 1).toWellFormed()}…`
}
