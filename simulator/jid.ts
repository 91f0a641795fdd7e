// Numbers, LIDs and addresses: how the simulator names people and their devices. Who exists is for people.ts.
import { createHash } from 'node:crypto'
import { jidDecode } from '@whiskeysockets/baileys'

export type Addressing = 'lid' | 'pn'

export interface Address {
  readonly user: string
  readonly device: number
  readonly addressing: Addressing
}

/** What the server signs its own stanzas with: a server without a user. */
export const SERVER_JID = '@s.whatsapp.net'

/** Digits of a phone number in any usual writing. Throws if that leaves no phone number. */
export const toNumber = (written: string): string => {
  const digits = written.replace(/[\s()+.-]/g, '')
  if (!/^\d{5,15}$/.test(digits)) throw new Error(`"${written}" is not a phone number: 5 to 15 digits are needed`)
  return digits
}

/** The LID of a number: 15 digits that show nothing of it, the same in every run with the same seed. */
export const lidOf = (number: string, seed: string): string => {
  const hash = createHash('sha256').update(`${seed}:${number}`).digest().readBigUInt64BE()
  return String(100_000_000_000_000n + (hash % 900_000_000_000_000n))
}

export const jidOf = (user: string, addressing: Addressing, device = 0): string =>
  `${user}${device > 0 ? `:${device}` : ''}@${addressing === 'lid' ? 'lid' : 's.whatsapp.net'}`

/** The user and device an address names, or undefined for groups, broadcasts and servers. */
export const parseJid = (jid: string | undefined): Address | undefined => {
  const decoded = jid === undefined ? undefined : jidDecode(jid)
  if (decoded === undefined || decoded.user === '') return undefined
  if (decoded.server !== 'lid' && decoded.server !== 's.whatsapp.net') return undefined
  return { user: decoded.user, device: decoded.device ?? 0, addressing: decoded.server === 'lid' ? 'lid' : 'pn' }
}
