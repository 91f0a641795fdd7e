// What a language is to the bot: the words it listens to and the sentences it says. Adding one is adding a file of this shape and a line in
// index.ts. How sentences become messages is bot/say.ts; every word of every language is understood at all times (bot/lexicon.ts).
import type { OrderStatus, PaymentStatus } from '../../order/order.ts'
import type { Availability } from '../../stock/level.ts'

/** Words a customer may write, in small letters; accents, punctuation and the last letter's repetition do not matter. */
export interface Words {
  readonly greetings: readonly string[]
  /** Stand after what is asked for, or alone, and mean nothing. */
  readonly polite: readonly string[]
  /** Those of them that stand before it as well; never thanks: with these the bot's own messages begin. */
  readonly please: readonly string[]
  /** Begin an order. */
  readonly order: readonly string[]
  /** May be followed by a page, a category, or words. */
  readonly catalog: readonly string[]
  /** May be followed by the number of an order. */
  readonly status: readonly string[]
  readonly cancel: readonly string[]
  /** May stand between those and the number. */
  readonly numberSign: readonly string[]
  readonly help: readonly string[]
  readonly contact: readonly string[]
  readonly agent: readonly string[]
  readonly stop: readonly string[]
  readonly start: readonly string[]
  readonly more: readonly string[]
  readonly yes: readonly string[]
  readonly no: readonly string[]
  /** `language`: followed by the name of one. */
  readonly language: readonly string[]
  /** What this language is called, in itself and in the others. */
  readonly ownNames: readonly string[]
  /** One to twelve, each in its forms. */
  readonly numbers: readonly (readonly string[])[]
  readonly units: readonly string[]
  /** Between a unit and a name: `2 pieces of`. */
  readonly of: readonly string[]
  /** Join items: soft separators. */
  readonly and: readonly string[]
  /** Written at the beginning of the next word, without a space. */
  readonly andPrefix?: string
}

/** The words the bot tells people to write; each is one of `Words`. */
export interface Commands {
  readonly order: string
  readonly catalog: string
  readonly status: string
  readonly cancel: string
  readonly contact: string
  readonly agent: string
  readonly stop: string
  readonly start: string
  readonly help: string
  readonly more: string
  readonly yes: string
  readonly no: string
}

/**
 * What is said. Names, amounts and counts are handed in as they are to be shown. A sentence that opens a message begins with words of its own,
 * never with a word the bot listens to and never with something handed in: a reply that reads as a command would let two bots talk for ever.
 */
export interface Sentences {
  /** `customer` is empty when the name is not known. */
  readonly welcome: (to: { readonly shop: string; readonly customer: string }) => string
  readonly youCanWrite: string
  /** What each command is for. */
  readonly uses: Readonly<Record<'catalog' | 'order' | 'status' | 'cancel' | 'contact' | 'agent' | 'stop', string>>
  /** How an order is written, after the verb: `product:quantity`. */
  readonly orderShape: string
  readonly reachUs: string
  readonly notUnderstood: string
  readonly nothingAsked: string
  /** The product of an example in a shop that has none. */
  readonly aProduct: string

  readonly page: (to: { readonly page: string; readonly pages: string; readonly category: string | null }) => string
  readonly availability: Readonly<Record<Availability, string>>
  readonly toBuy: string
  readonly nextPage: string
  /** Where nobody remembers which page was shown: what to write for the next one. */
  readonly nextPageIs: (to: { readonly command: string }) => string
  readonly nothingToShow: string
  readonly onlyPages: (to: { readonly pages: string }) => string
  readonly noSuchCategory: (to: { readonly name: string }) => string
  readonly oldList: string

  readonly thanks: (to: { readonly customer: string; readonly label: string }) => string
  readonly each: (to: { readonly price: string }) => string
  readonly total: (to: { readonly total: string }) => string
  readonly willConfirm: string
  readonly openFrom: (to: { readonly time: string }) => string
  readonly toUndo: (to: { readonly number: string }) => string
  readonly andMore: (to: { readonly count: string }) => string

  readonly didYouMean: string
  readonly yesOrNo: string
  readonly whichOne: (to: { readonly name: string }) => string
  readonly withANumber: string
  readonly howMany: (to: { readonly name: string; readonly most: string }) => string
  readonly notFound: (to: { readonly name: string }) => string
  readonly perhaps: string
  readonly soldOut: (to: { readonly name: string }) => string
  readonly onlyLeft: (to: { readonly name: string; readonly left: string }) => string
  readonly someFine: (to: { readonly fine: string; readonly of: string }) => string
  readonly orderTheRest: string
  readonly usage: string
  readonly severalLines: string
  readonly tooMany: (to: { readonly most: string }) => string
  readonly changed: string
  readonly gone: (to: { readonly name: string }) => string
  readonly instead: string
  readonly notChanged: (to: { readonly label: string }) => string
  /** The same of what is no order: it is done. */
  readonly doneAlready: string
  readonly offerPerson: string
  readonly sameAgain: (to: { readonly label: string }) => string
  readonly stillWanted: (to: { readonly time: string }) => string
  readonly review: string
  readonly expired: string
  readonly dropped: string
  readonly consent: string

  readonly noOrders: string
  readonly noSuchOrder: (to: { readonly label: string }) => string
  readonly latest: string
  readonly moreOrders: string
  readonly orderIs: Readonly<Record<OrderStatus, (to: { readonly label: string }) => string>>
  readonly payment: Readonly<Record<PaymentStatus, string>>
  readonly closed: string
  /** Said of what is shipped when the customer fetches it. */
  readonly readyForPickup: (to: { readonly label: string }) => string
  readonly cancelledBecause: (to: { readonly label: string; readonly reason: string }) => string
  /** The reason of an order that the shop let wait for too long. */
  readonly notConfirmed: string

  readonly cancelThis: (to: { readonly label: string; readonly total: string }) => string
  readonly cancelWhich: string
  readonly nothingToCancel: string
  readonly cancelled: (to: { readonly label: string }) => string
  readonly cancelAsked: (to: { readonly label: string }) => string
  readonly cancelTooLate: (to: { readonly label: string }) => string

  /** `hours` is empty when they are not known. */
  readonly agent: (to: { readonly hours: string }) => string
  readonly stopped: string
  readonly started: string
  readonly languageSet: string
  readonly languages: string
  readonly voice: string
  readonly cart: (to: { readonly count: string; readonly total: string }) => string
  readonly proof: string
  readonly place: string
  /** It is where this order goes. */
  readonly placeNoted: (to: { readonly label: string }) => string
  /** Nobody is there until then. */
  readonly away: (to: { readonly time: string }) => string
  /** Before the shop's own words. */
  readonly closedNow: string
}

export interface Language {
  /** ISO 639. */
  readonly code: string
  /** In itself, as a list shows it. */
  readonly name: string
  /** Of its letters, as Unicode calls them. */
  readonly script: 'Latin' | 'Arabic'
  readonly words: Words
  readonly commands: Commands
  readonly sentences: Sentences
}
