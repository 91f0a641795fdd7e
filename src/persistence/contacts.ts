// Contacts: each user's whitelist. The one place that says whether the sender of a message is known to an account; by
// any of their identities, because WhatsApp addresses the same person by number or by LID as it likes.
import type { Scope } from '../domain/access.ts'
import type { Contact } from '../domain/contact.ts'
import { type ChatAddress, type Identity, identitiesOf } from '../domain/identity.ts'
import type { ContactId, CustomerId, OrgId, UserId } from '../domain/ids.ts'
import type { E164 } from '../domain/phone.ts'
import type { Database, Queryable, Tx } from './database.ts'
import { conditions, containing, type Page, type Paged, paged } from './page.ts'
import { scopeSql } from './scope.ts'
import { type Mac, suppressedSince } from './suppressions.ts'

const COLUMNS = `c.id, c.user_id as "userId", c.customer_id as "customerId", c.name, c.tags, c.created_at as "createdAt",
  cu.language, cu.opted_out_at is not null as "optedOut", v.last_message_at as "lastMessageAt",
  (select i.value from customer_identities i where i.customer_id = c.customer_id and i.kind = 'phone'
   order by i.created_at, i.value limit 1) as "phoneNumber",
  (select i.value from customer_identities i where i.customer_id = c.customer_id and i.kind = 'lid'
   order by i.created_at desc, i.value limit 1) as lid`

const FROM = `from contacts c join customers cu on cu.id = c.customer_id
  left join conversations v on v.user_id = c.user_id and v.customer_id = c.customer_id`

export interface NewContact {
  readonly orgId: OrgId
  readonly userId: UserId
  readonly phone: E164
  readonly name: string
  /** Left as they are when not given. */
  readonly tags?: readonly string[] | undefined
  readonly language?: string | null | undefined
}

/**
 * Puts a number on a user's whitelist. The same number again is the same contact, with its name changed.
 * @param mac finds out whether somebody with this number said STOP before everything about them was erased
 */
export async function addContact(
  db: Database,
  input: NewContact,
  newId: () => string,
  mac: Mac | null = null,
): Promise<{ readonly contact: Contact; readonly created: boolean }> {
  return db.transaction(async (tx) => {
    const customerId = await customerOfPhone(tx, input, newId, mac)
    if (input.language !== undefined)
      await tx.run('update customers set language = ? where id = ?', [input.language, customerId])
    const [row] = await tx.rows<{ id: ContactId; created: boolean }>(
      `insert into contacts (id, user_id, customer_id, name, tags) values (?, ?, ?, ?, ?::text[])
       on conflict (user_id, customer_id) do update
         set name = excluded.name, tags = case when ? then excluded.tags else contacts.tags end
       returning id, xmax = 0 as created`,
      [newId(), input.userId, customerId, input.name, input.tags ?? [], input.tags !== undefined],
    )
    const contact = row === undefined ? null : await findContact(tx, { kind: 'all' }, row.id)
    if (row === undefined || contact === null) throw new Error('the contact just written is not there')
    return { contact, created: row.created }
  })
}

/** The customer this number belongs to, in any of its forms; a new one when nobody has it. Two at once make one. */
export async function customerOfPhone(
  tx: Tx,
  input: Pick<NewContact, 'orgId' | 'phone' | 'name' | 'language'>,
  newId: () => string,
  mac: Mac | null = null,
): Promise<CustomerId> {
  const known = await customerOf(tx, input.orgId, identitiesOf({ phone: input.phone, lid: null }))
  if (known !== null) return known
  const customerId = newId() as CustomerId
  const optedOutAt =
    mac === null ? null : await suppressedSince(tx, mac, input.orgId, [{ kind: 'phone', value: input.phone }])
  await tx.run('insert into customers (id, org_id, display_name, language, opted_out_at) values (?, ?, ?, ?, ?)', [
    customerId,
    input.orgId,
    input.name,
    input.language ?? null,
    optedOutAt,
  ])
  const won = await linkIdentity(tx, { orgId: input.orgId, customerId, kind: 'phone', value: input.phone })
  if (won) return customerId
  await tx.run('delete from customers where id = ?', [customerId])
  const other = await customerOf(tx, input.orgId, [{ kind: 'phone', value: input.phone }])
  if (other === null) throw new Error('the identity that was taken is not there')
  return other
}

/** The customer with one of these identities; the earlier in the list wins. */
export async function customerOf(
  q: Queryable,
  orgId: OrgId,
  identities: readonly Identity[],
): Promise<CustomerId | null> {
  const [row] = await q.rows<{ customer_id: CustomerId }>(
    `select i.customer_id from customer_identities i
     join unnest(?::text[], ?::text[]) with ordinality as wanted (kind, value, rank)
       on i.kind = wanted.kind and i.value = wanted.value
     where i.org_id = ? order by wanted.rank limit 1`,
    [identities.map((each) => each.kind), identities.map((each) => each.value), orgId],
  )
  return row?.customer_id ?? null
}

/** Notes that a customer has this identity. @returns false when it belongs to someone already (never taken away). */
export async function linkIdentity(
  tx: Tx,
  identity: Identity & { readonly orgId: OrgId; readonly customerId: CustomerId },
): Promise<boolean> {
  const written = await tx.run(
    'insert into customer_identities (org_id, kind, value, customer_id) values (?, ?, ?, ?) on conflict do nothing',
    [identity.orgId, identity.kind, identity.value, identity.customerId],
  )
  return written > 0
}

export interface KnownSender {
  readonly customerId: CustomerId
  readonly contactId: ContactId
  readonly name: string
}

/**
 * Who the other side of a chat is to this user: their contact, found by any identity in any form, a number before a LID.
 * Null for everyone else: of them nothing may be stored.
 */
export async function recogniseSender(
  q: Queryable,
  chat: ChatAddress & { readonly orgId: OrgId; readonly userId: UserId },
): Promise<KnownSender | null> {
  const identities = identitiesOf(chat)
  const [row] = await q.rows<KnownSender>(
    `select c.customer_id as "customerId", c.id as "contactId", c.name
     from customer_identities i
     join unnest(?::text[], ?::text[]) with ordinality as wanted (kind, value, rank)
       on i.kind = wanted.kind and i.value = wanted.value
     join contacts c on c.customer_id = i.customer_id and c.user_id = ?
     where i.org_id = ? order by wanted.rank limit 1`,
    [identities.map((each) => each.kind), identities.map((each) => each.value), chat.userId, chat.orgId],
  )
  return row ?? null
}

export interface ContactFilter {
  /** Part of the name, or of the number's digits. */
  readonly q?: string | undefined
  readonly tag?: string | undefined
  readonly userId?: UserId | undefined
}

/** Contacts within the scope, by name. */
export async function listContacts(
  q: Queryable,
  scope: Scope,
  page: Page,
  filter: ContactFilter = {},
): Promise<Paged<Contact>> {
  const where = conditions()
  const within = scopeSql(scope, 'c.user_id')
  where.add(within.sql, ...within.params)
  if (filter.userId !== undefined) where.add('c.user_id = ?', filter.userId)
  if (filter.tag !== undefined) where.add('? = any(c.tags)', filter.tag)
  if (filter.q !== undefined) {
    const digits = filter.q.replace(/[\s()+.-]/g, '').replace(/^00/, '')
    const number = /^\d{3,}$/.test(digits) ? containing(digits) : ''
    where.add(
      `c.name ilike ? or exists (select 1 from customer_identities i
         where i.customer_id = c.customer_id and i.kind = 'phone' and i.value like ?)`,
      containing(filter.q),
      number,
    )
  }
  if (page.cursor !== undefined) where.add('(lower(c.name), c.id) > (?, ?::uuid)', page.cursor.key, page.cursor.id)
  const rows = await q.rows<Contact & { sort_key: string }>(
    `select ${COLUMNS}, lower(c.name) as sort_key ${FROM} where ${where.sql()}
     order by lower(c.name), c.id limit ?`,
    [...where.params, page.limit + 1],
  )
  return paged(rows, page.limit, (row) => ({ key: row.sort_key, id: row.id }), toContact)
}

/** A contact within the scope; null when there is none there. */
export async function findContact(q: Queryable, scope: Scope, id: ContactId): Promise<Contact | null> {
  const within = scopeSql(scope, 'c.user_id')
  const [row] = await q.rows<Contact>(`select ${COLUMNS} ${FROM} where c.id = ? and ${within.sql}`, [
    id,
    ...within.params,
  ])
  return row === undefined ? null : toContact(row)
}

function toContact(row: Contact & { readonly sort_key?: string }): Contact {
  const { sort_key: _, ...contact } = row
  return contact
}

/** The contact a customer is to this user; null when they are none (or no longer). */
export async function customerContact(q: Queryable, userId: UserId, customerId: CustomerId): Promise<Contact | null> {
  const [row] = await q.rows<Contact>(`select ${COLUMNS} ${FROM} where c.user_id = ? and c.customer_id = ?`, [
    userId,
    customerId,
  ])
  return row === undefined ? null : toContact(row)
}
