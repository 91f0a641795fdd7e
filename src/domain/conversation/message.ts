// A message as the shop knows it: its kinds, authors and states, and what the door to WhatsApp hands over. Turning
// protobuf into these values is actors/whatsapp/translate.ts; what the bot makes of a text is bot/.
import type { ChatAddress } from '../identity.ts'
import type { ImageType } from './image.ts'

export const AUTHORS = ['customer', 'bot', 'user', 'phone', 'system'] as const
/** Who wrote it: the customer, the bot, a user through the API, the owner on their phone, or the system itself. */
export type Author = (typeof AUTHORS)[number]

export const MESSAGE_STATUSES = ['received', 'queued', 'sent', 'delivered', 'read', 'failed'] as const
export type MessageStatus = (typeof MESSAGE_STATUSES)[number]

export type MediaKind = 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker'

/** What a file says of itself; what it does not say is left out. */
export interface MediaDetails {
  readonly fileName?: string
  readonly seconds?: number
  readonly width?: number
  readonly height?: number
  readonly pages?: number
  /** A GIF, or a sticker that moves. */
  readonly animated?: true
}

/** Where WhatsApp keeps a file, and how to read it. Secret: whoever has it can read the file. Bytes are base64. */
export interface MediaSource {
  /** The host the sender named. Only a hint: see actors/whatsapp/media-host.ts. */
  readonly host: string | null
  readonly path: string
  readonly key: string
  readonly encryptedSha256: string
  readonly sha256: string
}

export interface ContactCard {
  readonly name: string
  /** As they are written on the card. */
  readonly phones: readonly string[]
}

/** One reaction: a side has at most one for each message. */
export interface Reaction {
  readonly author: 'customer' | 'phone'
  readonly emoji: string
}

export type MessageContent =
  | { readonly kind: 'text'; readonly text: string; readonly quotedId: string | null }
  | {
      readonly kind: 'media'
      readonly media: MediaKind
      readonly mime: string | null
      readonly bytes: number | null
      readonly caption: string | null
      readonly details?: MediaDetails
      readonly quotedId?: string
      readonly source?: MediaSource
    }
  | {
      readonly kind: 'location'
      readonly latitude: number
      readonly longitude: number
      readonly name: string | null
      readonly address?: string
      /** Metres. */
      readonly accuracy?: number
      /** It moved on after this: where they were when they began to share it. */
      readonly live?: true
      readonly comment?: string
    }
  | { readonly kind: 'contact-card'; readonly count: number; readonly cards: readonly ContactCard[] }
  | { readonly kind: 'poll'; readonly question: string; readonly options: readonly string[] }
  /** An empty emoji takes the reaction back. */
  | { readonly kind: 'reaction'; readonly targetId: string; readonly emoji: string }
  /** `caption`: the text is that of a file of this kind. */
  | { readonly kind: 'edit'; readonly targetId: string; readonly text: string; readonly caption?: MediaKind }
  | { readonly kind: 'delete'; readonly targetId: string }
  | { readonly kind: 'view-once' }
  | {
      readonly kind: 'cart'
      readonly orderId: string
      readonly itemCount: number
      readonly totalAmount1000: number
      readonly currency: string
      /** What the customer wrote beside it. */
      readonly note?: string
    }
  /** Something else, by WhatsApp's name for it, with the words in it if there are any. */
  | { readonly kind: 'other'; readonly type: string; readonly text?: string }

/** The message that one of ours answers. */
export interface Quoted {
  readonly waMessageId: string
  readonly fromMe: boolean
  /** Its words; empty when it has none. */
  readonly text: string
}

/** What we send. */
export type OutboundContent = (
  | { readonly kind: 'text'; readonly text: string }
  /** `data` is base64; the caption may be empty. */
  | { readonly kind: 'image'; readonly mime: ImageType; readonly data: string; readonly caption: string }
) & { readonly quoted?: Quoted }

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

/** A message as it is stored and shown: a type, its text, and metadata of what is not text. */
export interface StoredForm {
  readonly type: string
  readonly text: string | null
  readonly media: Readonly<Record<string, unknown>> | null
  readonly quotedWaId: string | null
}

/** What is stored of a content. Never a file, never a thumbnail, nothing of where the file is. */
export function storedForm(content: MessageContent): StoredForm {
  switch (content.kind) {
    case 'text':
      return { type: 'text', text: content.text, media: null, quotedWaId: content.quotedId }
    case 'media': {
      const { media: type, caption: text, mime, bytes, details, quotedId } = content
      return { type, text, media: { mime, bytes, ...details }, quotedWaId: quotedId ?? null }
    }
    case 'location': {
      const { kind: type, comment, ...media } = content
      return { type, text: comment ?? null, media, quotedWaId: null }
    }
    case 'contact-card': {
      const { kind: type, ...media } = content
      return { type, text: null, media, quotedWaId: null }
    }
    case 'poll':
      return { type: 'poll', text: content.question, media: { options: content.options }, quotedWaId: null }
    case 'cart': {
      const { kind: type, note, ...media } = content
      return { type, text: note ?? null, media, quotedWaId: null }
    }
    case 'view-once':
      return { type: 'view-once', text: null, media: null, quotedWaId: null }
    case 'other':
      return { type: 'other', text: content.text ?? null, media: { type: content.type }, quotedWaId: null }
    case 'reaction':
    case 'edit':
    case 'delete':
      throw new Error(`a ${content.kind} changes a message, it is not one`)
  }
}
