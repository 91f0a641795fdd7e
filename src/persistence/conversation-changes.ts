// Who answers in a conversation, and who looks after it: the bot is paused and resumed, the chat assigned. What the staff do counts at once; the bot
// reads it with its next message.

import type { Scope } from '../domain/access.ts'
import type { ConversationId, OrgId, UserId } from '../domain/ids.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import { stale } from '../domain/stale.ts'
import { appendAudit } from './audit.ts'
import { type ConversationView, findConversation } from './conversations.ts'
import type { By } from './customers.ts'
import type { Database, Queryable, Tx } from './database.ts'
import { appendEvent } from './events.ts'
import { findUser } from './users.ts'

export interface ConversationChange {
  /** Until then the bot is silent; null: it answers again, and nothing waits for a person. Left out: as it is. */
  readonly pausedUntil?: Date | null | undefined
  readonly assigneeId?: UserId | null | undefined
  /** Of the customer. */
  readonly language?: string | null | undefined
}

type Refused = 'conversation-not-found' | 'stale-version' | 'unknown-user'

/** @param mayAssign whether this user may be given the chat, as far as the caller's scope goes */
export function changeConversation(
  db: Database,
  scope: Scope,
  id: ConversationId,
  change: ConversationChange,
  expectedVersion: number | null,
  mayAssign: (user: UserId) => boolean,
  by: By,
): Promise<Result<ConversationView, Refused>> {
  return db.transaction(async (tx): Promise<Result<ConversationView, Refused>> => {
    await tx.run('select from conversations where id = ? for update', [id])
    const before = await findConversation(tx, scope, id)
    if (before === null) return noConversation
    if (expectedVersion !== null && expectedVersion !== before.version) return stale(before.version)
    const { pausedUntil, assigneeId, language } = change
    if (assigneeId != null && !(mayAssign(assigneeId) && (await works(tx, by.orgId, assigneeId))))
      return refuse('unknown-user', 'A conversation is assigned to an active colleague whom you see.', {
        errors: [{ path: 'assigneeId', code: 'unknown-user', message: 'cannot be assigned' }],
      })
    if (pausedUntil === null) await resumeBot(tx, id)
    else if (pausedUntil !== undefined) await pauseBot(tx, id, pausedUntil, 'staff')
    if (assigneeId !== undefined)
      await tx.run('update conversations set assignee_id = ? where id = ?', [assigneeId, id])
    if (language !== undefined)
      await tx.run('update customers set language = ?, version = version + 1 where id = ?', [
        language,
        before.customer.id,
      ])
    await tx.run('update conversations set version = version + 1 where id = ?', [id])
    await appendAudit(tx, {
      ...by,
      action: 'conversation.change',
      subject: id,
      before: { pausedUntil: before.botPausedUntil, assigneeId: before.assigneeId },
      after: { pausedUntil, assigneeId, language },
    })
    const after = await findConversation(tx, { kind: 'all' }, id)
    if (after === null) return noConversation
    const told = [after.userId, before.assigneeId, after.assigneeId]
    for (const userId of new Set(told.filter((each) => each !== null))) await tellChanged(tx, by.orgId, userId, id)
    return ok(after)
  })
}

const noConversation = refuse('conversation-not-found', 'There is no such conversation, or it is not yours to see.')

/** The bot is silent in this chat until then, at least. @param reason a word: who made it so */
async function pauseBot(tx: Queryable, id: ConversationId, until: Date, reason: string): Promise<void> {
  await tx.run('update conversations set bot_paused_until = ?, bot_pause_reason = ? where id = ?', [until, reason, id])
}

/** The bot answers again, and what waited for a person does no more. */
export async function resumeBot(tx: Queryable, id: ConversationId): Promise<void> {
  await tx.run(
    `update conversations set bot_paused_until = null, bot_pause_reason = null, handoff_at = null, loop_strikes = 0,
       attention = '{}' where id = ?`,
    [id],
  )
}

/** Somebody of the staff wrote: the bot stays out for a while, and what waited for a person has one. */
export async function staffWrote(tx: Tx, orgId: OrgId, userId: UserId, id: ConversationId, until: Date): Promise<void> {
  await tx.run(
    `update conversations set bot_paused_until = greatest(bot_paused_until, ?), bot_pause_reason = 'staff', attention = '{}',
       handoff_at = null where id = ?`,
    [until, id],
  )
  await tellChanged(tx, orgId, userId, id)
}

function tellChanged(tx: Tx, orgId: OrgId, userId: UserId, id: ConversationId): Promise<void> {
  return appendEvent(tx, { orgId, type: 'conversation.updated', subject: id, userId })
}

async function works(tx: Tx, orgId: OrgId, id: UserId): Promise<boolean> {
  const user = await findUser(tx, id)
  return user !== null && user.orgId === orgId && user.status === 'active' && user.role !== 'customer'
}
