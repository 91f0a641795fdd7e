// POST /api/auth/signup: opens an account. Which role it gets is signup-decision.ts; here is the lock that makes the first admin one.

import { createHash, timingSafeEqual } from 'node:crypto'
import { asId } from '../../domain/ids.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { appendAudit } from '../../persistence/audit.ts'
import { findInvite, useInvite } from '../../persistence/invites.ts'
import { countAdmins, createUser, lockOrganization, type User } from '../../persistence/users.ts'
import type { Api } from '../api.ts'
import type { AppDeps } from '../deps.ts'
import { hashOf } from '../invite-token.ts'
import { isCommonPassword, type Passwords } from '../passwords.ts'
import { issueToken } from '../plugins/auth.ts'
import { limits } from '../plugins/security.ts'
import { signupAnswer, signupBody, signupHeaders } from '../schemas/auth.ts'
import { decideSignup } from '../signup-decision.ts'
import { userView } from '../views.ts'

type SignupRefusal = 'email-taken' | 'forbidden' | 'signup-closed' | 'setup-token-wrong' | 'invite-invalid'

export function signupRoutes(api: Api, deps: AppDeps, passwords: Passwords): void {
  api.post(
    '/api/auth/signup',
    {
      config: {
        access: 'optional',
        rateLimit: limits(deps).signup,
        refusals: [
          'email-taken',
          'password-too-common',
          'forbidden',
          'signup-closed',
          'setup-token-wrong',
          'invite-invalid',
        ],
      },
      schema: {
        tags: ['Authentication'],
        summary: 'Open an account',
        description:
          'The first person who asks for the role admin becomes it (with X-Setup-Token, where the operator set one). After that ' +
          'admins add anybody, managers add their employees and customers, and everybody else becomes employee or customer as ' +
          'SIGNUP_MODE allows. The answer says the role in force; `requestedRole` is what an admin may approve.',
        headers: signupHeaders,
        body: signupBody,
        response: { 201: signupAnswer },
      },
    },
    async (request, reply) => {
      const { email, password, name, inviteToken } = request.body
      if (isCommonPassword(password))
        return reply.refuse({
          code: 'password-too-common',
          message: 'This password is among the first that attackers try. Choose another one.',
          errors: [{ path: 'password', code: 'too-common', message: 'is too common' }],
        })
      const { caller } = request
      const passwordHash = await passwords.hash(password)
      const made = await deps.db.transaction(async (tx): Promise<Result<User, SignupRefusal>> => {
        const orgId = deps.organization.id
        const invite = inviteToken === undefined ? null : await findInvite(tx, hashOf(inviteToken), email, deps.now())
        if (invite === null && inviteToken !== undefined)
          return refuse('invite-invalid', 'This invite does not count: ask for a new one.')
        const role = request.body.role ?? invite?.role ?? 'employee'
        // Two people who both want to be the first admin meet at this lock; the second finds that there is one.
        if (role === 'admin') await lockOrganization(tx, orgId)
        const decided = decideSignup({
          wanted: role,
          invited: invite?.role ?? null,
          adminExists: role !== 'admin' || (await countAdmins(tx, orgId)) > 0,
          caller,
          mode: deps.config.signupMode,
          setupTokenRight: isSetupToken(deps.config.setupToken, request.headers['x-setup-token']),
        })
        if (!decided.ok) return decided
        const user = await createUser(tx, {
          id: asId(deps.newId()),
          orgId,
          email,
          name,
          passwordHash,
          ...decided.value,
        })
        if (!user.ok) return refuse('email-taken', 'There is an account with this e-mail address. Log in instead.')
        if (invite !== null) await useInvite(tx, invite.id, user.value.id, deps.now())
        await appendAudit(tx, {
          id: deps.newId(),
          orgId,
          actorId: caller?.id ?? user.value.id,
          action: 'user.signed-up',
          subject: user.value.id,
          after: decided.value,
          ip: request.ip,
          requestId: request.id,
        })
        return ok(user.value)
      })
      if (!made.ok) return reply.refuse(made.refusal)
      const user = made.value
      request.log.info({ userId: user.id, role: user.role, status: user.status }, 'user signed up')
      // A token only for who signed up in person: an admin who adds a colleague does not get to be that colleague.
      const own = caller === null && user.status === 'active'
      return reply.code(201).send({
        user: userView(user),
        ...(own
          ? { token: issueToken(api, deps, user), tokenType: 'Bearer' as const, expiresIn: deps.config.jwtExpiresInS }
          : {}),
      })
    },
  )
}

function isSetupToken(wanted: string | null, given: string | string[] | undefined): boolean {
  if (wanted === null) return true
  if (typeof given !== 'string') return false
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(wanted), digest(given))
}
