// A customer as a test holds it: writes to accounts, reads the answers, sends read receipts.
import type { proto } from '@whiskeysockets/baileys'
import { type Addressing, jidOf } from './jid.ts'
import { waitUntil } from './log.ts'
import { type FileOptions, pictureMessage, pictureOf } from './media.ts'
import type { InboxMessage, Person, ReceiptState } from './people.ts'
import { sendReceipt } from './receiving.ts'
import { type SendOptions, sendMessage } from './sending.ts'
import type { World } from './world.ts'

export interface CustomerOptions {
  readonly pushName?: string
  /** How this customer's messages are addressed unless a message says otherwise; `lid` at first. */
  readonly addressing?: Addressing
  /** Whether they tell the other address too; true at first. */
  readonly withAlternative?: boolean
  /** Whether the customer's phone confirms what it gets; true at first. */
  readonly autoReceipt?: boolean
  /** Whether the customer's phone asks again at once for what it could not read; true at first. */
  readonly autoRetry?: boolean
}

export type ReplyTest = RegExp | ((message: InboxMessage) => boolean)

export interface Customer {
  readonly number: string
  /** `…@lid`. */
  readonly lid: string
  /** `…@s.whatsapp.net`. */
  readonly jid: string
  /** What the customer received and could decrypt; the same id again only raises `count`. */
  readonly inbox: readonly Readonly<InboxMessage>[]
  /** Resolves when the server has the message. */
  readonly send: (toNumber: string, text: string, options?: SendOptions) => Promise<{ readonly id: string }>
  /** The same for any message: images, edits, deletions, reactions. */
  readonly sendProto: (
    toNumber: string,
    message: proto.IMessage,
    options?: SendOptions,
  ) => Promise<{ readonly id: string }>
  /** A picture with its file, which is encrypted and kept where WhatsApp keeps files. */
  readonly sendPicture: (
    toNumber: string,
    bytes: Uint8Array,
    options?: SendOptions & FileOptions,
  ) => Promise<{ readonly id: string }>
  /** The picture of a received message. Throws if it cannot be fetched or is not what the message says. */
  readonly pictureOf: (message: Pick<InboxMessage, 'message'>) => Promise<Buffer>
  /** A message in a group (`…@g.us`) or a status (`status@broadcast`) that this account sees too. */
  readonly sendToGroup: (
    group: string,
    toNumber: string,
    text: string,
    options?: SendOptions,
  ) => Promise<{ readonly id: string }>
  /**
   * The next received message that fits and that no earlier call has answered. Rejects after `timeoutMs` (5,000 if not
   * given) and says what came instead.
   */
  readonly waitForReply: (test?: ReplyTest, options?: { readonly timeoutMs?: number }) => Promise<InboxMessage>
  /** Tells the sender that the customer has read it. Throws if the customer never got it. */
  readonly readReceipt: (id: string) => Promise<void>
  /** Asks for a message the phone could not read and did not ask for yet. Throws if there is none with this id. */
  readonly askAgain: (id: string) => void
  /** Whether the account's device has confirmed what the customer sent. Throws if the customer never sent it. */
  readonly receiptsFor: (id: string) => ReceiptState
}

const fits = (test: ReplyTest | undefined, message: InboxMessage): boolean => {
  if (test === undefined) return true
  return test instanceof RegExp ? test.test(message.text) : test(message)
}

export const adjust = (person: Person, options: CustomerOptions): void => {
  person.pushName = options.pushName ?? person.pushName
  person.addressing = options.addressing ?? person.addressing
  person.withAlternative = options.withAlternative ?? person.withAlternative
  person.autoReceipt = options.autoReceipt ?? person.autoReceipt
  person.autoRetry = options.autoRetry ?? person.autoRetry
}

export const createCustomer = (world: World, person: Person): Customer => {
  const answered = new Set<string>()
  const send = async (
    toNumber: string,
    message: proto.IMessage,
    options?: SendOptions & { readonly group?: string },
  ) => {
    const { id } = await sendMessage(world, person, toNumber, message, options)
    return { id }
  }
  return {
    number: person.number,
    lid: jidOf(person.lid, 'lid'),
    jid: jidOf(person.number, 'pn'),
    get inbox() {
      return person.inbox
    },
    send: (toNumber, text, options) => send(toNumber, { conversation: text }, options),
    sendProto: send,
    sendPicture: async (toNumber, bytes, options) =>
      send(toNumber, await pictureMessage(world, bytes, options), options),
    pictureOf: ({ message }) => pictureOf(world, message),
    sendToGroup: (group, toNumber, text, options) => send(toNumber, { conversation: text }, { ...options, group }),
    waitForReply: async (test, options = {}) => {
      const next = (): InboxMessage | undefined =>
        person.inbox.find((message) => !answered.has(message.id) && fits(test, message))
      const what = `a reply to ${person.number}${test instanceof RegExp ? ` like ${test}` : ''}`
      const message = await waitUntil(world.log, next, { ...options, what })
      answered.add(message.id)
      return message
    },
    readReceipt: async (id) => {
      const message = person.inbox.find((one) => one.id === id)
      const companion = message && world.people.get(message.from).companions.get(message.device)
      if (message === undefined || companion === undefined) throw new Error(`${person.number} never got message ${id}`)
      sendReceipt(world, person, companion, { id, addressing: message.addressing, type: 'read' })
    },
    askAgain: (id) => {
      const ask = person.unasked.get(id)
      if (ask === undefined) throw new Error(`${person.number} has not failed to read message ${id}`)
      person.unasked.delete(id)
      ask()
    },
    receiptsFor: (id) => {
      const sent = person.sent.get(id)
      if (sent === undefined) throw new Error(`${person.number} never sent message ${id}`)
      return sent.state
    },
  }
}
