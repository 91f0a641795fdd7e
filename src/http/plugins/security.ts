// The outer wall: headers, CORS, request ids, limits of how often one may call, and turning requests away while closing.

import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AppDeps } from '../deps.ts'
import { TooOften } from '../errors.ts'
import { limitStore } from './limit-store.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
/** Seconds after which a client may look for the next node. */
const DRAIN_RETRY_S = 5

const REQUEST_ID = /^[\w.:-]{1,64}$/

/** The request id a client gave, when it is fit to stand in a log; otherwise null. */
export function givenRequestId(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && REQUEST_ID.test(header) ? header : null
}

/** Limits of single routes, for their `config.rateLimit`. */
export function limits(deps: Pick<AppDeps, 'policy'>) {
  const { loginPerMinute, signupPerHour, sendPerMinute } = deps.policy.http
  return {
    login: { max: loginPerMinute, timeWindow: MINUTE_MS, keyGenerator: (request: FastifyRequest) => request.ip },
    signup: { max: signupPerHour, timeWindow: HOUR_MS },
    send: { max: sendPerMinute, timeWindow: MINUTE_MS },
  } as const
}

export async function security(app: FastifyInstance, deps: AppDeps): Promise<void> {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    reply.header('cache-control', 'no-store')
    // Nobody is in the middle of a connection when it is closed.
    if (deps.state.draining || deps.state.closing) reply.header('connection', 'close')
    if (deps.state.closing && request.routeOptions.config.whileClosing !== true)
      return reply.refuse({
        code: 'shutting-down',
        message: 'This server is about to stop. Try again in a moment.',
        retryAfterSeconds: DRAIN_RETRY_S,
      })
  })

  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"], 'base-uri': ["'none'"] },
    },
  })

  await app.register(cors, {
    origin: [...deps.config.allowedOrigins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: [
      'authorization',
      'content-type',
      'idempotency-key',
      'x-request-id',
      'x-setup-token',
      'last-event-id',
    ],
    exposedHeaders: ['x-request-id', 'location', 'retry-after', 'idempotency-replayed'],
    maxAge: 600,
    strictPreflight: false,
  })
}

/** Comes after `auth`, whose claims say who is asking: a user counts as one wherever they call from. */
export async function callLimits(app: FastifyInstance, deps: AppDeps): Promise<void> {
  await app.register(rateLimit, {
    max: deps.policy.http.requestsPerMinute,
    timeWindow: MINUTE_MS,
    store: limitStore(deps.limits),
    keyGenerator: (request) => request.claims?.sub ?? request.ip,
    errorResponseBuilder: (_request, { ttl }) => new TooOften(Math.ceil(ttl / 1000)),
  })
}
