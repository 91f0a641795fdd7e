// Forgets a person: everything they said, every number, name and note of them. What was sold to them stays, as lines, amounts and dates of somebody
// who is nobody any more; and a STOP stays, as a hash. One transaction, after which their number and words stand in no column.

import type { Scope } from '../domain/access.ts'
import { inScope } from '../domain/access.ts'
import type { CustomerId, OrgId, UserId } from '../domain/ids.ts'
import { OPEN } from '../domain/order/order.ts'
import type { E164 } from '../domain/phone.ts'
import { phoneVariants } from '../domain/phone.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import { appendAudit } from './audit.ts'
import {
  accountsOfCustomer,
  type By,
  identitiesOfCustomer,
  lockCustomer,
  noCustomer,
  tellAccounts,
} from './customers.ts'
import type { Database, Tx } from './database.ts'
import { forgetLostSales } from './lost-sales.ts'
import { containing } from './page.ts'
import { type Mac, suppress, unsuppress } from './suppressions.ts'

export interface Erased {
  readonly messages: number
  readonly orders: number
}

export interface Erasure {
  readonly id: CustomerId
  readonly scope: Scope
  /** Erases even while an order is open. */
  readonly force: boolean
  /** A word for the audit log; not a place for names. */
  readonly reason: string
  readonly at: Date
}

type Refused = 'not-found' | 'open-orders' | 'forbidden'

/** Erases a customer whose accounts are all within the scope. */
export function eraseCustomer(db: Database, what: Erasure, mac: Mac, by: By): Promise<Result<Erased, Refused>> {
  return db.transaction((tx) => eraseIn(tx, what, mac, by))
}

/** The same as part of something larger. */
export async function eraseIn(tx: Tx, what: Erasure, mac: Mac, by: By): Promise<Result<Erased, Refused>> {
  const { id, scope, force, reason, at } = what
  // What is being written in their chats at this moment is waited for, and seen by what follows.
  await tx.run('select from conversations where customer_id = ? order by id for update', [id])
  const customer = await lockCustomer(tx, scope, id)
  if (customer === null) return noCustomer
  const accounts = await accountsOfCustomer(tx, id)
  if (scope.kind !== 'all' && !accounts.every((userId) => inScope(scope, { userId })))
    return refuse('forbidden', 'Other teams know this customer as well. Ask an admin to erase them.')
  // With one that began before the lock; none begins after it.
  const chats = await tx.rows<{ id: string }>('select id from conversations where customer_id = ? order by id', [id])
  const [open] = await tx.rows('select from orders where customer_id = ? and status = any(?::text[]) limit 1', [
    id,
    OPEN,
  ])
  if (open !== undefined && !force)
    return refuse('open-orders', 'An order of this customer is still open. Finish or cancel it, or send `force`.')
  await tellAccounts(tx, by.orgId, id, 'customer.erased')
  const identities = await identitiesOfCustomer(tx, id)
  if (customer.optedOutAt === null) await unsuppress(tx, mac, by.orgId, identities)
  else await suppress(tx, mac, by.orgId, identities, customer.optedOutAt)
  const traces = await tracesOf(tx, id, identities)
  const conversations = chats.map((chat) => chat.id)
  const messages = await forgetChats(tx, conversations, accounts)
  await tx.run('delete from contacts where customer_id = ?', [id])
  await tx.run('delete from customer_identities where customer_id = ?', [id])
  const orders = await forgetInOrders(tx, id)
  await forgetLostSales(tx, id)
  await forgetAccount(tx, id)
  await scrubLogs(tx, by.orgId, traces)
  await tx.run(
    `update customers set display_name = ?, language = null, notes = '', tags = '{}', deleted_at = ?,
       pseudonymised_at = ?, version = version + 1 where id = ?`,
    [nameOfNobody(id), at, at, id],
  )
  await appendAudit(tx, { ...by, action: 'customer.erase', subject: id, after: { reason, force, messages, orders } })
  return ok({ messages, orders })
}

/** How somebody is called who is nobody any more. */
function nameOfNobody(id: CustomerId): string {
  return `Deleted customer #${id.slice(-8)}`
}

/** What leads to them where texts of all kinds are kept: ids of what is theirs, and how they are called and reached. */
interface Traces {
  readonly ids: readonly string[]
  readonly words: readonly string[]
}

async function tracesOf(
  tx: Tx,
  id: CustomerId,
  identities: readonly { kind: string; value: string }[],
): Promise<Traces> {
  const rows = await tx.rows<{ id: string }>(
    `select id from contacts where customer_id = ? union all select id from conversations where customer_id = ?
     union all select id from orders where customer_id = ? union all select id from users where customer_id = ?`,
    [id, id, id, id],
  )
  const names = await tx.rows<{ name: string }>(
    `select name from contacts where customer_id = ? union select display_name from customers where id = ?
     union select email from users where customer_id = ?`,
    [id, id, id],
  )
  const values = identities.flatMap(({ kind, value }): readonly string[] =>
    kind === 'phone' ? phoneVariants(value as E164) : [value],
  )
  return {
    ids: [id, ...rows.map((row) => row.id)],
    words: [
      ...values.map((value) => value.replace('+', '')),
      // As a whole value of the JSON: a short name stands inside many words.
      ...names.filter(({ name }) => name !== '').map(({ name }) => JSON.stringify(name)),
    ],
  }
}

/** @returns how many messages there were */
async function forgetChats(tx: Tx, conversations: readonly string[], accounts: readonly UserId[]): Promise<number> {
  await tx.run('delete from outbox where session_id = any(?::uuid[]) and conversation_id = any(?::uuid[])', [
    accounts,
    conversations,
  ])
  const messages = await tx.run('delete from messages where conversation_id = any(?::uuid[])', [conversations])
  // Its prompt goes with it.
  await tx.run('delete from conversations where id = any(?::uuid[])', [conversations])
  return messages
}

/** Lines, amounts and dates stay; notes, addresses, reasons and references may name somebody. @returns how many orders there are */
export async function forgetInOrders(tx: Tx, id: CustomerId): Promise<number> {
  const orders = await tx.run(
    `update orders set note = '', address = null, cancel_reason = null, version = version + 1 where customer_id = ?`,
    [id],
  )
  await tx.run(
    `update order_events e set data = (
       select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(e.data)
       where jsonb_typeof(value) in ('number', 'boolean'))
     from orders o where o.customer_id = ? and e.order_id = o.id and e.data <> '{}'`,
    [id],
  )
  await tx.run(
    `update payments p set reference = '', proof_media = null
     from orders o where o.customer_id = ? and p.order_id = o.id`,
    [id],
  )
  return orders
}

/** An account of their own is nobody's and opens no door. */
async function forgetAccount(tx: Tx, id: CustomerId): Promise<void> {
  await tx.run('delete from invites i using users u where u.customer_id = ? and i.email = u.email', [id])
  await tx.run(
    `update audit_log a set ip = null from users u where u.customer_id = ? and (a.actor_id = u.id or a.subject = u.id::text)`,
    [id],
  )
  await tx.run(
    `update users set email = 'erased-' || id || '@invalid', name = '', password_hash = '-', status = 'disabled',
       requested_role = null, customer_id = null, token_version = token_version + 1, version = version + 1
     where customer_id = ?`,
    [id],
  )
}

/** Logs hold ids; what slipped in beside them goes. A kept answer of the API is emptied: the request stays one that was carried out. */
async function scrubLogs(tx: Tx, orgId: OrgId, { ids, words }: Traces): Promise<void> {
  const found = words.map(containing)
  for (const column of ['before', 'after'])
    await tx.run(
      `update audit_log set ${column} = '{"erased":true}' where org_id = ? and ${column}::text like any(?::text[])`,
      [orgId, found],
    )
  await tx.run(`update event_log set payload = '{}' where org_id = ? and payload::text like any(?::text[])`, [
    orgId,
    found,
  ])
  await tx.run(
    `update idempotency_keys set response = jsonb_build_object('body', '{}', 'location', null)
     where response::text like any(?::text[])`,
    [[...found, ...ids.map(containing)]],
  )
}
