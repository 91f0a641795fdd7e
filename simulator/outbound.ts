// What a linked device sends: the server acknowledges it and carries each encrypted copy to the device it is for.
import type { BinaryNode } from '@whiskeysockets/baileys'
import type { CiphertextType } from './cipher.ts'
import type { Companion } from './companion.ts'
import { DAMAGE_FROM_END, enqueue } from './delivery.ts'
import { jidOf, parseJid } from './jid.ts'
import type { Person } from './people.ts'
import { receive } from './receiving.ts'
import { ownCiphertext } from './sending.ts'
import { bytesOf, child, children, node, nowSeconds } from './stanza.ts'
import type { World } from './world.ts'

interface Copy {
  readonly jid: string
  readonly enc: BinaryNode
}

/** One copy a device, or the single one of a resend or of a message to the own phone. */
const copiesIn = (stanza: BinaryNode): readonly Copy[] => {
  const copies = children(child(stanza, 'participants')).flatMap((to) => {
    const enc = child(to, 'enc')
    return to.attrs['jid'] === undefined || enc === undefined ? [] : [{ jid: to.attrs['jid'], enc }]
  })
  const single = ownCiphertext(stanza)
  const { to, participant } = stanza.attrs
  const target = participant ?? to
  return single === undefined || target === undefined || copies.length > 0 ? copies : [{ jid: target, enc: single }]
}

const forward = (world: World, sender: Companion, target: Companion, stanza: BinaryNode, enc: BinaryNode): void => {
  const addressing = parseJid(stanza.attrs['to'])?.addressing ?? 'pn'
  const from = jidOf(addressing === 'lid' ? sender.lid : sender.number, addressing, sender.device)
  const own = sender.number === target.number
  const identity = child(stanza, 'device-identity')
  const alternative =
    addressing === 'lid' ? { sender_pn: jidOf(sender.number, 'pn') } : { sender_lid: jidOf(sender.lid, 'lid') }
  const attrs = {
    id: stanza.attrs['id'],
    from,
    t: nowSeconds(),
    type: stanza.attrs['type'],
    notify: world.people.get(sender.number).pushName,
    addressing_mode: addressing,
    ...(own ? { recipient: stanza.attrs['to'] } : alternative),
  }
  enqueue(world, target, node('message', attrs, identity === undefined ? [enc] : [enc, identity]))
}

/** The ciphertext as it arrives: as it was sent, or unreadable if a fault says so and it goes to somebody else. */
const arriving = (world: World, sender: Companion, recipient: Person, enc: BinaryNode): Buffer => {
  const bytes = bytesOf(enc)
  const faults = world.faultsOf(sender.number)
  if (faults.garbleNext === 0 || recipient.number === sender.number) return bytes
  faults.garbleNext -= 1
  const position = bytes.length - DAMAGE_FROM_END
  bytes[position] = (bytes[position] ?? 0) ^ 1
  return bytes
}

const carry = (world: World, sender: Companion, stanza: BinaryNode, { jid, enc }: Copy): void => {
  const found = world.people.find(jid)
  if (found === undefined) return
  const { person, device, addressing } = found
  if (device !== 0) {
    const target = person.companions.get(device)
    if (target !== undefined) forward(world, sender, target, stanza, enc)
    return
  }
  const type: CiphertextType = enc.attrs['type'] === 'pkmsg' ? 'pkmsg' : 'msg'
  void receive(world, person, {
    id: stanza.attrs['id'] ?? '',
    from: sender,
    addressing,
    type,
    bytes: arriving(world, sender, person, enc),
  })
}

const acknowledge = (world: World, sender: Companion, stanza: BinaryNode, error?: number): void => {
  const { id, to } = stanza.attrs
  const attrs = {
    class: 'message',
    id,
    from: to,
    t: nowSeconds(),
    error: error === undefined ? undefined : String(error),
  }
  const send = (): void => sender.connection?.send(node('ack', attrs))
  const { ackDelayMs } = world.faultsOf(sender.number)
  if (ackDelayMs > 0) world.after(ackDelayMs, send)
  else send()
}

/** Takes a message of a linked device. */
export const handleMessage = (world: World, sender: Companion, stanza: BinaryNode): void => {
  const faults = world.faultsOf(sender.number)
  const copies = copiesIn(stanza)
  const to = stanza.attrs['to'] ?? ''
  world.note(sender, {
    kind: 'client-message',
    id: stanza.attrs['id'] ?? '',
    peer: world.people.find(to)?.person.number ?? to,
    type: stanza.attrs['category'] ?? stanza.attrs['type'] ?? '',
    count: copies.length,
    ...(faults.ackError === undefined ? {} : { code: faults.ackError }),
  })
  if (faults.ackError !== undefined) {
    acknowledge(world, sender, stanza, faults.ackError)
    return
  }
  if (!faults.dropAcks) acknowledge(world, sender, stanza)
  for (const copy of copies) carry(world, sender, stanza, copy)
}
