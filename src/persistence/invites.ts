// Invites: a role that somebody may take who has the token, once, within a time. Of the token only a hash is kept.

import type { Role } from '../domain/access.ts'
import type { OrgId, UserId } from '../domain/ids.ts'
import type { Queryable, Tx } from './database.ts'

export interface Invite {
  readonly id: string
  readonly role: Role
  /** For this address alone; null: for anybody who has the token. */
  readonly email: string | null
  readonly expiresAt: Date
  readonly usedAt: Date | null
  readonly usedBy: UserId | null
  readonly createdBy: UserId
  readonly createdAt: Date
}

const COLUMNS = `id, role, email, expires_at as "expiresAt", used_at as "usedAt", used_by as "usedBy", created_by as "createdBy",
  created_at as "createdAt"`

export interface NewInvite {
  readonly id: string
  readonly orgId: OrgId
  readonly role: Role
  readonly email: string | null
  readonly tokenHash: Uint8Array
  readonly expiresAt: Date
  readonly createdBy: UserId
}

export async function createInvite(tx: Tx, invite: NewInvite): Promise<Invite> {
  const { id, orgId, role, email, tokenHash, expiresAt, createdBy } = invite
  const [row] = await tx.rows<Invite>(
    `insert into invites (id, org_id, role, email, token_hash, expires_at, created_by) values (?, ?, ?, ?, ?, ?, ?)
     returning ${COLUMNS}`,
    [id, orgId, role, email, tokenHash, expiresAt, createdBy],
  )
  if (row === undefined) throw new Error('the invite just written is not there')
  return row
}

/** All of them, the newest first: there are few. */
export function listInvites(q: Queryable, orgId: OrgId, limit: number): Promise<readonly Invite[]> {
  return q.rows<Invite>(`select ${COLUMNS} from invites where org_id = ? order by id desc limit ?`, [orgId, limit])
}

/** The invite of this token if it counts for this address now; locked, so that it counts once. */
export async function findInvite(
  tx: Tx,
  tokenHash: Uint8Array,
  email: string,
  now: Date,
): Promise<Pick<Invite, 'id' | 'role'> | null> {
  const [row] = await tx.rows<Pick<Invite, 'id' | 'role'>>(
    `select id, role from invites where token_hash = ? and used_at is null and expires_at > ?
       and (email is null or email = ?) for update`,
    [tokenHash, now, email],
  )
  return row ?? null
}

export async function useInvite(tx: Tx, id: string, by: UserId, at: Date): Promise<void> {
  await tx.run('update invites set used_at = ?, used_by = ? where id = ?', [at, by, id])
}

/** Withdraws an invite nobody used. @returns false when there is none such */
export async function withdrawInvite(tx: Tx, orgId: OrgId, id: string): Promise<boolean> {
  return (await tx.run('delete from invites where id = ? and org_id = ? and used_at is null', [id, orgId])) > 0
}
