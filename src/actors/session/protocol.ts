// What one may say to a session, and what it answers: declared once, as zod, so that a command means the same at home and across
// nodes. Views here are what people and the API see; the machine's own phases stay inside the actor.

import { z } from 'zod'
import { IMAGE_TYPES } from '../../domain/conversation/image.ts'
import type { Result } from '../../domain/result.ts'
import { SESSION_STATES } from '../../domain/session/state.ts'

/** Codes with which a session refuses. Each has a row in docs/errors.md. */
export const SESSION_REFUSALS = [
  'whatsapp-not-connected',
  'not-a-contact',
  'contact-opted-out',
  'empty-message',
  'too-long',
  'nothing-to-send',
  'conversation-not-found',
  'not-found',
  'session-suspended',
  'owner-moved',
  'mailbox-full',
  'overloaded',
  'session-timeout',
  'database-unavailable',
  'shutting-down',
] as const
export type SessionRefusal = (typeof SESSION_REFUSALS)[number]

/** What the user should do next, in a word a program can switch on; `message` says it in words. */
const NEXT_STEPS = ['none', 'connect', 'scan-qr', 'wait', 'ask-operator'] as const

const isoTime = z.iso.datetime()

/** The session as its owner sees it (GET /api/whatsapp/status). Phone numbers are E.164, times ISO-8601 UTC. */
export const sessionView = z.object({
  state: z.enum(SESSION_STATES),
  /** The next step: a word, and a sentence for the person. */
  nextStep: z.enum(NEXT_STEPS),
  message: z.string(),
  phoneNumber: z.string().nullable(),
  pushName: z.string().nullable(),
  connectedAt: isoTime.nullable(),
  lastSeenAt: isoTime.nullable(),
  reconnectAttempts: z.number().int(),
  maxReconnectAttempts: z.number().int(),
  nextRetryAt: isoTime.nullable(),
  lastError: z.object({ code: z.string(), message: z.string() }).nullable(),
})
export type SessionView = z.infer<typeof sessionView>

/** Whom a message goes to: a phone number in E.164, or the id of a contact or of a conversation. */
export const recipient = z.union([
  z.object({ phone: z.string() }),
  z.object({ contactId: z.uuid() }),
  z.object({ conversationId: z.uuid() }),
])
export type Recipient = z.infer<typeof recipient>

/** `pairingPhone`: E.164 of the account's own phone, to link it by a code that is typed there instead of a QR. */
export const connectBody = z.object({ pairingPhone: z.string().optional() })
export const disconnectBody = z.object({ unlink: z.boolean() })
const sendBody = z.object({
  recipient,
  /** With a picture: its caption, which may be empty. */
  text: z.string(),
  picture: z.object({ mime: z.enum(IMAGE_TYPES), data: z.base64() }).optional(),
  quotedMessageId: z.uuid().optional(),
  /** Makes one message of many attempts: the same key again answers with the first message. */
  idempotencyKey: z.string().max(255).optional(),
  /** Who of the staff sends it (user id), and what kind of author the message is shown with. */
  author: z.object({ kind: z.enum(['user', 'bot', 'system']), userId: z.uuid().nullable() }),
  /** True for what the customer did not ask for (a catalogue, a notice): not sent to those who opted out. */
  proactive: z.boolean(),
  /** Also to a customer who wants no messages and has not written since: a manager said so. */
  force: z.boolean().optional(),
})

/** A message just accepted. */
export const queuedMessageView = z.object({
  id: z.uuid(),
  conversationId: z.uuid(),
  status: z.enum(['queued', 'sent', 'delivered', 'read', 'failed']),
  author: z.enum(['user', 'bot', 'system']),
  text: z.string(),
  createdAt: isoTime,
})
export type QueuedMessageView = z.infer<typeof queuedMessageView>

/** Every command of a session by name: its body and its reply. Names are imperative and dotted. */
export const SESSION_PROTOCOL = {
  'session.connect': { body: connectBody, reply: sessionView },
  'session.disconnect': { body: disconnectBody, reply: sessionView },
  'session.status': { body: z.object({}), reply: sessionView },
  'message.send': { body: sendBody, reply: queuedMessageView },
} as const
export type SessionCommandName = keyof typeof SESSION_PROTOCOL
export type CommandBody<N extends SessionCommandName> = z.infer<(typeof SESSION_PROTOCOL)[N]['body']>
export type CommandReply<N extends SessionCommandName> = Result<
  z.infer<(typeof SESSION_PROTOCOL)[N]['reply']>,
  SessionRefusal
>

/** What the QR stream shows. `qr`: the text to draw, valid until `expiresAt`, the how-many-th of this pairing. */
export const qrStreamEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('status'),
    state: z.enum(SESSION_STATES),
    message: z.string(),
    attempt: z.number().int().optional(),
    nextRetryAt: isoTime.nullable().optional(),
  }),
  z.object({ type: z.literal('qr'), qr: z.string(), expiresAt: isoTime, attempt: z.number().int() }),
  z.object({ type: z.literal('code'), code: z.string(), expiresAt: isoTime }),
  z.object({ type: z.literal('connected'), phoneNumber: z.string(), pushName: z.string().nullable() }),
  z.object({ type: z.literal('expired'), reason: z.literal('qr_attempts_exhausted'), message: z.string() }),
  z.object({ type: z.literal('error'), code: z.string(), message: z.string() }),
])
export type QrStreamEvent = z.infer<typeof qrStreamEvent>

/** One session of this node, for the admin's list. Times ISO-8601. */
export const activeSession = z.object({
  userId: z.uuid(),
  state: z.enum(SESSION_STATES),
  instanceId: z.string(),
  epoch: z.string().nullable(),
  since: isoTime,
  idleSeconds: z.number().nullable(),
  reconnectAttempts: z.number().int(),
  nextRetryAt: isoTime.nullable(),
  lastError: z.object({ code: z.string(), message: z.string() }).nullable(),
  mailbox: z.number().int(),
  stale: z.boolean(),
})
export type ActiveSession = z.infer<typeof activeSession>

/** How what a node says of a session may differ from the lease table. */
const DISAGREEMENTS = ['owner', 'epoch', 'no-lease', 'not-listed'] as const

/**
 * One session in the list of all nodes. A node that was asked in vain lists nothing: its rows are those of the lease table, `unknown` and
 * not `reachable`.
 */
export const listedSession = activeSession.extend({
  state: z.enum([...SESSION_STATES, 'unknown']),
  since: isoTime.nullable(),
  /** The operator's name for the node that has it; `instanceId` is its incarnation. */
  node: z.string().nullable(),
  /** The node answered. */
  reachable: z.boolean(),
  /** What the lease table says otherwise; null when it agrees. */
  disagreement: z.enum(DISAGREEMENTS).nullable(),
})
export type ListedSession = z.infer<typeof listedSession>
