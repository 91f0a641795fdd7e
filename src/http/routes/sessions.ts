// /api/whatsapp: connect, disconnect and status. Each is one command to the actor of the session; nothing is decided here.

import { inScope } from '../../domain/access.ts'
import { asId, type UserId } from '../../domain/ids.ts'
import { parsePhone } from '../../domain/phone.ts'
import { appendAudit } from '../../persistence/audit.ts'
import { sessionFigures } from '../../persistence/session-figures.ts'
import { findUser } from '../../persistence/users.ts'
import type { Api } from '../api.ts'
import type { AppDeps } from '../deps.ts'
import { firstEvent } from '../pairing.ts'
import { callerOf } from '../plugins/auth.ts'
import {
  connectAnswer,
  connectBody,
  disconnectAnswer,
  disconnectBody,
  statusAnswer,
  statusQuery,
} from '../schemas/whatsapp.ts'
import { callerScope } from '../scope.ts'
import { isoOrNull } from '../views.ts'

const QR_URL = '/api/whatsapp/qr'
const COMMON = ['session-timeout', 'mailbox-full', 'overloaded', 'owner-moved'] as const
const FOREIGN = { code: 'not-found', message: 'There is no such user, or they are not yours to see.' } as const

export function sessionRoutes(api: Api, deps: AppDeps): void {
  const audit = (actorId: UserId, action: string, subject: UserId, ip: string, requestId: string) =>
    deps.db.transaction((tx) =>
      appendAudit(tx, { id: deps.newId(), orgId: deps.organization.id, actorId, action, subject, ip, requestId }),
    )

  api.post(
    '/api/whatsapp/connect',
    {
      config: { access: 'whatsapp:connect', bodyOptional: true, refusals: [...COMMON, 'invalid-phone'] },
      schema: {
        tags: ['WhatsApp'],
        summary: 'Connect my WhatsApp account',
        description:
          'Again and again is fine: there is one session, and one connection. Then open the QR stream and scan.',
        body: connectBody,
        response: { 200: connectAnswer, 202: connectAnswer },
      },
    },
    async (request, reply) => {
      const { id } = callerOf(request)
      const { pairingPhone } = request.body
      const phone = pairingPhone === undefined ? null : parsePhone(pairingPhone)
      if (phone?.ok === false) return reply.refuse(phone.refusal)
      const answer = await deps.sessions.ask(id, 'session.connect', phone === null ? {} : { pairingPhone: phone.value })
      if (!answer.ok) return reply.refuse(answer.refusal)
      await audit(id, 'session.connect', id, request.ip, request.id)
      const code = phone === null || answer.value.state === 'open' ? null : await pairingCode(deps, id)
      const session = {
        ...answer.value,
        startedAt: deps.now().toISOString(),
        qrUrl: QR_URL,
        ...(code === null ? {} : { pairingCode: code }),
      }
      return reply.code(session.state === 'open' ? 200 : 202).send({ session })
    },
  )

  api.post(
    '/api/whatsapp/disconnect',
    {
      config: { access: 'whatsapp:connect', bodyOptional: true, refusals: COMMON },
      schema: {
        tags: ['WhatsApp'],
        summary: 'Disconnect my WhatsApp account',
        description: 'Keeps the link to the phone unless `unlink` is true.',
        body: disconnectBody,
        response: { 200: disconnectAnswer },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const { unlink, userId } = request.body
      const target = await targetOf(caller, userId)
      if (target === null) return reply.refuse(FOREIGN)
      const answer = await deps.sessions.ask(target, 'session.disconnect', { unlink })
      if (!answer.ok) return reply.refuse(answer.refusal)
      const action = unlink ? 'session.unlink' : 'session.disconnect'
      await audit(caller.id, action, target, request.ip, request.id)
      return { session: { ...answer.value, unlinked: unlink } }
    },
  )

  api.get(
    '/api/whatsapp/status',
    {
      config: { access: 'whatsapp:connect', refusals: [...COMMON, 'not-found'] },
      schema: {
        tags: ['WhatsApp'],
        summary: 'The state of a connection, and what to do next',
        querystring: statusQuery,
        response: { 200: statusAnswer },
      },
    },
    async (request, reply) => {
      const target = await targetOf(callerOf(request), request.query.userId)
      if (target === null) return reply.refuse(FOREIGN)
      const [answer, figures] = await Promise.all([
        deps.sessions.ask(target, 'session.status', {}),
        sessionFigures(deps.db, target, deps.now(), deps.organization.timezone),
      ])
      if (!answer.ok) return reply.refuse(answer.refusal)
      return {
        ...answer.value,
        ...figures,
        lastMessageAt: isoOrNull(figures.lastMessageAt),
        sendingHeldUntil: isoOrNull(figures.sendingHeldUntil),
        bot: { enabled: deps.organization.settings.bot.enabled },
      }
    },
  )

  /** Whose session is meant: one's own, or that of somebody in one's scope. Null: nobody one may see. */
  async function targetOf(caller: ReturnType<typeof callerOf>, userId: string | undefined): Promise<UserId | null> {
    if (userId === undefined || userId === caller.id) return caller.id
    const wanted = asId<UserId>(userId)
    const scope = await callerScope(deps.db, caller)
    if (!inScope(scope, { userId: wanted })) return null
    const user = await findUser(deps.db, wanted)
    return user === null || user.orgId !== caller.orgId ? null : wanted
  }
}

/** The code to type on the phone, when the connection shows one in time; the QR stream shows it as well. */
async function pairingCode(deps: AppDeps, id: UserId): Promise<string | null> {
  return (await firstEvent(deps, id, 'code'))?.code ?? null
}
