// What a linked device says about what it got: receipts and acknowledgements end the redelivery, a retry receipt makes
// the sender encrypt the message anew.
import type { BinaryNode } from '@whiskeysockets/baileys'
import type { Companion } from './companion.ts'
import { confirm } from './delivery.ts'
import { bundleOfReceipt } from './keys.ts'
import type { Person, ReceiptState } from './people.ts'
import { deliverTo } from './sending.ts'
import { child, children, node, nowSeconds } from './stanza.ts'
import type { World } from './world.ts'

/** A phone encrypts one message anew so many times. */
const MAX_RESENDS = 5

const idsIn = (receipt: BinaryNode): readonly string[] => {
  const listed = children(child(receipt, 'list')).map(({ attrs }) => attrs['id'])
  return [receipt.attrs['id'], ...listed].filter((id) => id !== undefined)
}

/** Whose message a receipt is about: the one it goes to, or in a group the participant. */
const senderOf = (world: World, receipt: BinaryNode): Person | undefined =>
  world.people.find(receipt.attrs['participant'] ?? receipt.attrs['to'])?.person

const progress = (person: Person, id: string, state: ReceiptState): void => {
  const sent = person.sent.get(id)
  if (sent !== undefined && sent.state !== 'read') sent.state = state
}

const resend = (world: World, companion: Companion, receipt: BinaryNode, id: string): void => {
  const count = Number(child(receipt, 'retry')?.attrs['count'] ?? 1)
  const sender = senderOf(world, receipt)
  const sent = sender?.sent.get(id)
  world.note(companion, { kind: 'client-retry', id, count, peer: sender?.number ?? '' })
  if (sender === undefined || sent === undefined || count > MAX_RESENDS) return
  const bundle = bundleOfReceipt(receipt)
  void deliverTo(world, sender, companion, sent, bundle === undefined ? { count } : { count, bundle }).then(
    () => world.note(companion, { kind: 'resent', id, count, peer: sender.number }),
    (error: unknown) => world.note(companion, { kind: 'undecryptable', id, type: String(error), peer: sender.number }),
  )
}

export const handleReceipt = (world: World, companion: Companion, receipt: BinaryNode): void => {
  const { id, to, type } = receipt.attrs
  for (const one of idsIn(receipt)) {
    confirm(companion, 'message', one)
    if (type === 'retry') {
      resend(world, companion, receipt, one)
      continue
    }
    const sender = senderOf(world, receipt)
    world.note(companion, {
      kind: 'client-receipt',
      id: one,
      type: type ?? 'delivered',
      peer: sender?.number ?? to ?? '',
    })
    if (sender !== undefined) progress(sender, one, type === 'read' ? 'read' : 'delivered')
  }
  companion.connection?.send(node('ack', { class: 'receipt', id, from: to, type, t: nowSeconds() }))
}

export const handleAck = (world: World, companion: Companion, ack: BinaryNode): void => {
  const { id, type, error } = ack.attrs
  const tag = ack.attrs['class'] ?? ''
  if (id !== undefined) confirm(companion, tag, id, type)
  world.note(companion, {
    kind: 'client-ack',
    id: id ?? '',
    type: tag,
    ...(error === undefined ? {} : { code: Number(error) }),
  })
}
