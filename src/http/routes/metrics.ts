// GET /metrics for Prometheus. With METRICS_TOKEN only who sends it may read; without one only this machine itself, and nothing that came
// through a proxy on it.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Api } from '../api.ts'
import type { AppDeps } from '../deps.ts'

const LOOPBACK = /^(127(\.\d{1,3}){3}|::1|::ffff:127(\.\d{1,3}){3})$/
/** With one of these it was passed on for somebody else. */
const PASSED_ON = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'] as const

export function metricsRoutes(api: Api, deps: Pick<AppDeps, 'config' | 'metrics'>): void {
  const { metrics } = deps
  const { metricsToken } = deps.config
  if (metrics === undefined) return

  api.get(
    '/metrics',
    { config: { access: 'public', rateLimit: false, whileDraining: true }, schema: { hide: true } },
    async (request, reply) => {
      if (metricsToken === null && !fromHere(request))
        return reply.refuse({
          code: 'forbidden',
          message: 'Metrics are read from the machine itself; set METRICS_TOKEN to read them from elsewhere.',
        })
      if (metricsToken !== null && !carries(request, metricsToken))
        return reply.header('www-authenticate', 'Bearer realm="whatsapp-erp metrics"').refuse({
          code: 'unauthenticated',
          message: 'Send METRICS_TOKEN in the header: Authorization: Bearer <token>.',
        })
      return reply.type(metrics.contentType).send(await metrics.read())
    },
  )
}

/** By the connection itself: a header is not believed, but one that says "from elsewhere" is. */
function fromHere(request: FastifyRequest): boolean {
  if (PASSED_ON.some((name) => request.headers[name] !== undefined)) return false
  return LOOPBACK.test(request.raw.socket.remoteAddress ?? '')
}

function carries(request: FastifyRequest, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(token))
}
