// One line per request that was answered: method, the route's pattern (never the address, which may hold a ticket), status, time.

import type { FastifyInstance } from 'fastify'

export function requestLog(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const line = {
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      userId: request.caller?.id ?? null,
    }
    // Those who only ask whether we live would fill the log.
    if (request.routeOptions.config.whileClosing === true) request.log.debug(line, 'request')
    else request.log.info(line, 'request')
  })
}
