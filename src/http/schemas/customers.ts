// Shapes of customers: the person, and what is kept of them.

import { z } from 'zod'
import { MAX_CONTACT_NAME_CHARS, MAX_TAG_CHARS, MAX_TAGS } from '../../domain/contact.ts'
import { isLanguage } from '../../domain/settings.ts'
import { changes, id, isoTime, nullableTime, pageQuery } from './common.ts'

const MAX_NOTES_CHARS = 4_000
const MAX_REASON_CHARS = 200

export const customersQuery = z.strictObject({
  ...pageQuery,
  q: z.string().trim().min(1).max(100).optional().meta({ description: 'Part of a name, or of the number.' }),
  tag: z.string().trim().min(1).max(MAX_TAG_CHARS).optional(),
})

const row = {
  id,
  displayName: z.string(),
  phoneMasked: z.string().nullable(),
  language: z.string().nullable(),
  optedOut: z.boolean(),
  tags: z.array(z.string()),
  contacts: z
    .array(z.object({ id, userId: id, name: z.string() }))
    .meta({ description: 'Whose contact they are, and under which name; within your scope.' }),
  openOrders: z.number().int(),
  lastOrderAt: nullableTime,
  lastMessageAt: nullableTime,
  createdAt: isoTime,
  version: z.number().int(),
}

export const customerRow = z.object(row).meta({ id: 'CustomerRow' })

const customerView = z
  .object({
    ...row,
    phoneNumber: z.string().nullable(),
    notes: z.string().nullable().meta({ description: 'Of the staff. Null for the customer.' }),
    optedOutAt: nullableTime,
    consentSource: z.string().nullable(),
    consentAt: nullableTime,
    erasedAt: nullableTime.meta({ description: 'Since then nothing is known of them any more.' }),
  })
  .meta({ id: 'Customer' })

export const customerAnswer = z.object({ customer: customerView })

export const customerBody = changes({
  displayName: z.string().max(MAX_CONTACT_NAME_CHARS * 2),
  language: z.string().refine(isLanguage, 'is not a language tag such as en').nullable(),
  notes: z.string().max(MAX_NOTES_CHARS),
  tags: z.array(z.string().max(MAX_TAG_CHARS)).max(MAX_TAGS),
})

export const eraseBody = z.strictObject({
  reason: z
    .string()
    .trim()
    .min(1)
    .max(MAX_REASON_CHARS)
    .meta({ description: 'Why, for the audit log. It is kept: name nobody.' }),
  force: z.boolean().default(false).meta({ description: 'Even while an order is open.' }),
})
export const eraseAnswer = z.object({
  erased: z.object({ customerId: id, messages: z.number().int(), orders: z.number().int() }),
})

export const mergeBody = z.strictObject({
  from: id.meta({ description: 'Is no more afterwards.' }),
  into: id.meta({ description: 'Has everything of both.' }),
})

const anything = z.record(z.string(), z.unknown())
export const exportAnswer = z.object({
  exportedAt: isoTime,
  complete: z.boolean().meta({ description: 'False: accounts outside of your scope know more.' }),
  profile: customerView,
  identities: z.array(anything),
  consents: z.array(anything),
  messages: z.array(anything),
  orders: z.array(anything),
  payments: z.array(anything),
  events: z.array(anything),
})
