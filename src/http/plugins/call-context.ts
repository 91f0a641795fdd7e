// Gives everything that is done for a request its id, its trace and the news that its caller has hung up, so that a command that goes to
// another node takes them along.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { type CallContext, runWith, traceOf } from '../../actors/cluster/context.ts'

/** The context of a request; `signal` is aborted when its connection closes before the answer is written. */
export function contextOf(request: IncomingMessage, raw: ServerResponse, requestId: string): CallContext {
  // Made when somebody looks: most requests are done before anybody does.
  let gone: AbortController | null = null
  let left = false
  let trace: string | null = null
  raw.once('close', () => {
    left = !raw.writableFinished
    if (left) gone?.abort()
  })
  return {
    requestId,
    get traceparent() {
      trace ??= traceOf(request.headers['traceparent'])
      return trace
    },
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
  app.addHook('preHandler', (request, reply, done) => runWith(contextOf(request.raw, reply.raw, request.id), done))
}
