// The public server of a node that keeps sessions and answers no API (NODE_ROLE worker): /health and /health/live, nothing else.

import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { apiScope } from './api.ts'
import { closeConnectionsWith } from './closing.ts'
import type { AppDeps } from './deps.ts'
import { answerError, problems } from './errors.ts'
import { requestLog } from './plugins/request-log.ts'
import { givenRequestId } from './plugins/security.ts'
import { healthRoutes } from './routes/health.ts'

/** Builds the server, ready to listen. */
export async function buildHealthApp(
  deps: Pick<AppDeps, 'config' | 'log' | 'db' | 'version' | 'monotonic' | 'newId' | 'state' | 'health'>,
): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify({
    loggerInstance: deps.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
    bodyLimit: 1024,
    forceCloseConnections: 'idle',
    genReqId: (request) => givenRequestId(request.headers['x-request-id']) ?? deps.newId(),
  })
  problems(app)
  app.decorateRequest('caller', null)
  requestLog(app)
  closeConnectionsWith(app)
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).header('cache-control', 'no-store')
  })
  await app.register(async (scope) => healthRoutes(apiScope(scope), deps))
  await app.ready()
  return app
}
