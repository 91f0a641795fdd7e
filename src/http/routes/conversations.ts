// /api/whatsapp/conversations: what was said, within one's scope. Reading somebody else's is allowed to managers and admins, and is
// written to the audit log.

import { z } from 'zod'
import { asId, type ConversationId, type MessageId, type UserId } from '../../domain/ids.ts'
import { appendAudit } from '../../persistence/audit.ts'
import {
  type ConversationView,
  findConversation,
  listConversations,
  markRead,
} from '../../persistence/conversations.ts'
import { listMessages, type MessageView } from '../../persistence/messages.ts'
import type { Api } from '../api.ts'
import type { Cursors } from '../cursor.ts'
import type { AppDeps } from '../deps.ts'
import { readPage, writePage } from '../pages.ts'
import { callerOf } from '../plugins/auth.ts'
import { idParams, listOf } from '../schemas/common.ts'
import { conversationsQuery, conversationView, messagesQuery, messageView } from '../schemas/conversations.ts'
import { callerScope, ownScope } from '../scope.ts'
import { iso, isoOrNull, maskedOrNull } from '../views.ts'

const LIST = 'conversations:latest'
const OLDER = 'messages:older'
const NEWER = 'messages:newer'
const ABSENT = {
  code: 'conversation-not-found',
  message: 'There is no such conversation, or it is not yours to see.',
} as const

export function conversationRoutes(api: Api, deps: AppDeps, cursors: Cursors): void {
  const audit = (actorId: UserId, action: string, subject: string | null, ip: string, requestId: string) =>
    appendAudit(deps.db, { id: deps.newId(), orgId: deps.organization.id, actorId, action, subject, ip, requestId })

  api.get(
    '/api/whatsapp/conversations',
    {
      config: { access: 'conversations:read', refusals: ['invalid-cursor'] },
      schema: {
        tags: ['Conversations'],
        summary: 'Conversations, the latest first',
        description: 'One’s own; for managers also those of their team, for admins all. Looking at others’ is audited.',
        querystring: conversationsQuery,
        response: { 200: listOf(conversationView) },
      },
    },
    async (request, reply) => {
      const { q, unread, owner, userId, ...query } = request.query
      const page = readPage(cursors, LIST, query)
      if (!page.ok) return reply.refuse(page.refusal)
      const caller = callerOf(request)
      const scope = await callerScope(deps.db, caller)
      const filter = { q, unread, owner, userId: userId === undefined ? undefined : asId<UserId>(userId) }
      const found = await listConversations(deps.db, scope, filter, page.value)
      if (found.rows.some((row) => row.userId !== caller.id))
        await audit(caller.id, 'conversations.list', userId ?? null, request.ip, request.id)
      return writePage(cursors, LIST, page.value, found, conversation)
    },
  )

  api.get(
    '/api/whatsapp/conversations/:id/messages',
    {
      config: { access: 'conversations:read', refusals: ['conversation-not-found', 'invalid-cursor'] },
      schema: {
        tags: ['Conversations'],
        summary: 'Messages of a conversation, newest first',
        description: '`nextCursor` leads to older ones; with `after`, to newer ones.',
        params: idParams,
        querystring: messagesQuery,
        response: { 200: listOf(messageView) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const { limit, cursor, before, after } = request.query
      const older = cursor === undefined ? null : cursors.decode(OLDER, cursor)
      const newer = cursor === undefined ? null : cursors.decode(NEWER, cursor)
      if (older !== null && newer !== null && !older.ok && !newer.ok) return reply.refuse(older.refusal)
      const id = asId<ConversationId>(request.params.id)
      const found = await findConversation(deps.db, await callerScope(deps.db, caller), id)
      if (found === null) return reply.refuse(ABSENT)
      if (found.userId !== caller.id) await audit(caller.id, 'conversation.read', id, request.ip, request.id)
      const from = (text: string | undefined) => (text === undefined ? undefined : asId<MessageId>(text))
      const page = {
        limit,
        before: from(older?.ok === true ? older.value.id : before),
        after: from(newer?.ok === true ? newer.value.id : after),
      }
      const { rows, next } = await listMessages(deps.db, id, page)
      return writePage(cursors, page.after === undefined ? OLDER : NEWER, { limit }, { rows, next }, message)
    },
  )

  api.post(
    '/api/whatsapp/conversations/:id/read',
    {
      config: { access: 'conversations:read', refusals: ['conversation-not-found'] },
      schema: {
        tags: ['Conversations'],
        summary: 'Everything in my conversation has been seen',
        params: idParams,
        response: { 204: z.undefined().meta({ description: 'Done.' }) },
      },
    },
    async (request, reply) => {
      // Only the owner of the account: a manager who looks in has not read it for them.
      const done = await markRead(deps.db, ownScope(callerOf(request)), asId<ConversationId>(request.params.id))
      if (!done) return reply.refuse(ABSENT)
      return reply.code(204).send()
    },
  )
}

function conversation(row: ConversationView) {
  const { id, userId, customer, lastMessage, unread, owner, openOrders } = row
  return {
    id,
    customer: {
      id: customer.id,
      name: customer.name,
      phoneMasked: maskedOrNull(customer.phone),
      optedOut: customer.optedOut,
    },
    userId,
    lastMessage: lastMessage === null ? null : { ...lastMessage, at: iso(lastMessage.at) },
    unread,
    owner,
    botPausedUntil: isoOrNull(row.botPausedUntil),
    openOrders,
  }
}

function message(row: MessageView) {
  const { id, direction, author, type, text, status, errorCode, orderId } = row
  return {
    id,
    direction,
    author,
    type,
    text,
    media: row.media === null ? null : { ...row.media },
    reactions: [...row.reactions],
    quoted: row.quoted === null ? null : { id: row.quoted.id, text: row.quoted.text },
    status,
    errorCode,
    orderId,
    editedAt: isoOrNull(row.editedAt),
    revokedAt: isoOrNull(row.revokedAt),
    at: iso(row.at),
  }
}
