// Bodies and answers of connecting, status, QR and sending. Views of a session are the actor protocol's own.

import { z } from 'zod'
import { queuedMessageView, sessionView } from '../../actors/session/protocol.ts'
import { id, isoTime, nullableTime } from './common.ts'

export const connectBody = z.strictObject({
  pairingPhone: z
    .string()
    .max(40)
    .optional()
    .meta({ description: "The account's own number: link it by a code that is typed on the phone, instead of a QR." }),
})
export const connectAnswer = z.object({
  session: sessionView.extend({
    startedAt: isoTime,
    qrUrl: z.string(),
    pairingCode: z
      .string()
      .optional()
      .meta({ description: 'Only with `pairingPhone`: the code to type on the phone.' }),
  }),
})

export const disconnectBody = z.strictObject({
  unlink: z.boolean().default(false).meta({ description: 'Also log the device out and delete its keys.' }),
  userId: id.optional().meta({ description: 'Another user of your team (manager) or of all (admin).' }),
})
export const disconnectAnswer = z.object({ session: sessionView.extend({ unlinked: z.boolean() }) })

export const statusQuery = z.strictObject({ userId: id.optional() })
export const statusAnswer = sessionView.extend({
  lastMessageAt: nullableTime,
  queuedOutbound: z.number().int(),
  skippedNonContactsToday: z
    .number()
    .int()
    .meta({ description: 'Messages of people who are not contacts; nothing else is kept of them.' }),
  sendingHeldUntil: nullableTime.meta({
    description: 'WhatsApp lets the account start no new chats until then: messages to customers who never wrote wait.',
  }),
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

/** Names that other clients use, and ours. */
export const ALIASES = { phoneNumber: 'to', text: 'message' } as const

export const sendMessageBody = z.strictObject({
  to: to.meta({
    description: 'A phone number with its country code, or the id of a contact or conversation. Also `phoneNumber`.',
  }),
  message: z
    .string()
    .meta({ description: 'At most 4,096 characters. Also `text`. With a picture, its caption: may be empty.' }),
  media: z
    .union([
      z.strictObject({ image: z.base64().meta({ description: 'A JPEG, PNG or WebP, as base64.' }) }),
      z.strictObject({ imageId: id.meta({ description: 'A picture of a product.' }) }),
    ])
    .optional()
    .meta({ description: 'Sends a picture. The whole request must fit into MAX_FILE_SIZE.' }),
  quotedMessageId: id.optional(),
  force: z.boolean().optional().meta({
    description: 'Also to a contact who asked for no messages and has not written since (managers and admins).',
  }),
})
export const sendMessageAnswer = z.object({ message: queuedMessageView })

export const sendCatalogBody = z.strictObject({
  to,
  categoryId: id.optional(),
  productIds: z.array(id).min(1).max(30).optional(),
  page: z.number().int().min(1).max(1000).default(1),
})
export const sendCatalogAnswer = z.object({
  messages: z.array(queuedMessageView),
  items: z.number().int(),
  nextPage: z.number().int().nullable(),
})
