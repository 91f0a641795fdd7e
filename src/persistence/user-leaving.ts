// Somebody leaves for good: their keys are destroyed and their address is free. What they sold stays under their name; conversations, contacts and
// orders go to somebody else where that is wanted. That their WhatsApp is logged out before is the caller's part.

import type { ConversationId, UserId } from '../domain/ids.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import { mayChange } from '../domain/team.ts'
import { appendAudit } from './audit.ts'
import { joinChats } from './customer-merge.ts'
import type { By } from './customers.ts'
import type { Database, Tx } from './database.ts'
import { appendEvent } from './events.ts'
import { adminIsLeft, noUser, present, type UserRequest } from './user-changes.ts'
import { lockOrganization } from './users.ts'

type Refused = 'not-found' | 'forbidden' | 'last-admin' | 'unknown-user'

export interface Left {
  readonly conversations: number
}

/** Whether they may be removed at all, before anything is ended. */
export function mayLeave(
  db: Database,
  request: UserRequest,
  moveTo: UserId | null,
  by: By,
): Promise<Result<null, Refused>> {
  return db.transaction((tx) => check(tx, request, moveTo, by))
}

/** @param moveTo gets their conversations, contacts and orders; null: they stay where they are */
export function leave(
  db: Database,
  request: UserRequest,
  moveTo: UserId | null,
  at: Date,
  by: By,
): Promise<Result<Left, Refused>> {
  return db.transaction(async (tx): Promise<Result<Left, Refused>> => {
    const allowed = await check(tx, request, moveTo, by)
    if (!allowed.ok) return allowed
    const { id } = request
    await tx.run('delete from creds where session_id = ?', [id])
    await tx.run('delete from key where session_id = ?', [id])
    await tx.run(
      `update session set desired = 'stopped', reason = null, phone = null, lid = null, push_name = null, updated_at = now()
       where id = ?`,
      [id],
    )
    await dropUnsent(tx, id)
    const conversations = moveTo === null ? 0 : await moveAll(tx, id, moveTo)
    await tx.run('update users set manager_id = (select manager_id from users where id = ?) where manager_id = ?', [
      id,
      id,
    ])
    await tx.run('update conversations set assignee_id = null where assignee_id = ?', [id])
    await tx.run(
      `update users set email = 'left-' || id || '@invalid', password_hash = '-', status = 'disabled', requested_role = null,
         customer_id = null, token_version = token_version + 1, version = version + 1, deleted_at = ? where id = ?`,
      [at, id],
    )
    await appendAudit(tx, { ...by, action: 'user.delete', subject: id, after: { moveTo, conversations } })
    await appendEvent(tx, { orgId: by.orgId, type: 'user.deleted', subject: id, userId: id })
    return ok({ conversations })
  })
}

async function check(tx: Tx, request: UserRequest, moveTo: UserId | null, by: By): Promise<Result<null, Refused>> {
  const { caller, scope, id } = request
  await lockOrganization(tx, by.orgId)
  const user = await present(tx, by.orgId, id)
  if (user === null) return noUser
  const allowed = mayChange(caller, scope, user, null)
  if (!allowed.ok) return allowed
  const kept = await adminIsLeft(tx, user, null, 'disabled')
  if (!kept.ok) return kept
  if (moveTo === null) return ok(null)
  const heir = await present(tx, by.orgId, moveTo)
  const seen = scope.kind === 'all' || (scope.kind === 'users' && scope.ids.includes(moveTo))
  if (heir !== null && seen && moveTo !== id && heir.status === 'active' && heir.role !== 'customer') return ok(null)
  return refuse('unknown-user', 'Conversations go to an active colleague whom you see.')
}

/** What waited for their connection is never sent. */
async function dropUnsent(tx: Tx, id: UserId): Promise<void> {
  await tx.run(
    `with dropped as (
       delete from outbox where session_id = ? and state in ('queued','sending','held') returning message_id
     )
     update messages m set status = 'failed', error_code = 'send-failed' from dropped where m.id = dropped.message_id`,
    [id],
  )
}

/** @returns how many conversations went over */
async function moveAll(tx: Tx, from: UserId, to: UserId): Promise<number> {
  await tx.run(
    `delete from contacts gone using contacts kept
     where gone.user_id = ? and kept.user_id = ? and kept.customer_id = gone.customer_id`,
    [from, to],
  )
  await tx.run('update contacts set user_id = ? where user_id = ?', [to, from])
  const chats = await tx.rows<{ gone: ConversationId; kept: ConversationId | null }>(
    `select gone.id as gone, kept.id as kept from conversations gone
     left join conversations kept on kept.user_id = ? and kept.customer_id = gone.customer_id
     where gone.user_id = ? order by gone.id for update of gone`,
    [to, from],
  )
  await tx.run('update orders set user_id = ? where user_id = ?', [to, from])
  await tx.run(
    `update messages m set user_id = ? from conversations v where v.user_id = ? and m.conversation_id = v.id`,
    [to, from],
  )
  for (const { gone, kept } of chats) if (kept !== null) await joinChats(tx, gone, kept, to)
  // The address is sealed for the account it belongs to.
  await tx.run('update conversations set user_id = ?, reply_address = null, version = version + 1 where user_id = ?', [
    to,
    from,
  ])
  return chats.length
}
