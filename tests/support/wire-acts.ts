// What people do in a situation: the customer on their phone, the owner on the account's phone, staff over HTTP, and the clock.

import { randomBytes } from 'node:crypto'
import type { proto } from '@whiskeysockets/baileys'
import {
  answerTo,
  cart,
  deletionOf,
  editOf,
  gif,
  pdf,
  photo,
  place,
  reactionTo,
  sticker,
  voiceNote,
} from '../../simulator/kinds.ts'
import type { Guest } from './wire.ts'

export interface Act {
  /** Whose hand: the customer's when left out, or the owner's on the account's own phone. */
  readonly from?: 'phone'
  /** What it is when it is no plain text; a photo's text is its caption. */
  readonly kind?: 'photo' | 'pdf' | 'voice' | 'sticker' | 'gif' | 'place' | 'cart'
  readonly text?: string
  /** Names this message for later steps; what is answered is named `answer to …`. */
  readonly as?: string
  /** The message this is about, by its name; or a WhatsApp id nobody knows. */
  readonly quotes?: string
  readonly edits?: string
  readonly deletes?: string
  readonly reactsTo?: string
  /** So often under ids of their own, at once. */
  readonly times?: number
  /** So often under the same id, at once. */
  readonly copies?: number
  /** It was written so many minutes ago. */
  readonly minutesOld?: number
  readonly addressing?: 'lid' | 'pn'
  readonly withAlternative?: boolean
  /** In a group that the account is in too, or as a status. */
  readonly group?: string
  /** Something else that happens. */
  readonly happens?: (guest: Guest) => Promise<unknown>
}

const MINUTE_S = 60

/** @returns the WhatsApp ids of what went to an account */
export async function carryOut(guest: Guest, act: Act): Promise<readonly string[]> {
  const { customer, account, shop, ids } = guest
  if (act.happens !== undefined) {
    await act.happens(guest)
    return []
  }
  if (act.from === 'phone') {
    const { id } = await shop.simulator.phone(account).type(guest.customer.number, act.text ?? '')
    return [id]
  }
  const options = {
    ...(act.minutesOld === undefined ? {} : { timestamp: Math.floor(Date.now() / 1000) - act.minutesOld * MINUTE_S }),
    ...(act.addressing === undefined ? {} : { addressing: act.addressing }),
    ...(act.withAlternative === undefined ? {} : { withAlternative: act.withAlternative }),
  }
  const send = (id: string) =>
    act.group === undefined
      ? customer.sendProto(account, messageOf(guest, act), { ...options, id })
      : customer.sendToGroup(act.group, account, act.text ?? '', { ...options, id })
  const first = newId()
  const many = Array.from({ length: act.times ?? 1 }, (_, index) => (index === 0 ? first : newId()))
  const copies = Array.from({ length: (act.copies ?? 1) - 1 }, () => first)
  await Promise.all([...many, ...copies].map(send))
  if (act.as !== undefined) ids.set(act.as, first)
  return many
}

const newId = () => `3A${randomBytes(9).toString('hex').toUpperCase()}`

function messageOf({ ids }: Guest, act: Act): proto.IMessage {
  const { text = '' } = act
  const about = (name: string) => ids.get(name) ?? name
  if (act.quotes !== undefined) return answerTo(about(act.quotes), text)
  if (act.edits !== undefined) return editOf(about(act.edits), text)
  if (act.deletes !== undefined) return deletionOf(about(act.deletes))
  if (act.reactsTo !== undefined) return reactionTo(about(act.reactsTo), text)
  switch (act.kind) {
    case 'photo':
      return photo(act.text)
    case 'pdf':
      return pdf('transfer.pdf')
    case 'voice':
      return voiceNote(7)
    case 'sticker':
      return sticker()
    case 'gif':
      return gif()
    case 'place':
      return place(52.52, 13.405, 'The gate')
    case 'cart':
      return cart(3, 120_000, 'USD')
    default:
      return { conversation: text }
  }
}

/** Staff call the API as the owner of the account. @throws when it refuses */
async function call({ shop, account }: Guest, method: string, path: string, body?: unknown) {
  const token = shop.accounts[account]?.token ?? shop.token
  const answer = await shop.node.call(method, path, { token, ...(body === undefined ? {} : { body }) })
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body
}

async function customerId({ shop, phone }: Guest): Promise<string> {
  const found = `select customer_id as id from customer_identities where kind = 'phone' and value = ?`
  const [row] = await shop.db.rows<{ id: string }>(found, [phone])
  if (row === undefined) throw new Error(`${phone} is no customer`)
  return row.id
}

/** Staff move the customer's latest order, through all of these. */
export const moves =
  (to: readonly string[], more: object = {}) =>
  async (guest: Guest) => {
    const latest = 'select id from orders where customer_id = ? order by number desc limit 1'
    const [order] = await guest.shop.db.rows<{ id: string }>(latest, [await customerId(guest)])
    for (const status of to) await call(guest, 'POST', `/api/orders/${order?.id}/transitions`, { to: status, ...more })
  }

/** Staff write to the customer over HTTP. */
export const writes = (message: string) => (guest: Guest) =>
  call(guest, 'POST', '/api/whatsapp/send-message', { to: guest.phone, message })

/** Staff give the chat back to the bot. */
export const resumes = async (guest: Guest) =>
  call(guest, 'PATCH', `/api/whatsapp/conversations/${await conversationId(guest)}`, { botPaused: false })

async function conversationId(guest: Guest): Promise<string> {
  const found = 'select id from conversations where customer_id = ? and user_id = ?'
  const parameters = [await customerId(guest), guest.shop.accounts[guest.account]?.userId ?? '']
  const [row] = await guest.shop.db.rows<{ id: string }>(found, parameters)
  return row?.id ?? ''
}

export const forgetsContact = async (guest: Guest) => {
  const found = `select id from contacts where customer_id = ? and user_id = ?`
  const parameters = [await customerId(guest), guest.shop.accounts[guest.account]?.userId ?? '']
  const [row] = await guest.shop.db.rows<{ id: string }>(found, parameters)
  await call(guest, 'DELETE', `/api/whatsapp/contacts/${row?.id}`)
}

/** @param minor the new price */
export const reprices = (name: string, minor: number) => async (guest: Guest) => {
  const product = await productNamed(guest, name)
  await call(guest, 'PATCH', `/api/variants/${product.variants[0]?.id}`, { price: minor / 100 })
}

export const archives = (name: string) => async (guest: Guest) =>
  call(guest, 'PATCH', `/api/products/${(await productNamed(guest, name)).id}`, { status: 'archived' })

async function productNamed(guest: Guest, name: string): Promise<{ id: string; variants: readonly { id: string }[] }> {
  const { data } = await call(guest, 'GET', `/api/products?q=${encodeURIComponent(name)}`)
  const found = data.find((product: { name: string }) => product.name === name)
  if (found === undefined) throw new Error(`there is no ${name}`)
  return found
}

const PASSES = {
  'the pause': `update conversations set bot_paused_until = now() - interval '1 second' where id = ?`,
  'the question': `update bot_prompts set expires_at = now() - interval '1 second' where conversation_id = ?`,
  'the wait of the notice': `update outbox set next_at = now() where notice_of is not null and state = 'queued' and conversation_id = ?`,
} as const

/** The clock goes on: what was waited for in this chat is over. */
export const passes = (what: keyof typeof PASSES) => async (guest: Guest) =>
  guest.shop.db.run(PASSES[what], [await conversationId(guest)])
