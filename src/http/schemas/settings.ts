// Shapes of /api/settings. Bounds are the domain's; a change names only what is to be different.

import { z } from 'zod'
import { hoursProblem } from '../../domain/hours.ts'
import {
  isCurrency,
  isLanguage,
  isLocale,
  isTimezone,
  SETTING_BOUNDS,
  UNKNOWN_SENDER_POLICIES,
} from '../../domain/settings.ts'
import { changes } from './common.ts'

const whole = ({ least, most }: { readonly least: number; readonly most: number }) =>
  z.number().int().min(least).max(most)
const checked = (right: (text: string) => boolean, message: string) => z.string().max(64).refine(right, message)

const interval = z.strictObject({
  from: z.string().max(5).meta({ example: '09:00' }),
  to: z.string().max(5).meta({ description: '`24:00` at most; not later than `from`: of the next day.' }),
})
const day = z.array(interval).superRefine((intervals, context) => {
  const problem = hoursProblem(intervals)
  if (problem !== null) context.addIssue({ code: 'custom', message: problem })
})
const hours = z
  .strictObject({ mon: day, tue: day, wed: day, thu: day, fri: day, sat: day, sun: day })
  .nullable()
  .meta({ description: 'Wall times in the shop’s zone, for each day; a day without any is closed. Null: always open.' })

const bot = {
  enabled: z.boolean(),
  pauseMinutes: whole(SETTING_BOUNDS.pauseMinutes).meta({
    description: 'How long the bot stays out of a chat after somebody of the staff wrote there.',
  }),
  unknownSenderPolicy: z.enum(UNKNOWN_SENDER_POLICIES),
  confirmAboveMinor: whole(SETTING_BOUNDS.confirmAboveMinor).nullable().meta({
    description: 'An order above this total waits for a colleague; minor units, null: none does.',
  }),
  pendingExpiryHours: whole(SETTING_BOUNDS.pendingExpiryHours),
}

const days = whole(SETTING_BOUNDS.days)
const retention = {
  messages: days,
  media: days,
  receipts: whole(SETTING_BOUNDS.receiptDays),
  drafts: days,
  events: days,
  idempotencyKeys: days,
  audit: days,
  orderPersonal: days.meta({ description: 'Days after a customer’s last order; then its orders are nobody’s.' }),
}

const words = z.string().max(SETTING_BOUNDS.textChars.most)
const invoice = { header: words, taxId: words, footer: words }

const own = {
  name: z.string().trim().min(SETTING_BOUNDS.nameChars.least).max(SETTING_BOUNDS.nameChars.most),
  contactText: words.meta({ description: 'What the bot answers to `contact`.' }),
  awayText: words.nullable().meta({
    description:
      'What the bot says while the shop is closed to whoever waits for a person, once in twelve hours; behind a sentence in their language that it is closed; `{time}` is when it opens. Null: the bot’s own words, in the language of the chat.',
    example: 'We are on our way home. Back at {time}!',
  }),
  currency: checked(isCurrency, 'is not an ISO 4217 code such as USD').meta({
    description: 'Fixed once there is an order. Until then prices keep their amount in whole units.',
  }),
  timezone: checked(isTimezone, 'is not an IANA time zone such as Europe/Berlin'),
  locale: checked(isLocale, 'is not a locale such as en-US'),
  languageDefault: checked(isLanguage, 'is not a language tag such as en'),
  hours,
  employeesEditCatalog: z.boolean(),
}

const settingsView = z
  .object({
    ...own,
    bot: z.object(bot),
    retention: z.object(retention).meta({ description: 'How long what is personal is kept, in days.' }),
    invoice: z.object(invoice),
    version: z.number().int(),
    open: z.boolean().meta({ description: 'Whether the shop is open at this moment.' }),
    nextOpening: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Settings' })

export const settingsAnswer = z.object({ settings: settingsView })

export const settingsBody = changes({
  ...own,
  bot: z.strictObject(bot).partial(),
  retention: z.strictObject(retention).partial(),
  invoice: z.strictObject(invoice).partial(),
})
