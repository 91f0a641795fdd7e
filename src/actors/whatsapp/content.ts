// What is inside a WhatsApp message, in the words of the domain. Text and metadata only: no file, no thumbnail, nothing of a view-once message.

import { getContentType, normalizeMessageContent, proto } from '@whiskeysockets/baileys'
import type { MediaKind, MessageContent } from '../../domain/conversation/message.ts'

type Message = proto.IMessage
type Media = proto.Message.IImageMessage & proto.Message.IVideoMessage & proto.Message.IDocumentMessage

const { Type } = proto.Message.ProtocolMessage

/** Null when there is nothing a person said: protocol traffic, keys, an empty message. */
export function contentOf(message: Message): MessageContent | null {
  if (isViewOnce(message)) return { kind: 'view-once' }
  const inner = normalizeMessageContent(message)
  if (!inner) return null
  return textOf(inner) ?? mediaOf(inner) ?? structureOf(inner) ?? changeOf(inner) ?? otherOf(inner)
}

function isViewOnce(message: Message): boolean {
  const inner = message.ephemeralMessage?.message ?? message
  if (inner.viewOnceMessage || inner.viewOnceMessageV2 || inner.viewOnceMessageV2Extension) return true
  return [inner.imageMessage, inner.videoMessage, inner.audioMessage].some((media) => media?.viewOnce === true)
}

function textOf(message: Message): MessageContent | null {
  const quotedId = message.extendedTextMessage?.contextInfo?.stanzaId ?? null
  const text =
    message.conversation ||
    message.extendedTextMessage?.text ||
    message.buttonsResponseMessage?.selectedDisplayText ||
    message.templateButtonReplyMessage?.selectedDisplayText ||
    message.listResponseMessage?.title
  return text ? { kind: 'text', text, quotedId } : null
}

function mediaOf(message: Message): MessageContent | null {
  const found: readonly (readonly [MediaKind, Partial<Media> | null | undefined])[] = [
    ['image', message.imageMessage as Partial<Media>],
    ['video', (message.videoMessage ?? message.ptvMessage) as Partial<Media>],
    [message.audioMessage?.ptt ? 'voice' : 'audio', message.audioMessage as Partial<Media>],
    ['document', message.documentMessage as Partial<Media>],
    ['sticker', message.stickerMessage as Partial<Media>],
  ]
  for (const [kind, media] of found) {
    if (!media) continue
    const bytes = media.fileLength == null ? null : Number(media.fileLength)
    return { kind: 'media', media: kind, mime: media.mimetype ?? null, bytes, caption: media.caption || null }
  }
  return null
}

function structureOf(message: Message): MessageContent | null {
  const place = message.locationMessage ?? message.liveLocationMessage
  if (place) {
    const { degreesLatitude, degreesLongitude } = place
    const name = message.locationMessage?.name || null
    return { kind: 'location', latitude: degreesLatitude ?? 0, longitude: degreesLongitude ?? 0, name }
  }
  if (message.contactMessage) return { kind: 'contact-card', count: 1 }
  const cards = message.contactsArrayMessage?.contacts
  if (cards) return { kind: 'contact-card', count: cards.length }
  const cart = message.orderMessage
  if (!cart) return null
  return {
    kind: 'cart',
    orderId: cart.orderId ?? '',
    itemCount: cart.itemCount ?? 0,
    totalAmount1000: Number(cart.totalAmount1000 ?? 0),
    currency: cart.totalCurrencyCode ?? '',
  }
}

/** A message about an earlier one. */
function changeOf(message: Message): MessageContent | null {
  const reaction = message.reactionMessage
  if (reaction?.key?.id) return { kind: 'reaction', targetId: reaction.key.id, emoji: reaction.text ?? '' }
  const protocol = message.protocolMessage
  const targetId = protocol?.key?.id
  if (!protocol || !targetId) return null
  if (protocol.type === Type.REVOKE) return { kind: 'delete', targetId }
  if (protocol.type !== Type.MESSAGE_EDIT || !protocol.editedMessage) return null
  const edited = contentOf(protocol.editedMessage)
  if (edited?.kind === 'text') return { kind: 'edit', targetId, text: edited.text }
  return edited?.kind === 'media' && edited.caption !== null ? { kind: 'edit', targetId, text: edited.caption } : null
}

function otherOf(message: Message): MessageContent | null {
  const type = getContentType(message)
  const silent = type === undefined || type === 'protocolMessage' || type === 'messageContextInfo'
  return silent || isEmpty(message) ? null : { kind: 'other', type }
}

/** An empty text is nothing said. */
function isEmpty(message: Message): boolean {
  return message.conversation === '' || message.extendedTextMessage?.text === ''
}
