// How WhatsApp names the other side of a chat: by phone number, by LID (an opaque id that hides the number), or both.
// A customer is matched on identities, never on one phone string.
import { type E164, phoneVariants } from './phone.ts'

const IDENTITY_KINDS = ['phone', 'lid'] as const
export type IdentityKind = (typeof IDENTITY_KINDS)[number]

export interface Identity {
  readonly kind: IdentityKind
  /** `+E164` for a phone; the digits before `@lid` for a LID. */
  readonly value: string
}

/** The address of a direct chat as far as a message told it: `lid` without `@lid`. */
export interface ChatAddress {
  readonly phone: E164 | null
  readonly lid: string | null
}

/** Every identity under which the owner of this address may have been saved. */
export function identitiesOf(address: ChatAddress): readonly Identity[] {
  const phones = address.phone === null ? [] : phoneVariants(address.phone)
  const identities: Identity[] = phones.map((value) => ({ kind: 'phone', value }))
  if (address.lid !== null) identities.push({ kind: 'lid', value: address.lid })
  return identities
}
