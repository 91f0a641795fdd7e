// Changes to people who log in, under the organisation's lock where it is about admins: one who can act is always left. What a role or a status was
// before is written down; a role, a status or a password that changes ends every token.
import type { Role, Scope, UserStatus } from '../domain/access.ts'
import type { CustomerId, OrgId, UserId } from '../domain/ids.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import { stale } from '../domain/stale.ts'
import { type Colleague, mayChange } from '../domain/team.ts'
import { appendAudit } from './audit.ts'
import type { By } from './customers.ts'
import type { Database, Queryable, Tx } from './database.ts'
import { appendEvent } from './events.ts'
import { conditions, containing, type Page, type Paged, paged } from './page.ts'
import { customerScopeSql, scopeSql, teamOf } from './scope.ts'
import { findUser, lockOrganization, toUser, type User, type UserRow } from './users.ts'

export interface UserFilter {
  /** Part of the name or the address. */
  readonly q?: string | undefined
  readonly role?: Role | undefined
  readonly status?: UserStatus | undefined
}

/** The users within the scope, by address; who left is not among them. */
export async function listUsers(
  q: Queryable,
  orgId: OrgId,
  scope: Scope,
  filter: UserFilter,
  page: Page,
): Promise<Paged<User>> {
  const where = conditions()
  const within = scopeSql(scope, 'u.id')
  where.add('u.org_id = ? and u.deleted_at is null', orgId)
  where.add(within.sql, ...within.params)
  if (filter.role !== undefined) where.add('u.role = ?', filter.role)
  if (filter.status !== undefined) where.add('u.status = ?', filter.status)
  if (filter.q !== undefined) where.add('u.name ilike ? or u.email ilike ?', containing(filter.q), containing(filter.q))
  if (page.cursor !== undefined) where.add('(u.email, u.id) > (?, ?::uuid)', page.cursor.key, page.cursor.id)
  const rows = await q.rows<UserRow>(`select * from users u where ${where.sql()} order by u.email, u.id limit ?`, [
    ...where.params,
    page.limit + 1,
  ])
  return paged(rows, page.limit, (row) => ({ key: row.email, id: row.id }), toUser)
}

export interface UserChange {
  readonly name?: string | undefined
  readonly role?: Role | undefined
  readonly status?: UserStatus | undefined
  readonly managerId?: UserId | null | undefined
  readonly customerId?: CustomerId | null | undefined
  /** What they asked for is granted or not, and off the table. */
  readonly decided?: boolean | undefined
}

export interface UserRequest {
  readonly caller: Colleague
  readonly scope: Scope
  readonly id: UserId
  readonly expectedVersion: number | null
}

export const noUser = refuse('not-found', 'There is no such user, or they are not yours to see.')

type Refused = 'not-found' | 'forbidden' | 'stale-version' | 'last-admin' | 'unknown-user' | 'unknown-customer'

export function changeUser(
  db: Database,
  request: UserRequest,
  changeOf: (before: User) => UserChange,
  action: string,
  by: By,
): Promise<Result<User, Refused>> {
  return db.transaction(async (tx): Promise<Result<User, Refused>> => {
    const { caller, scope, id, expectedVersion } = request
    await lockOrganization(tx, by.orgId)
    const before = await present(tx, by.orgId, id)
    if (before === null) return noUser
    const change = changeOf(before)
    const allowed = mayChange(caller, scope, before, change.role ?? null)
    if (!allowed.ok) return allowed
    if (expectedVersion !== null && expectedVersion !== before.version) return stale(before.version)
    const { role = before.role, status = before.status, name = before.name } = change
    const managerId = change.managerId === undefined ? before.managerId : change.managerId
    const wantedCustomer = change.customerId === undefined ? before.customerId : change.customerId
    const customerId = role === 'customer' ? wantedCustomer : null
    if (change.managerId !== undefined) {
      const fine = await mayManage(tx, request, id, change.managerId)
      if (!fine.ok) return fine
    }
    if (change.customerId !== undefined && change.customerId !== null) {
      const fine = await isCustomer(tx, scope, role, change.customerId)
      if (!fine.ok) return fine
    }
    const kept = await adminIsLeft(tx, before, role, status)
    if (!kept.ok) return kept
    const ends = role !== before.role || (status !== before.status && status !== 'active')
    const [row] = await tx.rows<UserRow>(
      `update users set name = ?, role = ?, status = ?, manager_id = ?, customer_id = ?,
         requested_role = case when ? then null else requested_role end, token_version = token_version + ?,
         version = version + 1 where id = ? returning *`,
      [name, role, status, managerId, customerId, role !== before.role || change.decided === true, ends ? 1 : 0, id],
    )
    if (row === undefined) return noUser
    const shown = (user: {
      role: Role
      status: UserStatus
      managerId: UserId | null
      customerId: CustomerId | null
    }) => ({
      role: user.role,
      status: user.status,
      managerId: user.managerId,
      customerId: user.customerId,
    })
    const after = toUser(row)
    await appendAudit(tx, { ...by, action, subject: id, before: shown(before), after: shown(after) })
    await appendEvent(tx, { orgId: by.orgId, type: 'user.updated', subject: id, userId: id })
    return ok(after)
  })
}

/** A user who has not left. */
export async function present(tx: Queryable, orgId: OrgId, id: UserId): Promise<User | null> {
  const [row] = await tx.rows<UserRow>('select * from users where id = ? and org_id = ? and deleted_at is null', [
    id,
    orgId,
  ])
  return row === undefined ? null : toUser(row)
}

/** Somebody who can let others in is left when this one has another role or status. Under the organisation's lock. */
export async function adminIsLeft(
  tx: Tx,
  user: User,
  role: Role | null,
  status: UserStatus,
): Promise<Result<null, 'last-admin'>> {
  const acts = user.role === 'admin' && user.status === 'active'
  if (!acts || (role === 'admin' && status === 'active')) return ok(null)
  const [other] = await tx.rows(
    `select from users where org_id = ? and role = 'admin' and status = 'active' and id <> ? limit 1`,
    [user.orgId, user.id],
  )
  if (other !== undefined) return ok(null)
  return refuse('last-admin', 'This is the last active admin. Make somebody else an admin first.')
}

async function mayManage(
  tx: Tx,
  { caller, scope }: UserRequest,
  id: UserId,
  managerId: UserId | null,
): Promise<Result<null, 'unknown-user' | 'forbidden'>> {
  if (managerId === null)
    return caller.role === 'admin' ? ok(null) : refuse('forbidden', 'Ask an admin to take somebody out of your team.')
  const manager = await findUser(tx, managerId)
  const seen = scope.kind === 'all' || (scope.kind === 'users' && scope.ids.includes(managerId))
  const leads =
    manager !== null && manager.status === 'active' && (manager.role === 'manager' || manager.role === 'admin')
  if (!seen || !leads || managerId === id || (await teamOf(tx, id)).includes(managerId))
    return refuse('unknown-user', 'A manager is an active manager or admin whom you see, and not below the user.', {
      errors: [{ path: 'managerId', code: 'unknown-user', message: 'cannot be the manager' }],
    })
  return ok(null)
}

async function isCustomer(tx: Tx, scope: Scope, role: Role, id: CustomerId): Promise<Result<null, 'unknown-customer'>> {
  const within = customerScopeSql(scope, 'cu.id')
  const [row] = await tx.rows(`select from customers cu where cu.id = ? and cu.deleted_at is null and ${within.sql}`, [
    id,
    ...within.params,
  ])
  if (row !== undefined && role === 'customer') return ok(null)
  return refuse('unknown-customer', 'An account of the role customer is linked to a customer whom you see.', {
    errors: [{ path: 'customerId', code: 'unknown-customer', message: 'cannot be linked' }],
  })
}

/** A new password, or none: every token ends. @returns the user as they are now */
export async function newPassword(tx: Tx, id: UserId, passwordHash: string | null): Promise<User | null> {
  const [row] = await tx.rows<UserRow>(
    `update users set password_hash = coalesce(?, password_hash), token_version = token_version + 1, version = version + 1
     where id = ? returning *`,
    [passwordHash, id],
  )
  return row === undefined ? null : toUser(row)
}

export async function rename(tx: Tx, id: UserId, name: string): Promise<User | null> {
  const [row] = await tx.rows<UserRow>('update users set name = ?, version = version + 1 where id = ? returning *', [
    name,
    id,
  ])
  return row === undefined ? null : toUser(row)
}
