// The public server of a node that keeps sessions and answers no API (NODE_ROLE worker): /health, /health/live and /metrics,
// nothing else.

import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { apiScope } from './api.ts'
import { closeConnectionsWith } from './closing.ts'
import type { AppDeps } from './deps.ts'
import { answerError, problems } from './errors.ts'
import { requestLog } from './plugins/request-log.ts'
import { requestMeters } from './plugins/request-meters.ts'
import { givenRequestId } from './plugins/security.ts'
import { healthRoutes } from './routes/health.ts'
import { metricsRoutes } from './routes/metrics.ts'

/** Builds the server, ready to listen. */
export async function buildHealthApp(
  deps: Pick<AppDeps, 'config' | 'log' | 'db' | 'version' | 'monotonic' | 'newId' | 'state' | 'health' | 'metrics'>,
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
  if (deps.metrics !== undefined) requestMeters(app, deps.metrics)
  closeConnectionsWith(app)
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).header('cache-control', 'no-store')
  })
  await app.register(async (scope) => {
    const api = apiScope(scope)
    healthRoutes(api, deps)
    metricsRoutes(api, deps)
  })
  await app.ready()
  return app
}
