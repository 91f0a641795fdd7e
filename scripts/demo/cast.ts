// Who plays in the demo: the shop with its owner, customers who are contacts, and two strangers.

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
export const SOFIA: Person = { name: 'Sofia', phone: '+15550104444', addressing: 'pn' }
export const TOM: Person = { name: 'Tom', phone: '+15550105555', addressing: 'lid' }
export const SALMA: Person = { name: 'Salma', phone: '+15550106666', addressing: 'lid' }
/** Becomes a customer. */
export const VERA: Person = { name: 'Vera', phone: '+15550108888', addressing: 'pn' }
/** Stays one. */
export const STRANGER: Person = { name: 'Stranger', phone: '+15550109999', addressing: 'pn' }

export const CUSTOMERS: readonly Person[] = [AMAL, LUIS, MEI]
/** Contacts who come to the shop later. */
export const LATER: readonly Person[] = [SOFIA, TOM, SALMA]
export const CONTACTS: readonly Person[] = [...CUSTOMERS, ...LATER]
export const EVERYBODY: readonly Person[] = [...CONTACTS, VERA, STRANGER]
