// What a shop sets for itself: the shape, the bounds and the defaults. Reading what is stored never fails: what is missing or makes no sense is
// the default. Who may change it, and that the change is written down, is decided elsewhere.
import { hoursProblem, type Interval, WEEKDAYS, type WeekHours } from './hours.ts'

export const UNKNOWN_SENDER_POLICIES = ['strict', 'consent', 'auto'] as const
export type UnknownSenderPolicy = (typeof UNKNOWN_SENDER_POLICIES)[number]

export interface BotSettings {
  readonly enabled: boolean
  /** How long the bot stays out of a chat after somebody of the staff wrote there. */
  readonly pauseMinutes: number
  /** What becomes of a message of somebody who is no contact: nothing, answers and a question before an order, or a contact at once. */
  readonly unknownSenderPolicy: UnknownSenderPolicy
  /** An order above this total waits for a colleague; minor units, null: none does. */
  readonly confirmAboveMinor: number | null
  /** An order nobody confirmed is cancelled after this. */
  readonly pendingExpiryHours: number
}

/** How long what is personal is kept, in days. */
export interface RetentionSettings {
  readonly messages: number
  /** What is known of the files of messages. */
  readonly media: number
  /** Hashes of what was received. */
  readonly receipts: number
  /** Questions of the bot and orders that were never placed. */
  readonly drafts: number
  readonly events: number
  readonly idempotencyKeys: number
  readonly audit: number
  /** After a customer's last order: then it is nobody's any more, and its lines and amounts stay. */
  readonly orderPersonal: number
}

export interface InvoiceSettings {
  /** Who issues it: name, address, one line each. */
  readonly header: string
  readonly taxId: string
  readonly footer: string
}

export interface OrgSettings {
  /** The language of a customer of whom none is known; BCP 47. */
  readonly languageDefault: string
  /** Null: always open. */
  readonly hours: WeekHours | null
  readonly employeesEditCatalog: boolean
  readonly bot: BotSettings
  readonly retention: RetentionSettings
  readonly invoice: InvoiceSettings
}

export const DEFAULT_SETTINGS: OrgSettings = {
  languageDefault: 'en',
  hours: null,
  employeesEditCatalog: true,
  bot: {
    enabled: true,
    pauseMinutes: 30,
    unknownSenderPolicy: 'consent',
    confirmAboveMinor: 500_000,
    pendingExpiryHours: 48,
  },
  retention: {
    messages: 365,
    media: 90,
    receipts: 14,
    drafts: 1,
    events: 7,
    idempotencyKeys: 1,
    audit: 730,
    orderPersonal: 730,
  },
  invoice: { header: '', taxId: '', footer: '' },
}

interface Bounds {
  readonly least: number
  readonly most: number
}

/** What may be set, both ends included. */
export const SETTING_BOUNDS = {
  pauseMinutes: { least: 1, most: 7 * 24 * 60 },
  confirmAboveMinor: { least: 0, most: 1_000_000_000_000 },
  pendingExpiryHours: { least: 1, most: 24 * 90 },
  /** Any retention, in days. */
  days: { least: 1, most: 3_650 },
  /** A redelivery weeks later is still recognised. */
  receiptDays: { least: 14, most: 3_650 },
  nameChars: { least: 1, most: 120 },
  textChars: { least: 0, most: 1_000 },
} as const satisfies Record<string, Bounds>

const LANGUAGE = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/

/** True for a language tag such as `en` or `pt-BR`. */
export function isLanguage(text: string): boolean {
  return text.length <= 20 && LANGUAGE.test(text)
}

/** True for a zone of the IANA database such as `America/New_York`. */
export function isTimezone(text: string): boolean {
  // An offset such as +02:00 knows no summer time.
  if (!/^[A-Za-z]/.test(text)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: text })
    return true
  } catch {
    return false
  }
}

/** True for a locale whose numbers can be written. */
export function isLocale(text: string): boolean {
  try {
    return Intl.NumberFormat.supportedLocalesOf([text]).length > 0
  } catch {
    return false
  }
}

/** True for an ISO 4217 code. */
export function isCurrency(text: string): boolean {
  return /^[A-Z]{3}$/.test(text) && Intl.supportedValuesOf('currency').includes(text)
}

type Stored = Readonly<Record<string, unknown>>

const objectOf = (value: unknown): Stored =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Stored) : {}
const flag = (value: unknown, fallback: boolean): boolean => (typeof value === 'boolean' ? value : fallback)
const text = (value: unknown, fallback: string): string => (typeof value === 'string' ? value : fallback)
const integer = (value: unknown, { least, most }: Bounds, fallback: number): number =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : fallback

/** The settings as stored, whole: pure, total, and the same again for what it returns. */
export function readSettings(stored: unknown): OrgSettings {
  const { languageDefault, hours, employeesEditCatalog, bot, retention, invoice } = objectOf(stored)
  const language = text(languageDefault, DEFAULT_SETTINGS.languageDefault)
  return {
    languageDefault: isLanguage(language) ? language : DEFAULT_SETTINGS.languageDefault,
    hours: readHours(hours),
    employeesEditCatalog: flag(employeesEditCatalog, DEFAULT_SETTINGS.employeesEditCatalog),
    bot: readBot(objectOf(bot)),
    retention: readRetention(objectOf(retention)),
    invoice: readInvoice(objectOf(invoice)),
  }
}

function readBot(bot: Stored): BotSettings {
  const usual = DEFAULT_SETTINGS.bot
  const policy = UNKNOWN_SENDER_POLICIES.find((each) => each === bot['unknownSenderPolicy'])
  const above = bot['confirmAboveMinor']
  return {
    enabled: flag(bot['enabled'], usual.enabled),
    pauseMinutes: integer(bot['pauseMinutes'], SETTING_BOUNDS.pauseMinutes, usual.pauseMinutes),
    unknownSenderPolicy: policy ?? usual.unknownSenderPolicy,
    confirmAboveMinor:
      above === null ? null : integer(above, SETTING_BOUNDS.confirmAboveMinor, usual.confirmAboveMinor ?? 0),
    pendingExpiryHours: integer(bot['pendingExpiryHours'], SETTING_BOUNDS.pendingExpiryHours, usual.pendingExpiryHours),
  }
}

function readRetention(retention: Stored): RetentionSettings {
  const usual = DEFAULT_SETTINGS.retention
  const days = (name: keyof RetentionSettings, bounds: Bounds = SETTING_BOUNDS.days) =>
    integer(retention[name], bounds, usual[name])
  return {
    messages: days('messages'),
    media: days('media'),
    receipts: days('receipts', SETTING_BOUNDS.receiptDays),
    drafts: days('drafts'),
    events: days('events'),
    idempotencyKeys: days('idempotencyKeys'),
    audit: days('audit'),
    orderPersonal: days('orderPersonal'),
  }
}

function readInvoice(invoice: Stored): InvoiceSettings {
  const usual = DEFAULT_SETTINGS.invoice
  return {
    header: text(invoice['header'], usual.header),
    taxId: text(invoice['taxId'], usual.taxId),
    footer: text(invoice['footer'], usual.footer),
  }
}

function readHours(stored: unknown): WeekHours | null {
  const days = objectOf(stored)
  if (!WEEKDAYS.some((day) => Array.isArray(days[day]))) return null
  const of = (value: unknown): readonly Interval[] => {
    const intervals = (Array.isArray(value) ? value : []).map(objectOf).map(({ from, to }) => ({
      from: text(from, ''),
      to: text(to, ''),
    }))
    return hoursProblem(intervals) === null ? intervals : []
  }
  const { mon, tue, wed, thu, fri, sat, sun } = days
  return { mon: of(mon), tue: of(tue), wed: of(wed), thu: of(thu), fri: of(fri), sat: of(sat), sun: of(sun) }
}
