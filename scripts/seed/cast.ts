// The people of the demo shop. All of it is invented; the numbers are of the range that is kept for stories.

import type { WeekHours } from '../../src/domain/hours.ts'

export const SHOP = {
  name: 'Nour & Co. Gadgets and Home',
  currency: 'USD',
  timezone: 'America/New_York',
  locale: 'en-US',
  contactText: '12 Example St. Open Mon–Sat 09:00–18:00.',
} as const

const OPEN = [{ from: '09:00', to: '18:00' }]
export const HOURS: WeekHours = { mon: OPEN, tue: OPEN, wed: OPEN, thu: OPEN, fri: OPEN, sat: OPEN, sun: [] }

export interface StaffMember {
  readonly email: string
  readonly name: string
  readonly role: 'admin' | 'manager' | 'employee' | 'customer'
  /** The e-mail of whose team they are on. */
  readonly manager?: string
  readonly requestedRole?: 'admin'
  /** The customer whose orders they see, by name. */
  readonly customer?: string
}

export const OWNER = 'nour@demo.test'

export const STAFF: readonly StaffMember[] = [
  { email: OWNER, name: 'Nour', role: 'admin' },
  { email: 'maya@demo.test', name: 'Maya', role: 'manager' },
  { email: 'omar@demo.test', name: 'Omar', role: 'manager' },
  { email: 'erin@demo.test', name: 'Erin', role: 'employee', manager: 'maya@demo.test' },
  { email: 'sam@demo.test', name: 'Sam', role: 'employee', manager: 'maya@demo.test' },
  { email: 'lin@demo.test', name: 'Lin', role: 'employee', manager: 'omar@demo.test' },
  { email: 'amal@demo.test', name: 'Amal', role: 'customer', customer: 'Amal' },
  // Asked to be an admin, works as an employee until somebody says yes.
  { email: 'zoe@demo.test', name: 'Zoe', role: 'employee', requestedRole: 'admin' },
]

export interface DemoCustomer {
  readonly name: string
  /** Whose contact they are; the first takes most of their orders. */
  readonly of: readonly string[]
  readonly language?: 'ar' | 'es'
  readonly optedOut?: true
  /** WhatsApp tells no number of them. */
  readonly lidOnly?: true
  readonly erased?: true
}

const [ERIN, SAM, LIN] = ['erin@demo.test', 'sam@demo.test', 'lin@demo.test'] as const

export const CUSTOMERS: readonly DemoCustomer[] = [
  { name: 'Amal', of: [ERIN, SAM] },
  { name: 'Luis', of: [ERIN], language: 'es' },
  { name: 'Hala', of: [ERIN], language: 'ar' },
  { name: 'Ben', of: [ERIN] },
  { name: 'Grace', of: [ERIN, LIN] },
  { name: 'Ivan', of: [ERIN], optedOut: true },
  { name: 'Yusuf', of: [ERIN], language: 'ar' },
  { name: 'Carmen', of: [ERIN], language: 'es' },
  { name: 'Priya', of: [ERIN] },
  { name: 'Tom', of: [ERIN], lidOnly: true },
  { name: 'Wei', of: [ERIN] },
  { name: 'Ruth', of: [ERIN] },
  { name: 'Salma', of: [SAM], language: 'ar' },
  { name: 'Diego', of: [SAM, LIN], language: 'es' },
  { name: 'Kofi', of: [SAM] },
  { name: 'Anna', of: [SAM], optedOut: true },
  { name: 'Mei', of: [SAM] },
  { name: 'Jonas', of: [SAM] },
  { name: 'Fatima', of: [SAM], language: 'ar' },
  { name: 'Oskar', of: [LIN] },
  { name: 'Nadia', of: [LIN], lidOnly: true },
  { name: 'Peter', of: [LIN] },
  { name: 'Ines', of: [LIN] },
  // Asked to be forgotten: what is left of them is their orders.
  { name: 'Deleted customer', of: [LIN], erased: true },
]

/** +1 555 01xx */
export function phoneOf(index: number): string {
  return `+155501${String(index).padStart(2, '0')}`
}

export function lidOf(index: number): string {
  return `1555010000${String(index).padStart(4, '0')}@lid`
}
