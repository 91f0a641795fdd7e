// What we send, as the protobuf WhatsApp knows: at the first try and whenever a phone asks for it again.

import type { proto } from '@whiskeysockets/baileys'
import { type Uploading, uploadPicture } from './media-upload.ts'
import type { OutboundContent } from './socket.ts'

/** The two sides of a chat, as JIDs without a device. */
export interface Sides {
  readonly recipient: string
  readonly own: string
}

/** @throws what uploading throws, for a picture */
export async function messageOf(content: OutboundContent, sides: Sides, uploading: Uploading): Promise<proto.IMessage> {
  const quoting = quotingOf(content, sides)
  if (content.kind === 'image') return { imageMessage: { ...(await uploadPicture(content, uploading)), ...quoting } }
  // No link preview: it would fetch whatever address is in the text.
  return { extendedTextMessage: { text: content.text, ...quoting } }
}

function quotingOf({ quoted }: OutboundContent, { recipient, own }: Sides): { contextInfo?: proto.IContextInfo } {
  if (quoted === undefined) return {}
  const participant = quoted.fromMe ? own : recipient
  return { contextInfo: { stanzaId: quoted.waMessageId, participant, quotedMessage: { conversation: quoted.text } } }
}
