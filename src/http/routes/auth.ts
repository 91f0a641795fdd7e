// /api/auth: log in, who am I, and tickets for event streams.

import { permissionsOf } from '../../domain/access.ts'
import type { UserId } from '../../domain/ids.ts'
import { appendAudit } from '../../persistence/audit.ts'
import { findUserByEmail, touchLogin, type User } from '../../persistence/users.ts'
import type { Api } from '../api.ts'
import { makeAttempts } from '../attempts.ts'
import type { AppDeps } from '../deps.ts'
import type { Passwords } from '../passwords.ts'
import { callerOf, DISABLED, issueToken, PENDING, permissionsNow } from '../plugins/auth.ts'
import { limits } from '../plugins/security.ts'
import { loginAnswer, loginBody, profileAnswer, ticketAnswer, ticketBody } from '../schemas/auth.ts'
import { TICKET_SECONDS, type Tickets } from '../tickets.ts'
import { maskedOrNull, userView } from '../views.ts'

export function authRoutes(api: Api, deps: AppDeps, passwords: Passwords, tickets: Tickets): void {
  const attempts = makeAttempts(deps.limits, 'login')

  api.post(
    '/api/auth/login',
    {
      config: {
        access: 'public',
        rateLimit: limits(deps).login,
        refusals: ['invalid-credentials', 'account-pending', 'account-disabled', 'too-many-attempts'],
      },
      schema: {
        tags: ['Authentication'],
        summary: 'Log in',
        description: 'Five failures for one account from one address make the next attempts wait.',
        body: loginBody,
        response: { 200: loginAnswer },
      },
    },
    async (request, reply) => {
      const { email, password } = request.body
      const waitSeconds = await attempts.begin(email, request.ip)
      if (waitSeconds > 0)
        return reply.refuse({
          code: 'too-many-attempts',
          message: `Too many failed attempts for this account. Try again in ${waitSeconds} seconds.`,
          retryAfterSeconds: waitSeconds,
        })
      const user = await findUserByEmail(deps.db, email)
      if (!(await passwords.matches(user?.passwordHash ?? null, password)) || user === null) {
        await noteFailure(user?.id ?? null, request.ip, request.id)
        return reply.refuse({ code: 'invalid-credentials', message: 'E-mail or password is wrong.' })
      }
      await attempts.succeeded(email, request.ip)
      if (user.status === 'pending') return reply.refuse({ code: 'account-pending', message: PENDING })
      if (user.status === 'disabled') return reply.refuse({ code: 'account-disabled', message: DISABLED })
      const at = deps.now()
      await touchLogin(deps.db, user.id, at)
      return {
        token: issueToken(api, deps, user),
        tokenType: 'Bearer' as const,
        expiresIn: deps.config.jwtExpiresInS,
        user: userView({ ...user, lastLoginAt: at }),
      }
    },
  )

  // Written whether the account exists or not, so that it takes the same time.
  const noteFailure = (subject: UserId | null, ip: string, requestId: string) =>
    deps.db.transaction((tx) =>
      appendAudit(tx, {
        id: deps.newId(),
        orgId: deps.organization.id,
        actorId: null,
        action: 'user.login-failed',
        subject,
        ip,
        requestId,
      }),
    )

  api.get(
    '/api/auth/profile',
    {
      config: { access: 'profile:read' },
      schema: { tags: ['Authentication'], summary: 'Who am I', response: { 200: profileAnswer } },
    },
    async (request) => {
      const user = callerOf(request)
      return {
        user: {
          ...userView(user),
          permissions: [...(await permissionsNow(deps, user))],
          whatsapp: await whatsappOf(user),
        },
      }
    },
  )

  /** The state of the person's own session; null for customers, and when it does not answer in time. */
  async function whatsappOf(user: User) {
    if (!permissionsOf(user.role).includes('whatsapp:connect')) return null
    const status = await deps.sessions.ask(user.id, 'session.status', {})
    if (!status.ok) return null
    const { state, phoneNumber, message } = status.value
    return { state, phoneNumber: maskedOrNull(phoneNumber), message }
  }

  api.post(
    '/api/auth/sse-ticket',
    {
      config: { access: 'profile:read', bodyOptional: true },
      schema: {
        tags: ['Authentication'],
        summary: 'A ticket for an event stream',
        description:
          'For EventSource, which cannot send headers: put it in `?ticket=`. It counts once, for one minute.',
        body: ticketBody,
        response: { 201: ticketAnswer },
      },
    },
    async (request, reply) => {
      const user = callerOf(request)
      const now = deps.now().getTime()
      const ticket = await tickets.issue(
        {
          userId: user.id,
          stream: request.body.stream,
          tokenVersion: user.tokenVersion,
          tokenExp: request.claims?.exp ?? 0,
        },
        now,
      )
      return reply.code(201).send({ ticket, expiresIn: TICKET_SECONDS })
    },
  )
}
