// What people send besides plain text, in WhatsApp's own shapes: answers to a message, edits, deletions, reactions, places, carts, voice notes. Files
// are told of and not kept anywhere; a picture that can be fetched is media.ts.
import { proto } from '@whiskeysockets/baileys'

const { Type } = proto.Message.ProtocolMessage

/** A text that quotes an earlier message. */
export const answerTo = (id: string, text: string): proto.IMessage => ({
  extendedTextMessage: { text, contextInfo: { stanzaId: id, quotedMessage: { conversation: '' } } },
})

/** The sender's own message of that id says something else now. */
export const editOf = (id: string, text: string): proto.IMessage => ({
  protocolMessage: { type: Type.MESSAGE_EDIT, key: { id, fromMe: true }, editedMessage: { conversation: text } },
})

/** The sender's own message of that id is deleted for everybody. */
export const deletionOf = (id: string): proto.IMessage => ({
  protocolMessage: { type: Type.REVOKE, key: { id, fromMe: true } },
})

/** @param emoji empty takes it back */
export const reactionTo = (id: string, emoji: string): proto.IMessage => ({
  reactionMessage: { key: { id, fromMe: false }, text: emoji },
})

export const place = (latitude: number, longitude: number, name?: string): proto.IMessage => ({
  locationMessage: { degreesLatitude: latitude, degreesLongitude: longitude, ...(name === undefined ? {} : { name }) },
})

/** WhatsApp's own cart. @param thousandths of the currency, as WhatsApp counts */
export const cart = (items: number, thousandths: number, currency: string): proto.IMessage => ({
  orderMessage: { orderId: '1001', itemCount: items, totalAmount1000: thousandths, totalCurrencyCode: currency },
})

export const voiceNote = (seconds: number): proto.IMessage => ({
  audioMessage: { ptt: true, seconds, mimetype: 'audio/ogg; codecs=opus' },
})

export const sticker = (): proto.IMessage => ({ stickerMessage: { mimetype: 'image/webp' } })

export const gif = (): proto.IMessage => ({ videoMessage: { gifPlayback: true, mimetype: 'video/mp4', seconds: 2 } })

export const pdf = (fileName: string): proto.IMessage => ({
  documentMessage: { mimetype: 'application/pdf', fileName, pageCount: 1 },
})

/** A photo that is told of and not kept anywhere. */
export const photo = (caption?: string): proto.IMessage => ({
  imageMessage: { mimetype: 'image/jpeg', ...(caption === undefined ? {} : { caption }) },
})
