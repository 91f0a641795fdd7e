// Makes somebody a contact by their own word: with when and how they agreed. Contacts that staff add are contacts.ts.

import { type ChatAddress, identitiesOf } from '../domain/identity.ts'
import { asId, type CustomerId, type OrgId, type UserId } from '../domain/ids.ts'
import { appendAudit } from './audit.ts'
import { customerOf, customerOfPhone, linkIdentity } from './contacts.ts'
import type { Tx } from './database.ts'
import { type Mac, suppressedSince } from './suppressions.ts'

export interface SelfContact {
  readonly orgId: OrgId
  readonly userId: UserId
  readonly chat: ChatAddress
  readonly name: string
  /** `self`: said YES when they were asked. `order`: ordered, where the shop needs no more than that. */
  readonly source: 'self' | 'order'
  readonly at: Date
}

/**
 * Who said STOP as a stranger, or before they were forgotten, still wants no messages they did not ask for.
 * @returns their customer: the one their number or LID already is, or a new one
 */
export async function addSelf(tx: Tx, self: SelfContact, newId: () => string, mac: Mac): Promise<CustomerId> {
  const { orgId, userId, chat, name, source, at } = self
  const identities = identitiesOf(chat)
  const known = await customerOf(tx, orgId, identities)
  const customerId = known ?? (await newCustomer(tx, self, newId, mac))
  for (const identity of [
    ...(chat.phone === null ? [] : [{ kind: 'phone', value: chat.phone } as const]),
    ...lidOf(chat),
  ])
    await linkIdentity(tx, { orgId, customerId, ...identity })
  const stoppedAt = await suppressedSince(tx, mac, orgId, identities)
  await tx.run(
    `update customers set consent_source = ?, consent_at = ?, opted_out_at = coalesce(opted_out_at, ?), version = version + 1
     where id = ?`,
    [source, at, stoppedAt, customerId],
  )
  await tx.run(
    'insert into contacts (id, user_id, customer_id, name) values (?, ?, ?, ?) on conflict (user_id, customer_id) do nothing',
    [newId(), userId, customerId, name],
  )
  await appendAudit(tx, {
    id: newId(),
    orgId,
    actorId: null,
    action: 'contact.consent',
    subject: customerId,
    after: { source },
  })
  return customerId
}

async function newCustomer(tx: Tx, self: SelfContact, newId: () => string, mac: Mac): Promise<CustomerId> {
  const { orgId, chat, name } = self
  if (chat.phone !== null) return customerOfPhone(tx, { orgId, phone: chat.phone, name }, newId, mac)
  const id = asId<CustomerId>(newId())
  await tx.run('insert into customers (id, org_id, display_name) values (?, ?, ?)', [id, orgId, name])
  return id
}

function lidOf({ lid }: ChatAddress) {
  return lid === null ? [] : [{ kind: 'lid', value: lid } as const]
}
