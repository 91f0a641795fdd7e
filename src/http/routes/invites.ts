// /api/invites: a role for whoever has the token. Signing up with it is signup.ts.

import { z } from 'zod'
import { appendAudit } from '../../persistence/audit.ts'
import { createInvite, type Invite, listInvites, withdrawInvite } from '../../persistence/invites.ts'
import type { Api } from '../api.ts'
import { byOf } from '../by.ts'
import type { AppDeps } from '../deps.ts'
import { hashOf, newInviteToken } from '../invite-token.ts'
import { callerOf } from '../plugins/auth.ts'
import { idParams } from '../schemas/common.ts'
import { inviteAnswer, inviteBody, invitesAnswer } from '../schemas/users.ts'
import { iso, isoOrNull } from '../views.ts'

const DAY_MS = 86_400_000
const SHOWN = 500

export function inviteRoutes(api: Api, deps: AppDeps): void {
  api.post(
    '/api/invites',
    {
      // Its answer has the token, which is kept nowhere: no Idempotency-Key.
      config: { access: 'settings:write' },
      schema: {
        tags: ['Users'],
        summary: 'Invite somebody',
        body: inviteBody,
        response: { 201: inviteAnswer },
      },
    },
    async (request, reply) => {
      const { role, email = null, expiresInDays } = request.body
      const token = newInviteToken()
      const by = byOf(deps, request)
      const invite = await deps.db.transaction(async (tx) => {
        const made = await createInvite(tx, {
          id: deps.newId(),
          orgId: deps.organization.id,
          role,
          email,
          tokenHash: hashOf(token),
          expiresAt: new Date(deps.now().getTime() + expiresInDays * DAY_MS),
          createdBy: callerOf(request).id,
        })
        await appendAudit(tx, { ...by, action: 'invite.create', subject: made.id, after: { role } })
        return made
      })
      return reply.code(201).send({ invite: view(invite), token })
    },
  )

  api.get(
    '/api/invites',
    {
      config: { access: 'settings:write' },
      schema: { tags: ['Users'], summary: 'Invites, the newest first', response: { 200: invitesAnswer } },
    },
    async () => ({ data: (await listInvites(deps.db, deps.organization.id, SHOWN)).map(view) }),
  )

  api.delete(
    '/api/invites/:id',
    {
      config: { access: 'settings:write' },
      schema: {
        tags: ['Users'],
        summary: 'Withdraw an invite nobody has used',
        params: idParams,
        response: { 204: z.undefined().meta({ description: 'Done.' }) },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const by = byOf(deps, request)
      const done = await deps.db.transaction(async (tx) => {
        const gone = await withdrawInvite(tx, deps.organization.id, id)
        if (gone) await appendAudit(tx, { ...by, action: 'invite.withdraw', subject: id })
        return gone
      })
      if (!done) return reply.refuse({ code: 'not-found', message: 'There is no such invite, or it was used.' })
      return reply.code(204).send()
    },
  )
}

function view({ id, role, email, expiresAt, usedAt, usedBy, createdBy, createdAt }: Invite) {
  return {
    id,
    role,
    email,
    expiresAt: iso(expiresAt),
    usedAt: isoOrNull(usedAt),
    usedBy,
    createdBy,
    createdAt: iso(createdAt),
  }
}
