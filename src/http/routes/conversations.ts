// /api/whatsapp/conversations: what was said, within one's scope. Reading somebody else's is allowed to managers and admins, and is
// written to the audit log.

import { z } from 'zod'
import { inScope } from '../../domain/access.ts'
import { asId, type ConversationId, type MessageId, type UserId } from '../../domain/ids.ts'
import { appendAudit } from '../../persistence/audit.ts'
import { changeConversation } from '../../persistence/conversation-changes.ts'
import {
  type ConversationView,
  findConversation,
  listConversations,
  markRead,
} from '../../persistence/conversations.ts'
import { listMessages, type MessageView } from '../../persistence/messages.ts'
import type { Api } from '../api.ts'
import { byOf } from '../by.ts'
import type { Cursors } from '../cursor.ts'
import type { AppDeps } from '../deps.ts'
import { etag, ifMatch } from '../if-match.ts'
import { readPage, writePage } from '../pages.ts'
import { callerOf } from '../plugins/auth.ts'
import { idParams, listOf } from '../schemas/common.ts'
import {
  conversationAnswer,
  conversationBody,
  conversationsQuery,
  conversationView,
  messagesQuery,
  messageView,
} from '../schemas/conversations.ts'
import { callerScope, ownScope } from '../scope.ts'
import { iso, isoOrNull, maskedOrNull } from '../views.ts'

const LIST = 'conversations:latest'
const OLDER = 'messages:older'
const NEWER = 'messages:newer'
const MINUTE_MS = 60_000
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
      const { q, unread, owner, userId, assigneeId, attention, archived, ...query } = request.query
      const page = readPage(cursors, LIST, query)
      if (!page.ok) return reply.refuse(page.refusal)
      const caller = callerOf(request)
      const scope = await callerScope(deps.db, caller)
      const user = (text: string | undefined) => (text === undefined ? undefined : asId<UserId>(text))
      const filter = { q, unread, owner, attention, archived, userId: user(userId), assigneeId: user(assigneeId) }
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

  api.patch(
    '/api/whatsapp/conversations/:id',
    {
      config: {
        access: 'whatsapp:send',
        refusals: ['conversation-not-found', 'stale-version', 'unknown-user', 'invalid-parameter'],
      },
      schema: {
        tags: ['Conversations'],
        summary: 'Pause or resume the bot in a chat, assign it, say which language the customer speaks',
        params: idParams,
        body: conversationBody,
        response: { 200: conversationAnswer },
      },
    },
    async (request, reply) => {
      const expected = ifMatch(request)
      if (!expected.ok) return reply.refuse(expected.refusal)
      const caller = callerOf(request)
      const scope = await callerScope(deps.db, caller)
      const { botPaused, pauseMinutes, assigneeId, language } = request.body
      const minutes = pauseMinutes ?? deps.organization.settings.bot.pauseMinutes
      const pauses = botPaused === true || pauseMinutes !== undefined
      const resumes = botPaused === false ? null : undefined
      const changed = await changeConversation(
        deps.db,
        scope,
        asId<ConversationId>(request.params.id),
        {
          pausedUntil: pauses ? new Date(deps.now().getTime() + minutes * MINUTE_MS) : resumes,
          assigneeId: assigneeId == null ? assigneeId : asId<UserId>(assigneeId),
          language,
        },
        expected.value,
        // Also up: an employee gives a chat to their manager.
        (user) => inScope(scope, { userId: user }) || user === caller.managerId,
        byOf(deps, request),
      )
      if (!changed.ok) return reply.refuse(changed.refusal)
      etag(reply, changed.value.version)
      return { conversation: conversation(changed.value) }
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
  const { id, userId, customer, lastMessage, unread, owner, openOrders, assigneeId, archived, version } = row
  return {
    id,
    customer: {
      id: customer.id,
      name: customer.name,
      phoneMasked: maskedOrNull(customer.phone),
      optedOut: customer.optedOut,
      language: customer.language,
    },
    userId,
    lastMessage: lastMessage === null ? null : { ...lastMessage, at: iso(lastMessage.at) },
    unread,
    owner,
    botPausedUntil: isoOrNull(row.botPausedUntil),
    attention: [...row.attention],
    assigneeId,
    archived,
    version,
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
    edits: [...row.edits],
    revokedAt: isoOrNull(row.revokedAt),
    at: iso(row.at),
  }
}
