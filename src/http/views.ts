// How domain values look from outside: the few conversions that more than one resource needs.

import { formatMoney, type Minor } from '../domain/money.ts'
import { maskPhone } from '../domain/phone.ts'
import type { User } from '../persistence/users.ts'

export const iso = (at: Date): string => at.toISOString()
export const isoOrNull = (at: Date | null): string | null => at?.toISOString() ?? null
export const maskedOrNull = (phone: string | null): string | null => (phone === null ? null : maskPhone(phone))

/** Money as the API shows it: minor units, their currency, and the text a person reads. */
export function moneyView(minor: Minor, currency: string, locale: string) {
  return { amount: minor, currency, formatted: formatMoney(minor, currency, locale) }
}

/** A user without anything that is nobody's business. */
export function userView(user: User) {
  const { id, email, name, role, requestedRole, status, managerId, customerId, version } = user
  return {
    id,
    email,
    name,
    role,
    requestedRole,
    status,
    approval: status === 'pending' || requestedRole !== null ? ('pending' as const) : null,
    managerId,
    customerId,
    version,
    createdAt: iso(user.createdAt),
    lastLoginAt: isoOrNull(user.lastLoginAt),
  }
}
