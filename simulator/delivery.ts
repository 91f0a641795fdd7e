// What the server keeps for a linked device and when it sends it: at once while the device is online, as its offline
// queue after a login, and again after every login until the device has confirmed it.
import type { BinaryNode } from '@whiskeysockets/baileys'
import type { Companion, Pending } from './companion.ts'
import { SERVER_JID } from './jid.ts'
import { child, node } from './stanza.ts'
import type { World } from './world.ts'

/** Messages kept for redelivery after they were confirmed. */
const PAST_MESSAGES = 500
/** So far from its end a ciphertext of either type is covered by its authentication code. */
export const DAMAGE_FROM_END = 12

const isMessage = (stanza: BinaryNode): boolean => stanza.tag === 'message'

const canSend = (world: World, companion: Companion, stanza: BinaryNode): boolean => {
  const faults = world.faultsOf(companion.number)
  if (faults.silent || companion.connection?.isOpen() !== true) return false
  return !(faults.held && isMessage(stanza))
}

/** The stanza with one bit of its ciphertext turned. */
const damaged = (stanza: BinaryNode): BinaryNode => {
  if (!Array.isArray(stanza.content)) return stanza
  const content = stanza.content.map((part) => {
    if (part.tag !== 'enc' || !(part.content instanceof Uint8Array)) return part
    const bytes = Buffer.from(part.content)
    const position = bytes.length - DAMAGE_FROM_END
    bytes[position] = (bytes[position] ?? 0) ^ 1
    return { ...part, content: bytes }
  })
  return { ...stanza, content }
}

const remember = (companion: Companion, stanza: BinaryNode): void => {
  const id = stanza.attrs['id']
  if (!isMessage(stanza) || id === undefined) return
  companion.past.set(id, stanza)
  const oldest = companion.past.keys().next()
  if (companion.past.size > PAST_MESSAGES && oldest.done !== true) companion.past.delete(oldest.value)
}

const transmit = (world: World, companion: Companion, stanza: BinaryNode, offline: boolean): void => {
  const faults = world.faultsOf(companion.number)
  const corrupt = isMessage(stanza) && faults.corruptNext > 0
  if (corrupt) faults.corruptNext -= 1
  const marked = offline ? { ...stanza, attrs: { ...stanza.attrs, offline: '1' } } : stanza
  companion.connection?.send(corrupt ? damaged(marked) : marked)
  remember(companion, stanza)
  const type = isMessage(stanza) ? child(stanza, 'enc')?.attrs['type'] : (stanza.attrs['type'] ?? '')
  world.note(companion, {
    kind: 'delivered-to-client',
    id: stanza.attrs['id'] ?? '',
    type: `${stanza.tag}${type ? `:${type}` : ''}${offline ? ':offline' : ''}${corrupt ? ':damaged' : ''}`,
  })
}

/** Puts a stanza in the device's queue and sends what can be sent now. */
export const enqueue = (world: World, companion: Companion, stanza: BinaryNode): void => {
  if (companion.removed) return
  const pending = { stanza, sent: false }
  companion.pending.push(pending)
  world.note(companion, { kind: 'queued', id: stanza.attrs['id'] ?? '', type: stanza.tag })
  sendIfPossible(world, companion, pending)
}

const sendIfPossible = (world: World, companion: Companion, pending: Pending): void => {
  if (!companion.online || pending.sent || !canSend(world, companion, pending.stanza)) return
  pending.sent = true
  transmit(world, companion, pending.stanza, false)
}

/** Sends all that waits and may go now. */
export const flush = (world: World, companion: Companion): void => {
  for (const pending of companion.pending) sendIfPossible(world, companion, pending)
}

/** Sends everything unconfirmed as the offline queue, between its preview and its end. From then on the device is online. */
export const deliverOffline = (world: World, companion: Companion): void => {
  const { connection } = companion
  if (connection === undefined || companion.online) return
  for (const pending of companion.pending) pending.sent = false
  const waiting = companion.pending.filter(({ stanza }) => canSend(world, companion, stanza))
  const count = String(waiting.length)
  if (waiting.length > 0) {
    const messages = String(waiting.filter(({ stanza }) => isMessage(stanza)).length)
    const preview = { count, message: messages, receipt: String(waiting.length - Number(messages)), notification: '0' }
    connection.send(node('ib', { from: SERVER_JID }, [node('offline_preview', { ...preview, appdata: '0' })]))
  }
  for (const pending of waiting) {
    pending.sent = true
    transmit(world, companion, pending.stanza, true)
  }
  connection.send(node('ib', { from: SERVER_JID }, [node('offline', { count })]))
  companion.online = true
  world.note(companion, { kind: 'offline-delivered', count: waiting.length })
}

/** Takes a confirmed stanza out of the queue; answers whether it was there. */
export const confirm = (companion: Companion, tag: string, id: string, type?: string): boolean => {
  const matches = ({ stanza }: Pending): boolean =>
    stanza.tag === tag && stanza.attrs['id'] === id && (tag === 'message' || stanza.attrs['type'] === type)
  const position = companion.pending.findIndex(matches)
  if (position >= 0) companion.pending.splice(position, 1)
  return position >= 0
}

/** Sends a message once more, the same ciphertext to the bit. Throws if the device never got it. */
export const redeliver = (world: World, companion: Companion, id: string): void => {
  const stanza = companion.past.get(id)
  if (stanza === undefined) throw new Error(`device ${companion.device} of ${companion.number} never got message ${id}`)
  confirm(companion, 'message', id)
  enqueue(world, companion, stanza)
}

/** Lets held messages go, in the order they came or the other way round. */
export const release = (world: World, companion: Companion, order: 'as-sent' | 'reverse'): void => {
  if (order === 'reverse') companion.pending.reverse()
  flush(world, companion)
}
