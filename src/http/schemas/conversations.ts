// Shapes of conversations, their messages and contacts.

import { z } from 'zod'
import { MAX_CONTACT_NAME_CHARS, MAX_TAG_CHARS, MAX_TAGS } from '../../domain/contact.ts'
import { ATTENTIONS } from '../../domain/conversation/attention.ts'
import { AUTHORS, MESSAGE_STATUSES } from '../../domain/conversation/message.ts'
import { isLanguage, SETTING_BOUNDS } from '../../domain/settings.ts'
import { changes, flag, id, isoTime, nullableTime, pageQuery } from './common.ts'

export const conversationsQuery = z.strictObject({
  ...pageQuery,
  q: z.string().trim().min(1).max(100).optional(),
  unread: flag.optional(),
  owner: z.enum(['bot', 'human']).optional(),
  userId: id.optional(),
  assigneeId: id.optional(),
  attention: flag.optional().meta({ description: 'Something in it waits for a person.' }),
  archived: flag.optional().meta({ description: 'Those of people who are no contacts any more.' }),
})

export const conversationView = z
  .object({
    id,
    customer: z.object({
      id,
      name: z.string(),
      phoneMasked: z.string().nullable(),
      optedOut: z.boolean(),
      language: z.string().nullable(),
    }),
    userId: id,
    lastMessage: z
      .object({ text: z.string().nullable(), type: z.string(), author: z.enum(AUTHORS), at: isoTime })
      .nullable(),
    unread: z.number().int(),
    owner: z.enum(['bot', 'human']),
    botPausedUntil: nullableTime,
    attention: z.array(z.enum(ATTENTIONS)).meta({ description: 'What waits for a person.' }),
    assigneeId: id.nullable(),
    archived: z.boolean(),
    version: z.number().int(),
    openOrders: z.number().int(),
  })
  .meta({ id: 'Conversation' })

export const conversationBody = changes({
  botPaused: z.boolean().meta({ description: 'False: the bot answers again, and nothing waits for a person.' }),
  pauseMinutes: z
    .number()
    .int()
    .min(SETTING_BOUNDS.pauseMinutes.least)
    .max(SETTING_BOUNDS.pauseMinutes.most)
    .meta({ description: 'How long the bot is paused. Left out: as long as the settings say.' }),
  assigneeId: id.nullable(),
  language: z
    .string()
    .refine(isLanguage, 'is not a language tag such as en')
    .nullable()
    .meta({ description: 'Of the customer.' }),
}).refine(({ botPaused, pauseMinutes }) => botPaused !== false || pauseMinutes === undefined, {
  path: ['pauseMinutes'],
  message: 'does not go with botPaused: false',
})
export const conversationAnswer = z.object({ conversation: conversationView })

export const messagesQuery = z.strictObject({
  limit: pageQuery.limit,
  cursor: pageQuery.cursor,
  before: id.optional().meta({ description: 'A message id: older ones than this.' }),
  after: id.optional().meta({ description: 'A message id: newer ones than this.' }),
})

export const messageView = z
  .object({
    id,
    direction: z.enum(['in', 'out']),
    author: z.enum(AUTHORS),
    type: z.string(),
    text: z.string().nullable(),
    media: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({ description: 'What is known of what is not text: type and size of a file, a place, contacts, a cart.' }),
    reactions: z.array(z.object({ author: z.enum(['customer', 'phone']), emoji: z.string() })),
    quoted: z.object({ id: id.nullable(), text: z.string().nullable() }).nullable(),
    status: z.enum(MESSAGE_STATUSES),
    errorCode: z.string().nullable(),
    orderId: id.nullable(),
    editedAt: nullableTime,
    edits: z
      .array(z.object({ text: z.string().nullable(), until: isoTime }))
      .meta({ description: 'What it said before its author changed it, oldest first; at most twenty.' }),
    revokedAt: nullableTime,
    at: isoTime,
  })
  .meta({ id: 'Message' })

export const contactsQuery = z.strictObject({
  ...pageQuery,
  q: z.string().trim().min(1).max(100).optional(),
  tag: z.string().trim().min(1).max(MAX_TAG_CHARS).optional(),
  userId: id.optional(),
})

export const contactView = z
  .object({
    id,
    userId: id,
    name: z.string(),
    phoneNumber: z.string().nullable(),
    language: z.string().nullable(),
    optedOut: z.boolean(),
    tags: z.array(z.string()),
    /** Null: nobody has asked WhatsApp. */
    onWhatsApp: z.boolean().nullable(),
    createdAt: isoTime,
    lastMessageAt: nullableTime,
  })
  .meta({ id: 'Contact' })

const LANGUAGE = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/

export const contactAddBody = z.strictObject({
  phoneNumber: z.string().max(64),
  name: z.string().max(MAX_CONTACT_NAME_CHARS * 2),
  language: z.string().max(20).regex(LANGUAGE).optional(),
  tags: z.array(z.string().max(MAX_TAG_CHARS)).max(MAX_TAGS).optional(),
})
export const contactBody = changes({
  name: z.string().max(MAX_CONTACT_NAME_CHARS * 2),
  language: z.string().max(20).regex(LANGUAGE).nullable(),
  tags: z.array(z.string().max(MAX_TAG_CHARS)).max(MAX_TAGS),
})
export const contactDeleteQuery = z.strictObject({
  erase: flag.optional().meta({ description: 'Also forget everything that is known of the customer.' }),
  force: flag.optional().meta({ description: 'With `erase`: even while an order is open.' }),
})
export const contactAnswer = z.object({ contact: contactView })
