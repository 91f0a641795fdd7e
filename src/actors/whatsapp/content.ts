// What is inside a WhatsApp message, in the words of the domain. No file, no thumbnail, nothing of a view-once message. Files and other
// structures have a file each: media-content.ts, structures.ts.

import { getContentType, normalizeMessageContent, proto } from '@whiskeysockets/baileys'
import type { MessageContent } from '../../domain/conversation/message.ts'
import { mediaOf } from './media-content.ts'
import { structureOf } from './structures.ts'

type Message = proto.IMessage

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
  return edited?.kind === 'media' && edited.caption !== null
    ? { kind: 'edit', targetId, text: edited.caption, caption: edited.media }
    : null
}

/** What nobody says: they announce, pin or carry keys. */
const SILENT: ReadonlySet<string> = new Set([
  'protocolMessage',
  'messageContextInfo',
  'albumMessage',
  'pinInChatMessage',
  'keepInChatMessage',
  'encReactionMessage',
])

function otherOf(message: Message): MessageContent | null {
  const type = getContentType(message)
  if (type === undefined || SILENT.has(type) || isEmpty(message)) return null
  const text = wordsIn(message)
  return { kind: 'other', type, ...(text ? { text } : {}) }
}

/** The words of what has no kind of its own. */
function wordsIn(message: Message): string | null | undefined {
  return (
    message.interactiveMessage?.body?.text ??
    message.interactiveResponseMessage?.body?.text ??
    message.buttonsMessage?.contentText ??
    message.listMessage?.description ??
    message.productMessage?.body ??
    message.eventMessage?.name ??
    message.groupInviteMessage?.caption
  )
}

/** An empty text is nothing said. */
function isEmpty(message: Message): boolean {
  return message.conversation === '' || message.extendedTextMessage?.text === ''
}
