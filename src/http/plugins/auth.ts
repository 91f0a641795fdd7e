// Who is asking. The token proves who; the database says, on each request, which role and status that person has now. So a demotion,
// a disabled account or a new token version act at once. Whose rows they see is domain/access.ts.

import jwt from '@fastify/jwt'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { asksSettings, can, type Permission, permissionsOf } from '../../domain/access.ts'
import { asId, isUuid, type UserId } from '../../domain/ids.ts'
import { ok, type Refusal, type Result, refuse } from '../../domain/result.ts'
import { readCurrentSettings } from '../../persistence/organization.ts'
import { findUser, type User } from '../../persistence/users.ts'
import type { AppDeps } from '../deps.ts'
import type { ProblemCode } from '../problems.ts'
import type { Tickets } from '../tickets.ts'

/** What a token says. `tv`: the token version of the user when it was made; `exp`: seconds since 1970. */
export interface Claims {
  readonly sub: string
  readonly org: string
  readonly tv: number
  readonly iat: number
  readonly exp: number
}

declare module 'fastify' {
  interface FastifyRequest {
    /** What a valid token (or ticket) says; null without one. */
    claims: Claims | null
    /** The person asking, as the database has them now; null on public routes without a token. */
    caller: User | null
  }
}

type TokenCode = 'unauthenticated' | 'token-invalid' | 'token-expired' | 'token-revoked' | 'ticket-invalid'

/** The person asking. Only for routes that demand one. */
export function callerOf(request: FastifyRequest): User {
  if (request.caller === null) throw new Error('this route has no caller: its access is public')
  return request.caller
}

/** Makes an access token. */
export function issueToken(app: FastifyInstance, deps: AppDeps, user: User): string {
  const iat = Math.floor(deps.now().getTime() / 1000)
  const exp = iat + deps.config.jwtExpiresInS
  const claims: Claims = { sub: user.id, org: user.orgId, tv: user.tokenVersion, iat, exp }
  return app.jwt.sign(claims)
}

export async function auth(app: FastifyInstance, deps: AppDeps, tickets: Tickets): Promise<void> {
  await app.register(jwt, {
    secret: deps.jwtSecret,
    sign: { algorithm: 'HS256' },
    // Pinned: a token that names another algorithm, or none, is forged.
    verify: { algorithms: ['HS256'], requiredClaims: ['sub', 'org', 'tv', 'exp'], errorCacheTTL: 0 },
  })
  app.decorateRequest('claims', null)
  app.decorateRequest('caller', null)

  // First the token alone, which costs nothing; the limiter counts by what it says; only then is the database asked.
  app.addHook('onRequest', async (request, reply) => {
    const { access, ticket } = request.routeOptions.config
    if (access === undefined || access === 'public') return
    const given = ticketOf(request)
    const claims =
      ticket !== undefined && given !== null
        ? await byTicket(tickets, deps, given, ticket)
        : byToken(app, request.headers.authorization, access === 'optional')
    if (!claims.ok) return unauthorized(reply, claims.refusal)
    request.claims = claims.value
  })

  app.addHook('preParsing', async (request, reply) => {
    const { access } = request.routeOptions.config
    const claims = request.claims
    if (access === undefined || access === 'public' || claims === null) return
    const caller = await loadCaller(deps, claims)
    if (!caller.ok) {
      const { code } = caller.refusal
      if (code === 'account-disabled' || code === 'account-pending') return reply.refuse(caller.refusal)
      return unauthorized(reply, { ...caller.refusal, code })
    }
    if (access !== 'optional' && !can(caller.value, access))
      return reply.refuse({ code: 'forbidden', message: `Your role (${caller.value.role}) may not do this.` })
    if (access !== 'optional' && asksSettings(caller.value, access) && !(await employeesMay(deps)))
      return reply.refuse({ code: 'forbidden', message: 'This shop lets managers alone change the catalogue.' })
    request.caller = caller.value
  })
}

/** What a person may do now: what their role may, without what the shop keeps from it. */
export async function permissionsNow(deps: AppDeps, user: User): Promise<readonly Permission[]> {
  const all = permissionsOf(user.role)
  const held = all.filter((permission) => asksSettings(user, permission))
  return held.length === 0 || (await employeesMay(deps)) ? all : all.filter((permission) => !held.includes(permission))
}

async function employeesMay({ db, organization }: AppDeps): Promise<boolean> {
  return (await readCurrentSettings(db, organization.id)).employeesEditCatalog
}

/** The person of these claims as the database has them now, if the token still counts. */
export async function loadCaller(
  deps: Pick<AppDeps, 'db' | 'organization'>,
  claims: Claims,
): Promise<Result<User, TokenCode | 'account-disabled' | 'account-pending'>> {
  const known = isUuid(claims.sub) && claims.org === deps.organization.id
  const user = known ? await findUser(deps.db, asId<UserId>(claims.sub)) : null
  if (user === null || user.tokenVersion !== claims.tv)
    return refuse('token-revoked', 'This access token was withdrawn. Log in again.')
  if (user.status === 'disabled') return refuse('account-disabled', DISABLED)
  if (user.status === 'pending') return refuse('account-pending', PENDING)
  return ok(user)
}

export const DISABLED = 'This account is disabled. Ask an admin.'
export const PENDING = 'This account waits for approval. Ask an admin.'

function byToken(
  app: FastifyInstance,
  header: string | undefined,
  optional: boolean,
): Result<Claims | null, TokenCode> {
  if (header === undefined) {
    if (optional) return ok(null)
    return refuse('unauthenticated', 'Log in and send the token in the header: Authorization: Bearer <token>.')
  }
  const token = /^Bearer +([\w.-]+)$/i.exec(header)?.[1]
  if (token === undefined)
    return refuse('token-invalid', 'The Authorization header is not of the form: Bearer <token>.')
  try {
    return ok(app.jwt.verify<Claims>(token))
  } catch (error) {
    const expired = error instanceof Error && 'code' in error && error.code === 'FAST_JWT_EXPIRED'
    return expired
      ? refuse('token-expired', 'The access token has expired. Log in again.')
      : refuse('token-invalid', 'The access token is not one of ours. Log in again.')
  }
}

function ticketOf(request: FastifyRequest): string | null {
  const query: unknown = request.query
  const ticket = typeof query === 'object' && query !== null && 'ticket' in query ? query.ticket : null
  return typeof ticket === 'string' ? ticket : null
}

async function byTicket(
  tickets: Tickets,
  deps: AppDeps,
  text: string,
  stream: 'qr' | 'events',
): Promise<Result<Claims, TokenCode>> {
  const nowMs = deps.now().getTime()
  const ticket = await tickets.redeem(text, stream, nowMs)
  if (ticket === null)
    return refuse(
      'ticket-invalid',
      'A ticket counts once and for one minute. Ask for a new one: POST /api/auth/sse-ticket.',
    )
  return ok({
    sub: ticket.userId,
    org: deps.organization.id,
    tv: ticket.tokenVersion,
    iat: Math.floor(nowMs / 1000),
    exp: ticket.tokenExp,
  })
}

function unauthorized(reply: FastifyReply, refusal: Refusal<TokenCode>): FastifyReply {
  const error = refusal.code === 'unauthenticated' ? '' : ', error="invalid_token"'
  const document: Refusal<ProblemCode> = refusal
  return reply.header('www-authenticate', `Bearer realm="whatsapp-erp"${error}`).refuse(document)
}
