// Counts every answer by method, pattern of the route and status. An address never becomes a label: what has no route is "none".

import type { FastifyInstance } from 'fastify'
import type { Meters } from '../../meters.ts'

export function requestMeters(app: FastifyInstance, meters: Meters): void {
  app.addHook('onResponse', async (request, reply) => {
    const { method } = request
    const route = request.routeOptions.url ?? 'none'
    meters.count('httpRequests', { method, route, status: String(reply.statusCode) })
    meters.observe('httpDuration', { method, route }, reply.elapsedTime / 1_000)
  })
}
