// /api/users: the people of the shop. Admins decide about everybody, managers about the employees and customers of their team (domain/team.ts);
// who is disabled or leaves loses WhatsApp as well.

import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { asId, type CustomerId, type UserId } from '../../domain/ids.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { appendAudit } from '../../persistence/audit.ts'
import { changeUser, listUsers, noUser, present, type UserChange } from '../../persistence/user-changes.ts'
import { leave, mayLeave } from '../../persistence/user-leaving.ts'
import { createUser, type User } from '../../persistence/users.ts'
import type { Api } from '../api.ts'
import { byOf } from '../by.ts'
import type { Cursors } from '../cursor.ts'
import type { AppDeps } from '../deps.ts'
import { etag, ifMatch } from '../if-match.ts'
import { readPage, writePage } from '../pages.ts'
import { isCommonPassword, type Passwords } from '../passwords.ts'
import { callerOf } from '../plugins/auth.ts'
import { userView as userSchema } from '../schemas/auth.ts'
import { idParams, listOf } from '../schemas/common.ts'
import {
  approveBody,
  userAnswer,
  userBody,
  userCreateBody,
  userDeleteAnswer,
  userDeleteQuery,
  usersQuery,
} from '../schemas/users.ts'
import { callerScope } from '../scope.ts'
import { decideSignup } from '../signup-decision.ts'
import { userView } from '../views.ts'

const LIST = 'users:email'
const CHANGES = ['stale-version', 'last-admin', 'unknown-user', 'unknown-customer', 'invalid-parameter'] as const
const AWAY = ['session-timeout', 'mailbox-full', 'overloaded', 'owner-moved'] as const

/** A user as an answer, with the version a change of it may name. */
function shown(reply: FastifyReply, user: User) {
  etag(reply, user.version)
  return { user: userView(user) }
}

export function userRoutes(api: Api, deps: AppDeps, passwords: Passwords, cursors: Cursors): void {
  api.get(
    '/api/users',
    {
      config: { access: 'team:read', refusals: ['invalid-cursor'] },
      schema: {
        tags: ['Users'],
        summary: 'Users, by address',
        description: 'Admins see all, managers themselves and their team.',
        querystring: usersQuery,
        response: { 200: listOf(userSchema) },
      },
    },
    async (request, reply) => {
      const { q, role, status, ...query } = request.query
      const page = readPage(cursors, LIST, query)
      if (!page.ok) return reply.refuse(page.refusal)
      const scope = await callerScope(deps.db, callerOf(request))
      const found = await listUsers(deps.db, deps.organization.id, scope, { q, role, status }, page.value)
      return writePage(cursors, LIST, page.value, found, userView)
    },
  )

  api.get(
    '/api/users/:id',
    {
      config: { access: 'team:read' },
      schema: { tags: ['Users'], summary: 'One user', params: idParams, response: { 200: userAnswer } },
    },
    async (request, reply) => {
      const id = asId<UserId>(request.params.id)
      const scope = await callerScope(deps.db, callerOf(request))
      const seen = scope.kind === 'all' || (scope.kind === 'users' && scope.ids.includes(id))
      const user = seen ? await present(deps.db, deps.organization.id, id) : null
      if (user === null) return reply.refuse(noUser.refusal)
      return shown(reply, user)
    },
  )

  api.post(
    '/api/users',
    {
      config: { access: 'team:write', refusals: ['email-taken', 'password-too-common'] },
      schema: {
        tags: ['Users'],
        summary: 'Add a user',
        description: 'Admins add anybody; managers add employees and customers to their team.',
        body: userCreateBody,
        response: { 201: userAnswer },
      },
    },
    async (request, reply) => {
      const { email, password, name, role } = request.body
      if (isCommonPassword(password))
        return reply.refuse({
          code: 'password-too-common',
          message: 'This password is among the first that attackers try. Choose another one.',
          errors: [{ path: 'password', code: 'too-common', message: 'is too common' }],
        })
      const caller = callerOf(request)
      const decided = decideSignup({
        wanted: role,
        invited: null,
        adminExists: true,
        caller,
        mode: 'closed',
        setupTokenRight: true,
      })
      if (!decided.ok) return reply.refuse(decided.refusal)
      const passwordHash = await passwords.hash(password)
      const by = byOf(deps, request)
      const made = await deps.db.transaction(async (tx): Promise<Result<User, 'email-taken'>> => {
        const { orgId } = by
        const id = asId<UserId>(deps.newId())
        const user = await createUser(tx, { id, orgId, email, name, passwordHash, ...decided.value })
        if (!user.ok) return refuse('email-taken', 'There is an account with this e-mail address.')
        await appendAudit(tx, { ...by, action: 'user.create', subject: id, after: { role } })
        return ok(user.value)
      })
      if (!made.ok) return reply.refuse(made.refusal)
      reply.header('location', `/api/users/${made.value.id}`)
      etag(reply, made.value.version)
      return reply.code(201).send({ user: userView(made.value) })
    },
  )

  api.patch(
    '/api/users/:id',
    {
      config: { access: 'team:write', refusals: CHANGES },
      schema: {
        tags: ['Users'],
        summary: 'Change a user',
        description: 'Another role, or being disabled, ends every token at once. The last active admin stays one.',
        params: idParams,
        body: userBody,
        response: { 200: userAnswer },
      },
    },
    async (request, reply) => {
      const { managerId, customerId, ...plain } = request.body
      const change = {
        ...plain,
        managerId: managerId == null ? managerId : asId<UserId>(managerId),
        customerId: customerId == null ? customerId : asId<CustomerId>(customerId),
      }
      const expected = ifMatch(request)
      if (!expected.ok) return reply.refuse(expected.refusal)
      const changed = await applied(request, expected.value, () => change, 'user.change')
      if (!changed.ok) return reply.refuse(changed.refusal)
      return shown(reply, changed.value)
    },
  )

  api.post(
    '/api/users/:id/approve',
    {
      config: { access: 'team:write', bodyOptional: true, refusals: CHANGES },
      schema: {
        tags: ['Users'],
        summary: 'Let somebody in, in the role they asked for or another',
        params: idParams,
        body: approveBody,
        response: { 200: userAnswer },
      },
    },
    async (request, reply) => {
      const { role } = request.body
      const approval = (user: User): UserChange => ({
        role: role ?? user.requestedRole ?? user.role,
        status: 'active',
        decided: true,
      })
      const changed = await applied(request, null, approval, 'user.approve')
      if (!changed.ok) return reply.refuse(changed.refusal)
      return shown(reply, changed.value)
    },
  )

  api.post(
    '/api/users/:id/disable',
    {
      config: { access: 'team:write', bodyOptional: true, refusals: CHANGES },
      schema: {
        tags: ['Users'],
        summary: 'Lock somebody out, and disconnect their WhatsApp',
        params: idParams,
        body: z.strictObject({}),
        response: { 200: userAnswer },
      },
    },
    async (request, reply) => {
      const changed = await applied(request, null, () => ({ status: 'disabled' }), 'user.disable')
      if (!changed.ok) return reply.refuse(changed.refusal)
      return shown(reply, changed.value)
    },
  )

  api.delete(
    '/api/users/:id',
    {
      config: { access: 'team:write', refusals: ['last-admin', 'unknown-user', ...AWAY] },
      schema: {
        tags: ['Users'],
        summary: 'Somebody leaves',
        description:
          'Logs their WhatsApp out and destroys its keys. With `moveTo` their conversations, contacts and orders go to a colleague; else they stay where they are, seen by managers and admins.',
        params: idParams,
        querystring: userDeleteQuery,
        response: { 200: userDeleteAnswer },
      },
    },
    async (request, reply) => {
      const id = asId<UserId>(request.params.id)
      const { moveTo } = request.query
      const heir = moveTo === undefined ? null : asId<UserId>(moveTo)
      const caller = callerOf(request)
      const wanted = { caller, scope: await callerScope(deps.db, caller), id, expectedVersion: null }
      const by = byOf(deps, request)
      const allowed = await mayLeave(deps.db, wanted, heir, by)
      if (!allowed.ok) return reply.refuse(allowed.refusal)
      const ended = await deps.sessions.ask(id, 'session.disconnect', { unlink: true })
      if (!ended.ok) return reply.refuse(ended.refusal)
      const left = await leave(deps.db, wanted, heir, deps.now(), by)
      if (!left.ok) return reply.refuse(left.refusal)
      return { deleted: { userId: id, conversationsMoved: left.value.conversations } }
    },
  )

  /** Changes a user, and ends their connection when they may not act any more. */
  async function applied(
    request: Parameters<typeof callerOf>[0] & { readonly params: { readonly id: string } },
    expectedVersion: number | null,
    changeOf: (before: User) => UserChange,
    action: string,
  ) {
    const caller = callerOf(request)
    const id = asId<UserId>(request.params.id)
    const wanted = { caller, scope: await callerScope(deps.db, caller), id, expectedVersion }
    const changed = await changeUser(deps.db, wanted, changeOf, action, byOf(deps, request))
    if (changed.ok && (changed.value.status === 'disabled' || changed.value.role === 'customer')) {
      const ended = await deps.sessions.ask(id, 'session.disconnect', { unlink: false })
      if (!ended.ok) request.log.warn({ userId: id, code: ended.refusal.code }, 'a disabled user is still connected')
    }
    return changed
  }
}
