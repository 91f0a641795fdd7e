// What WhatsApp says about messages we sent: the server's acknowledgement and the receipts of the other side.

import type { WASocket } from '@whiskeysockets/baileys'
import { parseJid } from './address.ts'
import type { StanzaNode } from './journal.ts'
import type { OpenSocket, SocketEvent } from './socket.ts'
import type { Own } from './translate.ts'

/** Tells of every status that comes over this socket. @param own whose receipts do not count; asked at each */
export function tellStatuses(ws: WASocket['ws'], own: () => Own, emit: OpenSocket['emit']): void {
  ws.on('CB:ack,class:message', (node: StanzaNode) => {
    const ack = ackOf(node)
    if (ack !== null) emit(ack)
  })
  ws.on('CB:receipt', (node: StanzaNode) => {
    const receipt = receiptOf(node, own())
    if (receipt !== null) emit(receipt)
  })
}

/** An `<ack class="message">`. An error is WhatsApp's number, such as 463: no new chats for a while. */
export function ackOf({ attrs }: StanzaNode): SocketEvent | null {
  const waMessageId = attrs['id']
  if (!waMessageId) return null
  const error = attrs['error']
  return error ? { type: 'ack', waMessageId, ok: false, error } : { type: 'ack', waMessageId, ok: true }
}

/** A `<receipt>` of the other side; null for those of our own devices and for requests to send again. */
export function receiptOf({ attrs, content }: StanzaNode, own: Own): SocketEvent | null {
  const status = STATUSES[attrs['type'] ?? '']
  const from = parseJid(attrs['participant'] || attrs['from'])
  const ours = from?.kind === 'lid' ? from.user === own.lid : from?.user === own.phone
  if (status === undefined || from === null || ours) return null
  const lists = Array.isArray(content) ? (content as readonly StanzaNode[]) : []
  const items = lists.flatMap((list) => (Array.isArray(list.content) ? (list.content as readonly StanzaNode[]) : []))
  const ids = [attrs['id'], ...items.map((item) => item.attrs['id'])].filter((id) => id !== undefined)
  return { type: 'receipt', waMessageIds: ids, status }
}

/** By the receipt's type; `inactive` comes from a device that is not in the foreground. */
const STATUSES: Readonly<Record<string, 'delivered' | 'read'>> = {
  '': 'delivered',
  inactive: 'delivered',
  read: 'read',
  played: 'read',
}
