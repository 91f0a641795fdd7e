// The people who log in. Stores them as they are decided elsewhere: who may become what is the sign-up's decision, taken
// under `lockOrganization`; whose rows they see is domain/access.ts.
import type { Role, UserStatus } from '../domain/access.ts'
import type { CustomerId, OrgId, UserId } from '../domain/ids.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import type { Queryable, Tx } from './database.ts'

export interface User {
  readonly id: UserId
  readonly orgId: OrgId
  readonly email: string
  readonly name: string
  readonly role: Role
  /** The role asked for at sign-up that nobody has granted yet. */
  readonly requestedRole: Role | null
  readonly status: UserStatus
  readonly managerId: UserId | null
  /** Goes up to make every token of the user invalid. */
  readonly tokenVersion: number
  readonly createdAt: Date
  readonly lastLoginAt: Date | null
  /** The customer this account is, for the role customer; null until somebody says which. */
  readonly customerId: CustomerId | null
  readonly version: number
}

export interface NewUser {
  readonly id: UserId
  readonly orgId: OrgId
  readonly email: string
  readonly name: string
  readonly passwordHash: string
  readonly role: Role
  readonly requestedRole: Role | null
  readonly status: UserStatus
  readonly managerId: UserId | null
}

export interface UserRow {
  readonly id: UserId
  readonly org_id: OrgId
  readonly email: string
  readonly name: string
  readonly password_hash: string
  readonly role: Role
  readonly requested_role: Role | null
  readonly status: UserStatus
  readonly manager_id: UserId | null
  readonly token_version: number
  readonly created_at: Date
  readonly last_login_at: Date | null
  readonly customer_id: CustomerId | null
  readonly version: number
}

/** A row of the table as a user. */
export function toUser(row: UserRow): User {
  return {
    id: row.id,
    orgId: row.org_id,
    email: row.email,
    name: row.name,
    role: row.role,
    requestedRole: row.requested_role,
    status: row.status,
    managerId: row.manager_id,
    tokenVersion: row.token_version,
    createdAt: row.created_at,
    lastLoginAt: row.last_login_at,
    customerId: row.customer_id,
    version: row.version,
  }
}

/** E-mail addresses are compared and stored in lower case. */
function emailKey(email: string): string {
  return email.trim().toLowerCase()
}

/** Stores a new user; `email-taken` when the address is in use, in any case of letters. */
export async function createUser(tx: Tx, user: NewUser): Promise<Result<User, 'email-taken'>> {
  const rows = await tx.rows<UserRow>(
    `insert into users (id, org_id, email, name, password_hash, role, requested_role, status, manager_id)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (email) do nothing returning *`,
    [
      user.id,
      user.orgId,
      emailKey(user.email),
      user.name,
      user.passwordHash,
      user.role,
      user.requestedRole,
      user.status,
      user.managerId,
    ],
  )
  const [row] = rows
  if (row === undefined) return refuse('email-taken', 'This e-mail address has an account already. Log in instead.')
  return ok(toUser(row))
}

/** A user with the hash of their password, for logging in. */
export async function findUserByEmail(
  q: Queryable,
  email: string,
): Promise<(User & { readonly passwordHash: string }) | null> {
  const [row] = await q.rows<UserRow>('select * from users where email = ?', [emailKey(email)])
  return row === undefined ? null : { ...toUser(row), passwordHash: row.password_hash }
}

export async function findUser(q: Queryable, id: UserId): Promise<User | null> {
  const [row] = await q.rows<UserRow>('select * from users where id = ?', [id])
  return row === undefined ? null : toUser(row)
}

/** How many admins there are, active or not: a disabled admin still keeps strangers from becoming one. */
export async function countAdmins(tx: Queryable, orgId: OrgId): Promise<number> {
  const [row] = await tx.rows<{ n: number }>(
    `select count(*)::int as n from users where org_id = ? and role = 'admin'`,
    [orgId],
  )
  return row?.n ?? 0
}

/**
 * Locks the organisation's row until the transaction ends: decisions that look at the whole organisation (the first
 * admin, names of products) are taken one after the other. Does not hold up rows that merely refer to it.
 */
export async function lockOrganization(tx: Tx, orgId: OrgId): Promise<void> {
  await tx.run('select 1 from organizations where id = ? for no key update', [orgId])
}

export async function touchLogin(q: Queryable, id: UserId, at: Date): Promise<void> {
  await q.run('update users set last_login_at = ? where id = ?', [at, id])
}

/** False until the first person has signed up. */
export async function anyUsers(q: Queryable): Promise<boolean> {
  const [row] = await q.rows<{ found: boolean }>('select exists (select from users) as found')
  return row?.found ?? false
}
