// Changes and removes contacts. A contact who is removed is a stranger from then on; what was said stays, as an archive, unless it is erased.

import type { Scope } from '../domain/access.ts'
import type { Contact } from '../domain/contact.ts'
import type { ContactId } from '../domain/ids.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import { appendAudit } from './audit.ts'
import { findContact } from './contacts.ts'
import { type Erased, type Erasure, eraseIn } from './customer-erase.ts'
import type { By } from './customers.ts'
import type { Database } from './database.ts'
import type { Mac } from './suppressions.ts'

const noContact = refuse('not-found', 'There is no such contact, or it is not yours to see.')

export interface ContactChange {
  readonly name?: string | undefined
  readonly tags?: readonly string[] | undefined
  readonly language?: string | null | undefined
}

export function changeContact(
  db: Database,
  scope: Scope,
  id: ContactId,
  { name, tags, language }: ContactChange,
): Promise<Result<Contact, 'not-found'>> {
  return db.transaction(async (tx): Promise<Result<Contact, 'not-found'>> => {
    const before = await findContact(tx, scope, id)
    if (before === null) return noContact
    await tx.run('update contacts set name = coalesce(?, name), tags = coalesce(?::text[], tags) where id = ?', [
      name ?? null,
      tags ?? null,
      id,
    ])
    if (language !== undefined)
      await tx.run('update customers set language = ?, version = version + 1 where id = ?', [
        language,
        before.customerId,
      ])
    const after = await findContact(tx, scope, id)
    return after === null ? noContact : ok(after)
  })
}

/** Removes a contact and keeps the archive. */
export function removeContact(db: Database, scope: Scope, id: ContactId, by: By): Promise<Result<null, 'not-found'>> {
  return db.transaction(async (tx): Promise<Result<null, 'not-found'>> => {
    const contact = await findContact(tx, scope, id)
    if (contact === null || (await tx.run('delete from contacts where id = ?', [id])) === 0) return noContact
    await appendAudit(tx, { ...by, action: 'contact.delete', subject: id, after: { customerId: contact.customerId } })
    return ok(null)
  })
}

/** Removes a contact and everything that is known of the customer. */
export function eraseContact(
  db: Database,
  id: ContactId,
  what: Omit<Erasure, 'id'>,
  mac: Mac,
  by: By,
): Promise<Result<Erased, 'not-found' | 'open-orders' | 'forbidden'>> {
  return db.transaction(async (tx): Promise<Result<Erased, 'not-found' | 'open-orders' | 'forbidden'>> => {
    const contact = await findContact(tx, what.scope, id)
    if (contact === null) return noContact
    return eraseIn(tx, { ...what, id: contact.customerId }, mac, by)
  })
}
