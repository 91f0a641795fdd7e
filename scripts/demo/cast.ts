// Who plays in the demo: the shop with its owner, three customers who are contacts, and a stranger.

import type { Addressing } from '../../simulator/jid.ts'

export interface Person {
  readonly name: string
  /** E.164. */
  readonly phone: string
  /** Whether WhatsApp names this person by number or by LID, an address that hides the number. */
  readonly addressing: Addressing
}

export const SHOP = {
  name: 'Corner Shop',
  contact: '12 Harbour Street, open 9 to 18',
  phone: '+15550100000',
} as const

export const OWNER = { name: 'Nour', email: 'nour@company.com', password: 'correct horse battery' } as const

export const AMAL: Person = { name: 'Amal', phone: '+15550101111', addressing: 'pn' }
export const LUIS: Person = { name: 'Luis', phone: '+15550102222', addressing: 'lid' }
export const MEI: Person = { name: 'Mei', phone: '+15550103333', addressing: 'pn' }
export const STRANGER: Person = { name: 'Stranger', phone: '+15550109999', addressing: 'pn' }

export const CUSTOMERS: readonly Person[] = [AMAL, LUIS, MEI]
export const EVERYBODY: readonly Person[] = [...CUSTOMERS, STRANGER]
