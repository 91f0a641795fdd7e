// The user's phone as a test holds it: it scans, types, and logs linked devices out.

import { jidOf } from './jid.ts'
import { enterCode } from './link-code.ts'
import { removeDevice } from './login.ts'
import { scan } from './pairing.ts'
import type { InboxMessage, OwnCopy, Person } from './people.ts'
import { type SendOptions, sendMessage } from './sending.ts'
import type { World } from './world.ts'

export interface Phone {
  readonly number: string
  /** `…@lid`, as the account is addressed. */
  readonly lid: string
  /** What customers wrote to this account, as the phone itself sees it. */
  readonly inbox: readonly Readonly<InboxMessage>[]
  /** What linked devices sent, as copied to the phone. */
  readonly ownCopies: readonly OwnCopy[]
  readonly linkedDevices: readonly { readonly device: number; readonly online: boolean }[]
  /** Resolves when the device has signed back; rejects with a sentence if the QR is expired, unknown or not answered. */
  readonly scan: (qr: string) => Promise<void>
  /** Types the code a client shows. Resolves when it is linked; rejects with a sentence if no client waits or it is wrong. */
  readonly enterCode: (code: string) => Promise<void>
  /** A message typed on the phone: to the customer, and as fromMe to the linked devices. */
  readonly type: (toNumber: string, text: string, options?: SendOptions) => Promise<{ readonly id: string }>
  /** Removes one linked device, or all. A connected one gets 401 now, another at its next login. */
  readonly logout: (device?: number) => Promise<void>
  /** WhatsApp bans the account: connections are cut and every login fails with 403. */
  readonly ban: () => void
}

export const createPhone = (world: World, person: Person): Phone => ({
  number: person.number,
  lid: jidOf(person.lid, 'lid'),
  get inbox() {
    return person.inbox
  },
  get ownCopies() {
    return person.ownCopies
  },
  get linkedDevices() {
    const linked = [...person.companions.values()].filter(({ removed }) => !removed)
    return linked.map(({ device, online }) => ({ device, online }))
  },
  scan: async (qr) => {
    await scan(world, person, qr)
  },
  enterCode: (code) => enterCode(world, person, code),
  type: async (toNumber, text, options) => {
    const { id } = await sendMessage(world, person, toNumber, { conversation: text }, options)
    return { id }
  },
  logout: async (device) => {
    for (const companion of person.companions.values()) {
      if (device === undefined || companion.device === device) removeDevice(world, companion)
    }
  },
  ban: () => {
    person.banned = true
    world.log.add({ kind: 'fault', number: person.number, type: 'ban' })
    for (const { connection } of person.companions.values()) connection?.cut()
  },
})
