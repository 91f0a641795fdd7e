// What nodes say to each other beside commands: take this session, list what you have, are you there.

import type { FastifyInstance } from 'fastify'
import { before } from '../../actors/cluster/deadline.ts'
import { asId, isUuid, type UserId } from '../../domain/ids.ts'
import type { Admission } from './admission.ts'
import { type InternalDeps, servingOf } from './deps.ts'
import { admitted } from './requests.ts'

export function nodeRoutes(app: FastifyInstance, deps: InternalDeps, admission: Admission): void {
  const { self, monotonic } = deps

  app.post(
    '/internal/own/:user',
    admitted(deps, admission, async (request, reply, deadline) => {
      const { user } = request.params as { readonly user: string }
      if (!isUuid(user)) return reply.code(400).send({ type: 'malformed' })
      const id = asId<UserId>(user)
      const { local } = servingOf(deps)
      const done = local.fenceOf(id) !== null || (await before(deadline, monotonic, local.take(id))) === true
      return reply.send({ done })
    }),
  )

  app.get(
    '/internal/active',
    admitted(deps, admission, async (_request, reply, deadline) => {
      const data = await before(deadline, monotonic, servingOf(deps).local.active())
      return data === null ? reply.code(408).send({ type: 'late' }) : reply.send({ data })
    }),
  )

  app.get('/internal/ping', async () => ({ incarnation: self }))
}
