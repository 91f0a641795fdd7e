// What every request of another node brings: the time it has, whom it thinks it asks, its trace, and whether its caller still waits. Reads it,
// admits it, and answers those that are not admitted.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { runWith } from '../../actors/cluster/context.ts'
import { isUnavailable } from '../../persistence/database.ts'
import { contextOf } from '../plugins/call-context.ts'
import type { Admission } from './admission.ts'
import type { InternalDeps } from './deps.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** When it began to arrive, by the monotonic clock. */
    arrivedMs: number
  }
}

export type Work = (request: FastifyRequest, reply: FastifyReply, deadline: number) => Promise<FastifyReply>

/**
 * Does the work of a request within its time, if there is room for it.
 * Answers: 408 it was not begun, for lack of time; 503 it was not begun, for lack of room or of the database.
 */
export function admitted(deps: InternalDeps, admission: Admission, work: Work) {
  const busy = (reply: FastifyReply, why: string) =>
    reply.code(503).header('retry-after', deps.policy.routing.retryAfterS).send({ type: why })
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const context = contextOf(request.raw, reply.raw, request.id)
    const leftMs = request.signed?.leftMs ?? deps.policy.session.askTimeoutMs
    const deadline = request.arrivedMs + leftMs
    const admitted = await admission.enter(deadline, () => context.signal)
    switch (admitted.kind) {
      case 'full':
        return busy(reply, 'overloaded')
      case 'late':
      case 'gone':
        return reply.code(408).send({ type: 'late' })
      case 'in':
        break
    }
    try {
      return await runWith(context, () => work(request, reply, deadline))
    } catch (error) {
      if (isUnavailable(error)) return busy(reply, 'database-unavailable')
      throw error
    } finally {
      admitted.leave()
    }
  }
}
