// Bodies and answers of connecting, status, QR and sending. Views of a session are the actor protocol's own.

import { z } from 'zod'
import { queuedMessageView, sessionView } from '../../actors/session/protocol.ts'
import { id, isoTime, nullableTime } from './common.ts'

/** A body that may be left out. */
const optionalBody = <T extends z.ZodType>(shape: T) => z.preprocess((body) => body ?? {}, shape)

export const connectBody = optionalBody(z.strictObject({}))
export const connectAnswer = z.object({
  session: sessionView.extend({ startedAt: isoTime, qrUrl: z.string() }),
})

export const disconnectBody = optionalBody(
  z.strictObject({
    unlink: z.boolean().default(false).meta({ description: 'Also log the device out and delete its keys.' }),
    userId: id.optional().meta({ description: 'Another user of your team (manager) or of all (admin).' }),
  }),
)
export const disconnectAnswer = z.object({ session: sessionView.extend({ unlinked: z.boolean() }) })

export const statusQuery = z.strictObject({ userId: id.optional() })
export const statusAnswer = sessionView.extend({
  lastMessageAt: nullableTime,
  queuedOutbound: z.number().int(),
  skippedNonContactsToday: z
    .number()
    .int()
    .meta({ description: 'Messages of people who are not contacts; nothing else is kept of them.' }),
  bot: z.object({ enabled: z.boolean() }),
})

export const qrQuery = z.strictObject({
  connect: z.enum(['0', '1', 'true', 'false']).optional().meta({ description: '`1` also starts connecting.' }),
  ticket: z
    .string()
    .max(100)
    .optional()
    .meta({ description: 'From POST /api/auth/sse-ticket, in place of the header.' }),
})
export const qrSnapshot = z.object({
  state: sessionView.shape.state,
  message: z.string(),
  qr: z.string().nullable().meta({ description: 'The text to draw as a QR code.' }),
  image: z.string().nullable().meta({ description: 'The same as a PNG in a data URL.' }),
  expiresAt: nullableTime,
})

const TO_MAX_CHARS = 64

const to = z
  .string()
  .trim()
  .min(1)
  .max(TO_MAX_CHARS)
  .meta({ description: 'A phone number with its country code, or the id of a contact or of a conversation.' })

/** Accepts the names other clients use: `phoneNumber` for `to`, `text` for `message`. */
export const sendMessageBody = z.preprocess(
  aliases({ phoneNumber: 'to', text: 'message' }),
  z.strictObject({
    to,
    message: z.string().meta({ description: 'At most 4,096 characters.' }),
    quotedMessageId: id.optional(),
  }),
)
export const sendMessageAnswer = z.object({ message: queuedMessageView })

export const sendCatalogBody = z.preprocess(
  aliases({ phoneNumber: 'to' }),
  z.strictObject({
    to,
    categoryId: id.optional(),
    productIds: z.array(id).min(1).max(30).optional(),
    page: z.number().int().min(1).max(1000).default(1),
  }),
)
export const sendCatalogAnswer = z.object({
  messages: z.array(queuedMessageView),
  items: z.number().int(),
  nextPage: z.number().int().nullable(),
})

/** Renames fields of an object, unless the proper name is given as well: then both stay, and one is unknown. */
function aliases(names: Readonly<Record<string, string>>) {
  return (body: unknown): unknown => {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
    const given = new Set(Object.keys(body))
    return Object.fromEntries(
      Object.entries(body).map(([name, value]) => {
        const proper = names[name]
        return [proper === undefined || given.has(proper) ? name : proper, value]
      }),
    )
  }
}
