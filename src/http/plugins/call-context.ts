// Gives everything that is done for a request its id, its trace and the news that its caller has hung up, so that a command that goes to
// another node takes them along.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type CallContext, runWith, traceOf } from '../../actors/cluster/context.ts'

/** The context of a request; `signal` is aborted when its connection closes before the answer is written. */
export function contextOf(request: FastifyRequest, reply: FastifyReply, requestId: string): CallContext {
  const { raw } = reply
  // Made when somebody looks: most requests are done before anybody does.
  let gone: AbortController | null = null
  let left = false
  raw.once('close', () => {
    left = !raw.writableFinished
    if (left) gone?.abort()
  })
  return {
    requestId,
    traceparent: traceOf(request.headers['traceparent']),
    get signal() {
      if (gone === null) {
        gone = new AbortController()
        if (left) gone.abort()
      }
      return gone.signal
    },
  }
}

/** Register it after everything that decides whether a request is let in. */
export function callContexts(app: FastifyInstance): void {
  // With a callback, so that what follows runs inside: an async hook would end before the handler begins.
  app.addHook('preHandler', (request, reply, done) => runWith(contextOf(request, reply, request.id), done))
}
