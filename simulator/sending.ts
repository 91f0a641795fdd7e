// What a simulated phone sends to linked devices: encrypts it for each, builds the stanza and hands it to the server.
// Between two simulated phones a message is handed over in the clear, as nothing under test is between them.
import { type BinaryNode, encodeWAMessage, proto } from '@whiskeysockets/baileys'
import type { KeyBundle } from './cipher.ts'
import type { Companion } from './companion.ts'
import { peerName } from './companion.ts'
import { enqueue } from './delivery.ts'
import { type Addressing, jidOf } from './jid.ts'
import { handOut } from './keys.ts'
import type { Person, SentMessage } from './people.ts'
import { receivePlain } from './receiving.ts'
import { type Attributes, node } from './stanza.ts'
import type { World } from './world.ts'

export interface SendOptions {
  /** The message id; a new one if not given. */
  readonly id?: string
  readonly addressing?: Addressing
  /** Whether the stanza tells the other address of the sender as well. */
  readonly withAlternative?: boolean
  /** Unix seconds; now if not given. */
  readonly timestamp?: number
}

/** How a client is told to fetch fresh keys: a resend carries its number, and a bundle if the receipt had one. */
export interface Resend {
  readonly count: number
  readonly bundle?: KeyBundle
}

const stanzaType = (message: proto.IMessage): 'text' | 'media' | 'reaction' => {
  if (message.reactionMessage) return 'reaction'
  const media = message.imageMessage ?? message.videoMessage ?? message.audioMessage ?? message.documentMessage
  return media ? 'media' : 'text'
}

const { Type } = proto.Message.ProtocolMessage

/** The stanza of an edit or a deletion says so. */
const editMark = (message: proto.IMessage): string | undefined => {
  const type = message.protocolMessage?.type
  if (type === Type.MESSAGE_EDIT) return '1'
  return message.protocolMessage && type === Type.REVOKE ? '7' : undefined
}

/** The attributes that say from whom a message is, for a stranger's device and for the sender's own. */
const senderAttributes = (
  sender: Person,
  companion: Companion,
  sent: SentMessage,
  recipientLid: string,
): Attributes => {
  const lidAddressed = sent.addressing === 'lid'
  const user = lidAddressed ? sender.lid : sender.number
  const own = companion.number === sender.number
  const mode = { addressing_mode: sent.addressing }
  const known = sent.withAlternative
  if (sent.group !== undefined) {
    const alternative = lidAddressed
      ? { participant_pn: jidOf(sender.number, 'pn') }
      : { participant_lid: jidOf(sender.lid, 'lid') }
    return { from: sent.group, participant: jidOf(user, sent.addressing), ...mode, ...(known ? alternative : {}) }
  }
  if (own) {
    const recipient = jidOf(lidAddressed ? recipientLid : sent.to, sent.addressing)
    const alternative = lidAddressed
      ? { peer_recipient_pn: jidOf(sent.to, 'pn') }
      : { peer_recipient_lid: jidOf(recipientLid, 'lid') }
    return { from: jidOf(user, sent.addressing), recipient, ...mode, ...(known ? alternative : {}) }
  }
  const alternative = lidAddressed
    ? { sender_pn: jidOf(sender.number, 'pn') }
    : { sender_lid: jidOf(sender.lid, 'lid') }
  return { from: jidOf(user, sent.addressing), ...mode, ...(known ? alternative : {}) }
}

const encryptFor = async (
  world: World,
  sender: Person,
  companion: Companion,
  message: proto.IMessage,
  resend?: Resend,
) => {
  const peer = peerName(companion)
  const fetchBundle = (): KeyBundle => handOut(world, companion, sender.number)
  if (resend !== undefined) await sender.signal.renew(peer, resend.bundle ?? fetchBundle())
  const { type, bytes } = await sender.signal.encrypt(peer, encodeWAMessage(message), fetchBundle)
  return node('enc', { v: '2', type, count: resend === undefined ? undefined : String(resend.count) }, bytes)
}

/** Encrypts a sent message for one linked device and queues it there. */
export const deliverTo = async (
  world: World,
  sender: Person,
  companion: Companion,
  sent: SentMessage,
  resend?: Resend,
): Promise<void> => {
  const own = companion.number === sender.number
  const recipientLid = world.people.get(sent.to).lid
  const destinationJid = jidOf(sent.addressing === 'lid' ? recipientLid : sent.to, sent.addressing)
  const message = own ? { deviceSentMessage: { destinationJid, message: sent.message } } : sent.message
  const enc = await encryptFor(world, sender, companion, message, resend)
  const attrs = {
    id: sent.id,
    ...senderAttributes(sender, companion, sent, recipientLid),
    t: String(sent.timestamp),
    type: stanzaType(sent.message),
    notify: sender.pushName,
    edit: editMark(sent.message),
  }
  enqueue(world, companion, node('message', attrs, [enc]))
}

/** A message from the own phone to its linked device alone, such as the first synchronisation. */
export const sendPeer = async (
  world: World,
  phone: Person,
  companion: Companion,
  message: proto.IMessage,
): Promise<string> => {
  const id = world.messageId()
  const timestamp = Math.floor(Date.now() / 1000)
  const enc = await encryptFor(world, phone, companion, message)
  const attrs = { id, from: jidOf(phone.number, 'pn'), t: String(timestamp), type: 'text', category: 'peer' }
  enqueue(world, companion, node('message', attrs, [enc]))
  return id
}

/**
 * Sends a message from a simulated phone to everybody it concerns: the recipient's phone and linked devices, and the
 * sender's own linked devices. Resolves when the server has it.
 */
export const sendMessage = async (
  world: World,
  sender: Person,
  toNumber: string,
  message: proto.IMessage,
  options: SendOptions & { readonly group?: string } = {},
): Promise<SentMessage> => {
  const recipient = world.people.get(toNumber)
  const sent: SentMessage = {
    id: options.id ?? world.messageId(),
    to: recipient.number,
    message,
    addressing: options.addressing ?? sender.addressing,
    withAlternative: options.withAlternative ?? sender.withAlternative,
    timestamp: options.timestamp ?? Math.floor(Date.now() / 1000),
    ...(options.group === undefined ? {} : { group: options.group }),
    state: 'sent',
  }
  sender.sent.set(sent.id, sent)
  if (sent.group === undefined) receivePlain(world, recipient, sender, sent)
  const devices = [...recipient.companions.values(), ...(sent.group === undefined ? sender.companions.values() : [])]
  for (const companion of devices) if (!companion.removed) await deliverTo(world, sender, companion, sent)
  return sent
}

/** The stanza's part that is encrypted, if it has one of its own. */
export const ownCiphertext = (stanza: BinaryNode): BinaryNode | undefined =>
  Array.isArray(stanza.content) ? stanza.content.find(({ tag }) => tag === 'enc') : undefined
