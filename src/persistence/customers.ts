// Customers: the people themselves, whichever accounts they write to. Lists and single reads are within the reader's scope; what accounts outside
// of it call them or said with them is not shown. Erasing and merging are files of their own.
import type { Scope } from '../domain/access.ts'
import type { Identity } from '../domain/identity.ts'
import type { ContactId, CustomerId, OrgId, UserId } from '../domain/ids.ts'
import { OPEN } from '../domain/order/order.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import { stale } from '../domain/stale.ts'
import { type AuditDraft, appendAudit } from './audit.ts'
import type { Database, Queryable, Tx } from './database.ts'
import { dropNotices } from './notices.ts'
import { conditions, containing, type Page, type Paged, paged } from './page.ts'
import { customerScopeSql, scopeSql } from './scope.ts'
import { type Mac, unsuppress } from './suppressions.ts'

/** Shown with a message that was dropped when its customer said STOP. */
export const OPTED_OUT = 'contact-opted-out'

export interface CustomerView {
  readonly id: CustomerId
  readonly displayName: string
  readonly language: string | null
  /** In full; mask it where a list shows it. */
  readonly phone: string | null
  readonly optedOutAt: Date | null
  readonly consentSource: string | null
  readonly consentAt: Date | null
  readonly notes: string
  readonly tags: readonly string[]
  readonly createdAt: Date
  /** Nothing is known of them any more. */
  readonly erasedAt: Date | null
  readonly version: number
  /** Of the accounts in the scope. */
  readonly contacts: readonly { readonly id: ContactId; readonly userId: UserId; readonly name: string }[]
  readonly openOrders: number
  readonly lastOrderAt: Date | null
  readonly lastMessageAt: Date | null
}

export interface CustomerFilter {
  /** Part of a name, or of the number's digits. */
  readonly q?: string | undefined
  readonly tag?: string | undefined
}

const OPEN_SQL = `(${OPEN.map((status) => `'${status}'`).join(', ')})`

/** The columns of a view with their values: what is counted is counted within the scope. */
function columns(scope: Scope): { readonly sql: string; readonly params: readonly unknown[] } {
  const within = scopeSql(scope, 'x.user_id', 'x.customer_id')
  const of = `x.customer_id = cu.id and ${within.sql}`
  const sql = `cu.id, cu.display_name as "displayName", cu.language, cu.opted_out_at as "optedOutAt",
    cu.consent_source as "consentSource", cu.consent_at as "consentAt", cu.notes, cu.tags, cu.created_at as "createdAt",
    cu.deleted_at as "erasedAt", cu.version, lower(cu.display_name) as sort_key,
    (select i.value from customer_identities i where i.customer_id = cu.id and i.kind = 'phone'
     order by i.created_at, i.value limit 1) as phone,
    (select coalesce(jsonb_agg(jsonb_build_object('id', x.id, 'userId', x.user_id, 'name', x.name) order by x.id), '[]')
     from contacts x where ${of}) as contacts,
    (select count(*)::int from orders x where ${of} and x.status in ${OPEN_SQL}) as "openOrders",
    (select max(x.placed_at) from orders x where ${of}) as "lastOrderAt",
    (select max(x.last_message_at) from conversations x where ${of}) as "lastMessageAt"`
  return { sql, params: [...within.params, ...within.params, ...within.params, ...within.params] }
}

type Row = CustomerView & { readonly sort_key: string }

function toView({ sort_key: _, ...view }: Row): CustomerView {
  return view
}

/** Customers within the scope, by name. */
export async function listCustomers(
  q: Queryable,
  orgId: OrgId,
  scope: Scope,
  filter: CustomerFilter,
  page: Page,
): Promise<Paged<CustomerView>> {
  const shown = columns(scope)
  const within = customerScopeSql(scope, 'cu.id')
  const where = conditions()
  where.add('cu.org_id = ? and cu.deleted_at is null', orgId)
  where.add(within.sql, ...within.params)
  if (filter.tag !== undefined) where.add('? = any(cu.tags)', filter.tag)
  if (filter.q !== undefined) {
    const digits = filter.q.replace(/[\s()+.-]/g, '').replace(/^00/, '')
    const named = scopeSql(scope, 'c.user_id', 'c.customer_id')
    where.add(
      `cu.display_name ilike ?
       or exists (select from contacts c where c.customer_id = cu.id and ${named.sql} and c.name ilike ?)
       or exists (select from customer_identities i where i.customer_id = cu.id and i.kind = 'phone' and i.value like ?)`,
      containing(filter.q),
      ...named.params,
      containing(filter.q),
      /^\d{3,}$/.test(digits) ? containing(digits) : '',
    )
  }
  if (page.cursor !== undefined)
    where.add('(lower(cu.display_name), cu.id) > (?, ?::uuid)', page.cursor.key, page.cursor.id)
  const rows = await q.rows<Row>(
    `select ${shown.sql} from customers cu where ${where.sql()} order by lower(cu.display_name), cu.id limit ?`,
    [...shown.params, ...where.params, page.limit + 1],
  )
  return paged(rows, page.limit, (row) => ({ key: row.sort_key, id: row.id }), toView)
}

/** A customer within the scope, an erased one as what is left of it; null when there is none there, or it is another by now. */
export async function findCustomer(q: Queryable, scope: Scope, id: CustomerId): Promise<CustomerView | null> {
  const shown = columns(scope)
  const within = customerScopeSql(scope, 'cu.id')
  const [row] = await q.rows<Row>(
    `select ${shown.sql} from customers cu where cu.id = ? and cu.merged_into is null and ${within.sql}`,
    [...shown.params, id, ...within.params],
  )
  return row === undefined ? null : toView(row)
}

/** Its numbers and LIDs. */
export function identitiesOfCustomer(q: Queryable, id: CustomerId): Promise<readonly Identity[]> {
  return q.rows<Identity>(
    'select kind, value from customer_identities where customer_id = ? order by created_at, kind, value',
    [id],
  )
}

/** The accounts it has anything to do with. */
export async function accountsOfCustomer(q: Queryable, id: CustomerId): Promise<readonly UserId[]> {
  const rows = await q.rows<{ user_id: UserId }>(
    `select user_id from contacts where customer_id = ? union select user_id from conversations where customer_id = ?
     union select user_id from orders where customer_id = ?`,
    [id, id, id],
  )
  return rows.map((row) => row.user_id)
}

/** Tells every account that knows the customer. */
export async function tellAccounts(tx: Tx, orgId: OrgId, id: CustomerId, type: string): Promise<void> {
  const users = await accountsOfCustomer(tx, id)
  await tx.run(
    `insert into event_log (org_id, type, subject, user_id, payload)
     select ?::uuid, ?::text, ?::uuid, user_id, '{}'::jsonb from unnest(?::uuid[]) as user_id`,
    [orgId, type, id, users],
  )
}

/**
 * Locks a living customer within the scope until the transaction ends; null when there is none there. New chats, contacts and identities wait for
 * it, orders do not. Who locks chats as well locks them first, as a message does.
 */
export async function lockCustomer(
  tx: Tx,
  scope: Scope,
  id: CustomerId,
): Promise<{ readonly optedOutAt: Date | null; readonly version: number } | null> {
  await tx.run('select from customers where id = ? for no key update', [id])
  const within = customerScopeSql(scope, 'cu.id')
  const [row] = await tx.rows<{ optedOutAt: Date | null; version: number }>(
    `select opted_out_at as "optedOutAt", version from customers cu
     where cu.id = ? and cu.deleted_at is null and ${within.sql}`,
    [id, ...within.params],
  )
  return row ?? null
}

export const noCustomer = refuse('not-found', 'There is no such customer, or they are not yours to see.')

export interface CustomerChange {
  readonly displayName?: string | undefined
  readonly language?: string | null | undefined
  readonly notes?: string | undefined
  readonly tags?: readonly string[] | undefined
}

/** Who does it, from where. */
export type By = Omit<AuditDraft, 'action' | 'subject' | 'before' | 'after'>

/** What is left out stays. Which fields were changed is written down, not what is in them. */
export function changeCustomer(
  db: Database,
  scope: Scope,
  id: CustomerId,
  change: CustomerChange,
  expectedVersion: number | null,
  by: By,
): Promise<Result<CustomerView, 'not-found' | 'stale-version'>> {
  return db.transaction(async (tx): Promise<Result<CustomerView, 'not-found' | 'stale-version'>> => {
    const before = await lockCustomer(tx, scope, id)
    if (before === null) return noCustomer
    if (expectedVersion !== null && expectedVersion !== before.version) return stale(before.version)
    const { displayName = null, language, notes = null, tags = null } = change
    await tx.run(
      `update customers set display_name = coalesce(?, display_name), language = case when ? then ?::text else language end,
         notes = coalesce(?, notes), tags = coalesce(?::text[], tags), version = version + 1 where id = ?`,
      [displayName, language !== undefined, language ?? null, notes, tags, id],
    )
    const fields = Object.entries(change).flatMap(([field, value]) => (value === undefined ? [] : [field]))
    await appendAudit(tx, { ...by, action: 'customer.change', subject: id, after: { fields } })
    await tellAccounts(tx, by.orgId, id, 'customer.updated')
    return found(await findCustomer(tx, scope, id))
  })
}

/** The customer wants no more messages they did not ask for: those that wait are dropped. Again changes nothing. */
export async function optOut(tx: Tx, id: CustomerId, at: Date): Promise<void> {
  await tx.run('update customers set opted_out_at = coalesce(opted_out_at, ?), version = version + 1 where id = ?', [
    at,
    id,
  ])
  await dropNotices(tx, id)
  // What staff wrote stays to be seen, as not sent.
  await tx.run(
    `with dropped as (
       update outbox o set state = 'failed', last_error = ?
       from conversations v where v.customer_id = ? and o.session_id = v.user_id and o.conversation_id = v.id
         and o.proactive and o.state in ('queued','held')
       returning o.message_id
     )
     update messages m set status = 'failed', error_code = ? from dropped where m.id = dropped.message_id`,
    [OPTED_OUT, id, OPTED_OUT],
  )
}

/** Keeps a STOP waiting until the transaction ends; one that came before is seen. Locks the customer, so their chat is locked before it. */
export async function holdWillingness(tx: Tx, id: CustomerId): Promise<'willing' | 'opted-out'> {
  const rows = await tx.rows('select from customers where id = ? and opted_out_at is null for share', [id])
  return rows.length > 0 ? 'willing' : 'opted-out'
}

/** Whether the customer wrote to this account after they asked for no more messages: then a person may answer. */
export async function wroteSinceOptOut(q: Queryable, userId: UserId, id: CustomerId): Promise<boolean> {
  const [row] = await q.rows(
    `select from conversations v join customers cu on cu.id = v.customer_id join messages m on m.conversation_id = v.id
     where v.user_id = ? and v.customer_id = ? and not m.from_me and m.created_at > cu.opted_out_at limit 1`,
    [userId, id],
  )
  return row !== undefined
}

/** The customer wants them again. */
export async function optIn(tx: Tx, orgId: OrgId, id: CustomerId, mac: Mac): Promise<void> {
  await tx.run('update customers set opted_out_at = null, version = version + 1 where id = ?', [id])
  await unsuppress(tx, mac, orgId, await identitiesOfCustomer(tx, id))
}

/** @param at since when no more messages; null: again */
export function setOptOut(
  db: Database,
  scope: Scope,
  id: CustomerId,
  at: Date | null,
  mac: Mac,
  by: By,
): Promise<Result<CustomerView, 'not-found'>> {
  return db.transaction(async (tx): Promise<Result<CustomerView, 'not-found'>> => {
    if ((await lockCustomer(tx, scope, id)) === null) return noCustomer
    if (at === null) await optIn(tx, by.orgId, id, mac)
    else await optOut(tx, id, at)
    await appendAudit(tx, { ...by, action: at === null ? 'customer.opt-in' : 'customer.opt-out', subject: id })
    await tellAccounts(tx, by.orgId, id, 'customer.updated')
    return found(await findCustomer(tx, scope, id))
  })
}

function found(view: CustomerView | null): Result<CustomerView, 'not-found'> {
  return view === null ? noCustomer : ok(view)
}
