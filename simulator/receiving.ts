// What a simulated phone does with a message it gets: decrypts it, keeps it, confirms it, or asks for it once more.
import { encodeBigEndian, proto, unpadRandomMax16 } from '@whiskeysockets/baileys'
import type { CiphertextType } from './cipher.ts'
import { type Companion, peerName } from './companion.ts'
import { enqueue } from './delivery.ts'
import { type Addressing, jidOf } from './jid.ts'
import type { InboxMessage, Person, SentMessage } from './people.ts'
import { node, nowSeconds, uintBytes } from './stanza.ts'
import type { World } from './world.ts'

/** A message of a linked device for a simulated phone, still encrypted. */
export interface Arrival {
  readonly id: string
  readonly from: Companion
  /** How the recipient was addressed; answers use the same. */
  readonly addressing: Addressing
  readonly type: CiphertextType
  readonly bytes: Buffer
}

/** A phone stops asking after so many failures with one message. */
const MAX_RETRIES = 5

/** What a person would read in a message; empty if there is nothing to read. */
export const textOf = (message: proto.IMessage): string =>
  message.conversation ??
  message.extendedTextMessage?.text ??
  message.imageMessage?.caption ??
  message.videoMessage?.caption ??
  message.documentMessage?.caption ??
  message.reactionMessage?.text ??
  ''

/** Puts a message into the inbox, or counts it there once more; answers how often it has come. */
const keep = (person: Person, message: Omit<InboxMessage, 'count'>): number => {
  const known = person.inbox.find(({ id, from }) => id === message.id && from === message.from)
  if (known === undefined) {
    person.inbox.push({ ...message, count: 1 })
    return 1
  }
  known.count += 1
  return known.count
}

/** A receipt from a simulated phone to the linked device that sent the message. */
export const sendReceipt = (
  world: World,
  person: Person,
  to: Companion,
  receipt: { readonly id: string; readonly addressing: Addressing; readonly type?: 'read' },
): void => {
  const from = jidOf(receipt.addressing === 'lid' ? person.lid : person.number, receipt.addressing)
  enqueue(world, to, node('receipt', { id: receipt.id, from, type: receipt.type, t: nowSeconds() }))
  world.note(to, { kind: 'receipt-sent', peer: person.number, id: receipt.id, type: receipt.type ?? 'delivered' })
}

const askAgain = (world: World, person: Person, arrival: Arrival): void => {
  const count = (person.failures.get(arrival.id) ?? 0) + 1
  person.failures.set(arrival.id, count)
  world.note(arrival.from, { kind: 'undecryptable', peer: person.number, id: arrival.id, type: arrival.type, count })
  if (count > MAX_RETRIES) return
  const { registrationId, identity, signedPreKey, preKey } = person.signal.publish()
  const keys = node('keys', {}, [
    node('type', {}, Buffer.from([5])),
    node('identity', {}, identity),
    node('key', {}, [node('id', {}, uintBytes(preKey?.id ?? 0, 3)), node('value', {}, preKey?.key)]),
    node('skey', {}, [
      node('id', {}, uintBytes(signedPreKey.id, 3)),
      node('value', {}, signedPreKey.key),
      node('signature', {}, signedPreKey.signature),
    ]),
  ])
  const from = jidOf(arrival.addressing === 'lid' ? person.lid : person.number, arrival.addressing)
  const t = nowSeconds()
  enqueue(
    world,
    arrival.from,
    node('receipt', { id: arrival.id, from, type: 'retry', t }, [
      node('retry', { count: String(count), id: arrival.id, t, v: '1', error: '0' }),
      node('registration', {}, encodeBigEndian(registrationId)),
      keys,
    ]),
  )
}

const accept = (world: World, person: Person, arrival: Arrival, message: proto.IMessage): void => {
  const { id, from, addressing } = arrival
  const copy = message.deviceSentMessage
  if (from.number === person.number) {
    const to = world.people.find(copy?.destinationJid ?? undefined)?.person.number ?? copy?.destinationJid ?? ''
    const text = textOf(copy?.message ?? message)
    person.ownCopies.push({ id, to, text })
    world.note(from, { kind: 'own-copy', id, peer: to, text })
    return
  }
  const text = textOf(message)
  const count = keep(person, { id, from: from.number, device: from.device, addressing, text, at: Date.now(), message })
  world.note(from, { kind: 'received', peer: person.number, id, text, count })
  if (person.autoReceipt) sendReceipt(world, person, from, { id, addressing })
}

/** Decrypts a message for a simulated phone and deals with it, whichever way it goes. Never rejects. */
export const receive = async (world: World, person: Person, arrival: Arrival): Promise<void> => {
  let message: proto.IMessage
  try {
    const { from, type, bytes } = arrival
    const plaintext = await person.signal.decrypt(peerName(from), { type, bytes })
    message = proto.Message.decode(unpadRandomMax16(plaintext))
  } catch {
    if (person.autoRetry) askAgain(world, person, arrival)
    else person.unasked.set(arrival.id, () => askAgain(world, person, arrival))
    return
  }
  accept(world, person, arrival, message)
}

/** Takes a message from another simulated phone. */
export const receivePlain = (world: World, person: Person, sender: Person, sent: SentMessage): void => {
  const { id, addressing, message } = sent
  const text = textOf(message)
  const count = keep(person, { id, from: sender.number, device: 0, addressing, text, at: Date.now(), message })
  world.log.add({ kind: 'handed-over', number: sender.number, peer: person.number, id, text, count })
}
