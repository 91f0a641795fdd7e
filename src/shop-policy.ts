// The limits of the shop's own business: what the bot, orders, files and retention may take. Their values are in policy.ts, with all others.

import type { GuardPolicy } from './domain/bot/guard.ts'

export interface BotPolicy {
  /** A message that is older when it reaches us waited while we were away: nothing is bought by it without asking. */
  readonly oldAfterMs: number
  /** Of what waited, one message of a chat is answered in this time. */
  readonly catchUpEveryMs: number
  /** How long a question can be answered. */
  readonly promptMs: number
  /** The same order again in this time is asked about, while the first is pending. */
  readonly sameOrderMs: number
  /** How long an order above the shop's limits waits for a colleague. */
  readonly reviewMs: number
  /** The bot stays out of a chat that a person has; a load, in which everybody writes at random, may let it go on. */
  readonly staysOut: boolean
  /** To a voice note, a cart or a photo of a payment the same is said once in this time. */
  readonly kindEveryMs: number
  /** A change of a message this long after it is kept and not read: WhatsApp allows them for a quarter of an hour. */
  readonly editWithinMs: number
  /** While the shop is closed, that it is is said once in this time. */
  readonly awayEveryMs: number
  readonly guard: GuardPolicy
}

/** How strangers are answered, of whom nothing is kept. */
export interface StrangerPolicy {
  /** Who is not understood is helped once in this time. */
  readonly helpEveryMs: number
  /** How long the question waits whether their number and order may be kept. */
  readonly intentMs: number
  /** How many answers one stranger, and all strangers of one account together, get in an hour. */
  readonly perHour: number
  readonly perHourOfAll: number
  /** What has waited longer than this gets no answer, unless it is an order. */
  readonly oldAfterMs: number
}

export interface RetentionPolicy {
  /** How long what was sent is kept for retry receipts. How long what is personal is kept is a setting of the shop (domain/settings.ts). */
  readonly outboxDays: number
  /** How many rows of a kind one statement removes, and how many such statements one run makes. */
  readonly batch: number
  readonly batches: number
  /** How long one node purges for all at most; then another may think that it died. */
  readonly purgeMs: number
  /** How long a node that ended is remembered. */
  readonly nodeDays: number
  /** How long is known, under a keyed hash, that a stranger was answered, and kept what they were told if it does not arrive. */
  readonly strangerDays: number
  /** How long is known what could not be sold. */
  readonly lostSalesDays: number
}

export interface FilePolicy {
  /** The largest picture that is decoded, in pixels: a small file may hold a very large one. */
  readonly picturePixels: number
  /** The longer side a picture is brought down to, and that of its small copy, in pixels. */
  readonly pictureSide: number
  readonly thumbSide: number
  /** JPEG quality, 1 to 100. */
  readonly pictureQuality: number
  /** How many pictures of one node are decoded at once, and how long one may take. */
  readonly picturesAtOnce: number
  readonly pictureTimeoutS: number
  /** How many rows a catalogue file may have. */
  readonly importRows: number
  /** How many rows are written with one statement, and after how many the node does something else in between. */
  readonly importBatch: number
  readonly importBreath: number
  /** How many wrong places of a file are named. */
  readonly importErrors: number
  /** How many products an export reads at once. */
  readonly exportBatch: number
}

export interface SettingsPolicy {
  /** How often a node looks whether the settings were changed at another. */
  readonly refreshMs: number
}

export interface OrderPolicy {
  /** Changes of an order within this time become one message to the customer, with the last of them. */
  readonly noticeMergeMs: number
  /** A message about an order that could not be delivered for so long is given up. */
  readonly noticeLifeMs: number
  /** How long a draft waits for its YES. */
  readonly draftMs: number
  /** An order that nobody moved for so long needs attention. */
  readonly staleMs: number
  /** What an employee may take off the price of the goods, in hundredths of a percent. */
  readonly freeDiscountBp: number
}
