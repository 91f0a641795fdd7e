// A contact: a customer that one user has put on their whitelist. What counts as a good name and good tags; that the
// same number is never two contacts is the store's business.
import type { ContactId, CustomerId, UserId } from './ids.ts'
import { ok, type Result, refuse } from './result.ts'

/** Limits of what may be stored about a contact, in characters and pieces. */
export const MAX_CONTACT_NAME_CHARS = 120
export const MAX_TAGS = 20
export const MAX_TAG_CHARS = 40

export interface Contact {
  readonly id: ContactId
  readonly userId: UserId
  readonly customerId: CustomerId
  readonly name: string
  readonly phoneNumber: string | null
  readonly lid: string | null
  readonly language: string | null
  readonly optedOut: boolean
  readonly tags: readonly string[]
  readonly createdAt: Date
  readonly lastMessageAt: Date | null
}

/** Trims a contact's name to one line. Refuses with `invalid-name` what is empty or too long. */
export function contactName(input: string): Result<string, 'invalid-name'> {
  const name = oneLine(input)
  if (name === '') return refuse('invalid-name', 'Give the contact a name.')
  if (name.length > MAX_CONTACT_NAME_CHARS) {
    return refuse('invalid-name', `A name has at most ${MAX_CONTACT_NAME_CHARS} characters.`)
  }
  return ok(name)
}

/** Tags trimmed, without empty ones and repeats, in the order given; what is too long is cut. */
export function contactTags(input: readonly string[]): readonly string[] {
  const tags = input.map((tag) => oneLine(tag).slice(0, MAX_TAG_CHARS)).filter((tag) => tag !== '')
  return [...new Set(tags)].slice(0, MAX_TAGS)
}

/** Control characters and line breaks become single spaces: a name is one line wherever it is shown. */
export function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()
}
