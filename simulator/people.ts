// The people of this WhatsApp: each has a number, a LID, a simulated phone with Signal keys, and linked devices.
// Users and customers are the same kind of person; phone.ts and customer.ts show the two sides.
import type { proto } from '@whiskeysockets/baileys'
import type { Companion } from './companion.ts'
import { type Address, type Addressing, lidOf, parseJid, toNumber } from './jid.ts'
import { createSignalDevice, type SignalDevice } from './signal-device.ts'

export interface InboxMessage {
  readonly id: string
  /** Digits of the sender's number. */
  readonly from: string
  /** The sender's device: 0 is the phone. */
  readonly device: number
  readonly addressing: Addressing
  readonly text: string
  readonly at: number
  readonly message: proto.IMessage
  /** How many times the same id arrived. */
  count: number
}

export interface OwnCopy {
  readonly id: string
  /** Digits of the recipient's number, or the group it went to. */
  readonly to: string
  readonly text: string
}

export type ReceiptState = 'sent' | 'delivered' | 'read'

export interface SentMessage {
  readonly id: string
  readonly to: string
  readonly message: proto.IMessage
  readonly addressing: Addressing
  readonly withAlternative: boolean
  /** Unix seconds. */
  readonly timestamp: number
  /** Set when it went to a group or to the status. */
  readonly group?: string
  state: ReceiptState
}

export interface Person {
  readonly number: string
  readonly lid: string
  readonly signal: SignalDevice
  readonly companions: Map<number, Companion>
  readonly sent: Map<string, SentMessage>
  /** How often the phone could not read a message, by its id. */
  readonly failures: Map<string, number>
  /** Asks that wait because the phone does not ask by itself, by message id. */
  readonly unasked: Map<string, () => void>
  pushName: string
  addressing: Addressing
  withAlternative: boolean
  /** Whether its phone confirms what it receives. */
  autoReceipt: boolean
  /** Whether its phone asks again at once for what it could not read. */
  autoRetry: boolean
  banned: boolean
  nextDevice: number
  readonly inbox: InboxMessage[]
  /** What its own linked devices sent, as copied to the phone. */
  readonly ownCopies: OwnCopy[]
}

export interface People {
  /** The person with this number, made on first use. */
  readonly get: (number: string) => Person
  /** The person an address names, if there is one. */
  readonly find: (jid: string | undefined) => (Address & { readonly person: Person }) | undefined
}

let simulators = 0

export const createPeople = (seed: string): People => {
  const byNumber = new Map<string, Person>()
  const byLid = new Map<string, Person>()
  simulators += 1
  const scope = simulators
  return {
    get: (written) => {
      const number = toNumber(written)
      const known = byNumber.get(number)
      if (known !== undefined) return known
      const lid = lidOf(number, seed)
      const person: Person = {
        number,
        lid,
        signal: createSignalDevice(`${scope}-${number}`),
        companions: new Map(),
        sent: new Map(),
        failures: new Map(),
        unasked: new Map(),
        pushName: `Number ${number.slice(-4)}`,
        addressing: 'lid',
        withAlternative: true,
        autoReceipt: true,
        autoRetry: true,
        banned: false,
        nextDevice: 1,
        inbox: [],
        ownCopies: [],
      }
      byNumber.set(number, person)
      byLid.set(lid, person)
      return person
    },
    find: (jid) => {
      const address = parseJid(jid)
      if (address === undefined) return undefined
      const person = (address.addressing === 'lid' ? byLid : byNumber).get(address.user)
      return person === undefined ? undefined : { ...address, person }
    },
  }
}
