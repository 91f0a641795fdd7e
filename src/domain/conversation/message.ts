// A message as the shop knows it: its kinds, authors and states, and what the door to WhatsApp hands over. Turning
// protobuf into these values is actors/whatsapp/translate.ts; what the bot makes of a text is bot/.
import type { ChatAddress } from '../identity.ts'

export const AUTHORS = ['customer', 'bot', 'user', 'phone', 'system'] as const
/** Who wrote it: the customer, the bot, a user through the API, the owner on their phone, or the system itself. */
export type Author = (typeof AUTHORS)[number]

export const MESSAGE_STATUSES = ['received', 'queued', 'sent', 'delivered', 'read', 'failed'] as const
export type MessageStatus = (typeof MESSAGE_STATUSES)[number]

export type MediaKind = 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker'

export type MessageContent =
  | { readonly kind: 'text'; readonly text: string; readonly quotedId: string | null }
  | {
      readonly kind: 'media'
      readonly media: MediaKind
      readonly mime: string | null
      readonly bytes: number | null
      readonly caption: string | null
    }
  | { readonly kind: 'location'; readonly latitude: number; readonly longitude: number; readonly name: string | null }
  | { readonly kind: 'contact-card'; readonly count: number }
  | { readonly kind: 'reaction'; readonly targetId: string; readonly emoji: string }
  | { readonly kind: 'edit'; readonly targetId: string; readonly text: string }
  | { readonly kind: 'delete'; readonly targetId: string }
  | { readonly kind: 'view-once' }
  | {
      readonly kind: 'cart'
      readonly orderId: string
      readonly itemCount: number
      readonly totalAmount1000: number
      readonly currency: string
    }
  | { readonly kind: 'other'; readonly type: string }

export interface InboundMessage {
  readonly waMessageId: string
  readonly chat: ChatAddress
  /** Written by the account's owner on a device of theirs. */
  readonly fromMe: boolean
  readonly pushName: string | null
  readonly at: Date
  /** Waited on the server while we were offline. */
  readonly offline: boolean
  readonly content: MessageContent
  /** Where an answer goes: the address the chat used. */
  readonly replyJid: string
}

export type IgnoredReason = 'group' | 'status' | 'newsletter' | 'broadcast' | 'protocol' | 'own-device' | 'empty'

export type Translated =
  | { readonly kind: 'message'; readonly message: InboundMessage }
  | { readonly kind: 'ignored'; readonly reason: IgnoredReason; readonly keepPayload: boolean }

/** What the bot reads of a message: its text, or the caption of its picture. Null when there is nothing to read. */
export function botText(content: MessageContent): string | null {
  if (content.kind === 'text') return content.text
  return content.kind === 'media' ? content.caption : null
}

/** What is stored of a content: a type, its text, and metadata of what is not text. Never a file, never a thumbnail. */
export function storedForm(content: MessageContent): {
  readonly type: string
  readonly text: string | null
  readonly media: Readonly<Record<string, string | number | null>> | null
  readonly quotedWaId: string | null
} {
  switch (content.kind) {
    case 'text':
      return { type: 'text', text: content.text, media: null, quotedWaId: content.quotedId }
    case 'media':
      return {
        type: content.media,
        text: content.caption,
        media: { mime: content.mime, bytes: content.bytes },
        quotedWaId: null,
      }
    case 'location': {
      const { latitude, longitude, name } = content
      return { type: 'location', text: null, media: { latitude, longitude, name }, quotedWaId: null }
    }
    case 'contact-card':
      return { type: 'contact-card', text: null, media: { count: content.count }, quotedWaId: null }
    case 'cart': {
      const { orderId, itemCount, totalAmount1000, currency } = content
      return { type: 'cart', text: null, media: { orderId, itemCount, totalAmount1000, currency }, quotedWaId: null }
    }
    case 'view-once':
      return { type: 'view-once', text: null, media: null, quotedWaId: null }
    case 'other':
      return { type: 'other', text: null, media: { type: content.type }, quotedWaId: null }
    case 'reaction':
    case 'edit':
    case 'delete':
      throw new Error(`a ${content.kind} changes a message, it is not one`)
  }
}
