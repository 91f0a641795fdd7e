// POST /internal/ask: one command for a session of this node. 200 its answer, 421 whose it is instead, 501 a command of a newer version,
// 400 what is no command at all.

import type { FastifyInstance } from 'fastify'
import { before } from '../../actors/cluster/deadline.ts'
import { readCommand, writeMoved, writeReply } from '../../actors/cluster/envelope.ts'
import { carryOut } from '../../actors/cluster/routed-sessions.ts'
import { refuse } from '../../domain/result.ts'
import type { Admission } from './admission.ts'
import { type InternalDeps, servingOf } from './deps.ts'
import { ownedHere, ownOrTell } from './mine.ts'
import { admitted, believedOf } from './requests.ts'

export function askRoute(app: FastifyInstance, deps: InternalDeps, admission: Admission): void {
  app.post(
    '/internal/ask',
    admitted(deps, admission, async (request, reply, deadline) => {
      const command = readCommand(request.body)
      if (command.kind === 'malformed') return reply.code(400).send({ type: 'malformed' })
      if (command.kind === 'unknown') return reply.code(501).send({ type: 'unknown-command' })
      const { local, store } = servingOf(deps)
      const believed = believedOf(request)
      if (!ownedHere(local, command.user, believed)) {
        const mine = ownOrTell({ self: deps.self, local, store }, command.user, believed)
        const owned = await before(deadline, deps.monotonic, mine)
        if (owned === null) return reply.code(408).send({ type: 'late' })
        if (!owned.mine) return reply.code(421).send(writeMoved(owned.owner))
      }
      const answer = await before(
        deadline,
        deps.monotonic,
        carryOut(local, command.user, command.name, command.body as never),
      )
      return reply.send(writeReply(command.name, answer ?? tooLate))
    }),
  )
}

const tooLate = refuse('session-timeout', 'The session did not answer in time; the request may still be carried out.', {
  retryAfterSeconds: 5,
})
