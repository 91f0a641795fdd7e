// The second server of a node, for other nodes alone: its own port, its own proof of who asks, none of the public routes. The public server
// knows nothing of it.

import { createServer } from 'node:http'
import Fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance, LogController } from 'fastify'
import { closeConnectionsWith } from '../closing.ts'
import { givenRequestId } from '../plugins/security.ts'
import { closeStreamsWith } from '../sse.ts'
import { makeAdmission } from './admission.ts'
import { ASK, askDoor } from './ask.ts'
import type { InternalDeps } from './deps.ts'
import { nodeRoutes } from './node.ts'
import { makeProof, signedOnly } from './signed.ts'
import { watchRoute } from './watch.ts'

export type { InternalDeps, Serving } from './deps.ts'

/** Other nodes give their idle connections up long before. */
const KEEP_ALIVE_MS = 72_000

/** Builds the internal server, ready to listen. `close()` ends its streams, so that edges look for the sessions elsewhere. */
export async function buildInternal(deps: InternalDeps): Promise<FastifyInstance> {
  const admission = makeAdmission(deps.policy.routing, deps.monotonic)
  const prove = makeProof(deps)
  let closing = false
  const asks = askDoor(deps, admission, prove, () => closing)
  const app: FastifyInstance = Fastify({
    loggerInstance: deps.log.child({ listener: 'internal' }) as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: deps.maxBodyBytes,
    serverFactory(others) {
      const server = createServer((request, response) => {
        if (request.url === ASK && request.method === 'POST') asks(request, response)
        else others(request, response)
      })
      server.keepAliveTimeout = KEEP_ALIVE_MS
      return server
    },
    forceCloseConnections: 'idle',
    genReqId: (request) => givenRequestId(request.headers['x-request-id']) ?? deps.newId(),
    // One logger for all: what a line needs to say of its request it says itself.
    childLoggerFactory: (logger) => logger,
  })
  app.decorateRequest('arrivedMs', 0)
  app.addHook('onRequest', (request, _reply, done) => {
    request.arrivedMs = deps.monotonic()
    done()
  })
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500
    if (status < 500) return reply.code(status).send({ type: 'refused' })
    request.log.error({ err: error, requestId: request.id }, 'a request of another node failed')
    return reply.code(500).send({ type: 'failed' })
  })
  const { meters } = deps
  if (meters !== undefined)
    app.addHook('onResponse', (request, reply, done) => {
      meters.count('internalRequests', { route: request.routeOptions.url ?? 'none', status: String(reply.statusCode) })
      done()
    })
  closeStreamsWith(app)
  closeConnectionsWith(app)
  app.addHook('preClose', async () => {
    closing = true
  })
  signedOnly(app, prove)
  app.addHook('onRequest', (_request, reply, done) => {
    if (deps.serving() !== null) return done()
    reply.code(503).header('retry-after', deps.policy.routing.retryAfterS).send({ type: 'starting' })
  })
  watchRoute(app, deps)
  nodeRoutes(app, deps, admission)
  await app.ready()
  return app
}
