// /api/auth/profile, /password and /logout-all: what a person changes about their own account. A role is nothing one gives oneself.

import { z } from 'zod'
import { appendAudit } from '../../persistence/audit.ts'
import { newPassword, rename } from '../../persistence/user-changes.ts'
import { findUserByEmail } from '../../persistence/users.ts'
import type { Api } from '../api.ts'
import { makeAttempts } from '../attempts.ts'
import { byOf } from '../by.ts'
import type { AppDeps } from '../deps.ts'
import { isCommonPassword, type Passwords } from '../passwords.ts'
import { callerOf, issueToken } from '../plugins/auth.ts'
import { loginAnswer, passwordBody, profileBody } from '../schemas/auth.ts'
import { userAnswer } from '../schemas/users.ts'
import { userView } from '../views.ts'

export function profileRoutes(api: Api, deps: AppDeps, passwords: Passwords): void {
  const attempts = makeAttempts(deps.limits, 'password')

  api.patch(
    '/api/auth/profile',
    {
      config: { access: 'profile:read' },
      schema: { tags: ['Authentication'], summary: 'Change my name', body: profileBody, response: { 200: userAnswer } },
    },
    async (request) => {
      const caller = callerOf(request)
      const changed = await deps.db.transaction((tx) => rename(tx, caller.id, request.body.name))
      return { user: userView(changed ?? caller) }
    },
  )

  api.post(
    '/api/auth/password',
    {
      config: {
        access: 'profile:read',
        refusals: ['invalid-credentials', 'password-too-common', 'too-many-attempts'],
      },
      schema: {
        tags: ['Authentication'],
        summary: 'Change my password',
        description: 'Every token ends, also the one that asks; the answer has a new one.',
        body: passwordBody,
        response: { 200: loginAnswer },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const { currentPassword, newPassword: wanted } = request.body
      const waitSeconds = await attempts.begin(caller.email, request.ip)
      if (waitSeconds > 0)
        return reply.refuse({
          code: 'too-many-attempts',
          message: `Too many failed attempts for this account. Try again in ${waitSeconds} seconds.`,
          retryAfterSeconds: waitSeconds,
        })
      const stored = await findUserByEmail(deps.db, caller.email)
      if (!(await passwords.matches(stored?.passwordHash ?? null, currentPassword)))
        return reply.refuse({ code: 'invalid-credentials', message: 'The present password is wrong.' })
      await attempts.succeeded(caller.email, request.ip)
      if (isCommonPassword(wanted))
        return reply.refuse({
          code: 'password-too-common',
          message: 'This password is among the first that attackers try. Choose another one.',
          errors: [{ path: 'newPassword', code: 'too-common', message: 'is too common' }],
        })
      const passwordHash = await passwords.hash(wanted)
      const by = byOf(deps, request)
      const user = await deps.db.transaction(async (tx) => {
        await appendAudit(tx, { ...by, action: 'user.password', subject: caller.id })
        return newPassword(tx, caller.id, passwordHash)
      })
      return {
        token: issueToken(api, deps, user ?? caller),
        tokenType: 'Bearer' as const,
        expiresIn: deps.config.jwtExpiresInS,
        user: userView(user ?? caller),
      }
    },
  )

  api.post(
    '/api/auth/logout-all',
    {
      config: { access: 'profile:read', bodyOptional: true },
      schema: {
        tags: ['Authentication'],
        summary: 'End all my tokens, also this one',
        body: z.strictObject({}),
        response: { 204: z.undefined().meta({ description: 'Done.' }) },
      },
    },
    async (request, reply) => {
      const { id } = callerOf(request)
      const by = byOf(deps, request)
      await deps.db.transaction(async (tx) => {
        await appendAudit(tx, { ...by, action: 'user.logout-all', subject: id })
        await newPassword(tx, id, null)
      })
      return reply.code(204).send()
    },
  )
}
