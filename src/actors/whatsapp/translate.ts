// A journaled stanza as the shop's own value. Says what it is and who it concerns; what to do about it is the inbox's business.

import { getContentType, normalizeMessageContent, proto } from '@whiskeysockets/baileys'
import type { Translated } from '../../domain/conversation/message.ts'
import { phoneOfDigits } from '../../domain/phone.ts'
import { chatOf, parseJid } from './address.ts'
import { contentOf } from './content.ts'
import { decodeJournal } from './journal.ts'

/** Who we are: `+E164` or digits, and the digits of the LID. */
export interface Own {
  readonly phone: string | null
  readonly lid: string | null
}

/**
 * Translates one inbox payload. Total over what WhatsApp may send: what cannot be decoded is `empty`.
 * @throws on bytes that are not a journal payload at all
 */
export function translate(payload: Uint8Array, own: Own): Translated {
  const { attrs, phone, lid, plaintext } = decodeJournal(payload)
  const chat = chatOf(attrs)
  const elsewhere = strangePlace(attrs['from'] ?? '')
  if (elsewhere !== null) return { kind: 'ignored', reason: elsewhere, keepPayload: false }
  // What our phone tells its devices: Baileys has to see it again if it dies before it acted on it.
  if (attrs['category'] === 'peer') return { kind: 'ignored', reason: 'protocol', keepPayload: true }
  if (isOwn(chat.jid, own)) return { kind: 'ignored', reason: 'own-device', keepPayload: false }
  const message = decode(plaintext)
  const content = message === null ? null : contentOf(message)
  if (content === null) return { kind: 'ignored', reason: reasonOf(message), keepPayload: false }
  return {
    kind: 'message',
    message: {
      waMessageId: attrs['id'] ?? '',
      chat: { phone: phone === null ? null : phoneOfDigits(phone), lid },
      fromMe: isOwn(attrs['from'] ?? '', own) || (attrs['recipient'] ?? '') !== '',
      pushName: attrs['notify'] ?? null,
      at: new Date(Number(attrs['t'] ?? 0) * 1000),
      offline: attrs['offline'] !== undefined,
      content,
      replyJid: chat.jid,
    },
  }
}

function decode(plaintext: Uint8Array): proto.IMessage | null {
  const padding = plaintext.at(-1) ?? 0
  if (padding === 0 || padding > plaintext.length) return null
  try {
    const message = proto.Message.decode(plaintext.subarray(0, plaintext.length - padding))
    return message.deviceSentMessage?.message ?? message
  } catch {
    return null
  }
}

function strangePlace(from: string): 'group' | 'status' | 'newsletter' | 'broadcast' | null {
  if (from.endsWith('@g.us')) return 'group'
  if (from === 'status@broadcast') return 'status'
  if (from.endsWith('@broadcast')) return 'broadcast'
  return from.endsWith('@newsletter') ? 'newsletter' : null
}

function isOwn(jid: string, own: Own): boolean {
  const parsed = parseJid(jid)
  if (parsed === null) return false
  return parsed.kind === 'lid' ? parsed.user === own.lid : `+${parsed.user}` === `+${own.phone?.replace('+', '')}`
}

function reasonOf(message: proto.IMessage | null): 'protocol' | 'empty' {
  const content = message === null ? undefined : normalizeMessageContent(message)
  return content !== undefined && getContentType(content) === 'protocolMessage' ? 'protocol' : 'empty'
}
