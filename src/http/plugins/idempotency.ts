// Idempotency-Key: the same request sent twice runs once, and the second one gets the first one's answer. A key belongs to a user and
// a route. Only successes are kept: a refusal changed nothing, so the same key may try again once its cause is gone.

import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { abandon, begin, finish, type IdempotencyKey } from '../../persistence/idempotency.ts'
import type { AppDeps } from '../deps.ts'
import { makeUnfinished } from '../unfinished.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The key this request runs under and has to finish; null for all others. */
    idempotency: IdempotencyKey | null
  }
}

const RETRY_S = 1
const KEY = /^[\x21-\x7e]{1,200}$/

const stored = z.object({ body: z.string(), location: z.string().nullable() })

/** The key of a request that carries a good one; the words to refuse a bad one with; null without any. */
function keyOf(request: FastifyRequest): IdempotencyKey | string | null {
  const given = request.headers['idempotency-key']
  if (given === undefined || request.caller === null || request.routeOptions.config.idempotent !== true) return null
  if (typeof given !== 'string' || !KEY.test(given)) return 'Idempotency-Key is 1 to 200 visible ASCII characters.'
  return { userId: request.caller.id, route: `${request.method} ${request.routeOptions.url ?? ''}`, key: given }
}

/** The Idempotency-Key of a request that carries one, for commands that keep their own promise with it. */
export function idempotencyKeyOf(request: FastifyRequest): string | null {
  return request.idempotency?.key ?? null
}

export function idempotency(app: FastifyInstance, deps: Pick<AppDeps, 'db' | 'incarnation'>): void {
  app.decorateRequest('idempotency', null)
  // A key that could not be given back would refuse its own request for minutes.
  const unfinished = makeUnfinished()
  app.addHook('onClose', async () => unfinished.stop())

  app.addHook('preHandler', async (request, reply) => {
    const id = keyOf(request)
    if (id === null) return
    if (typeof id === 'string') return reply.refuse({ code: 'invalid-parameter', message: id })
    const name = nameOf(id)
    await unfinished.settle(name)
    const begun = await begin(deps.db, id, hashOf(askedOf(request)), deps.incarnation).catch((error: unknown) => {
      // It may have been taken: nobody runs under it.
      void unfinished.say(
        name,
        () => abandon(deps.db, id, deps.incarnation),
        () => undefined,
      )
      throw error
    })
    switch (begun.kind) {
      case 'fresh':
        // Taken anew: what was still to be said of the one before is not true of this one.
        await unfinished.over(name)
        request.idempotency = id
        return
      case 'running':
        return reply.refuse({
          code: 'request-in-progress',
          message: 'The first request with this Idempotency-Key is still running. Ask again in a moment.',
          retryAfterSeconds: RETRY_S,
        })
      case 'mismatch':
        return reply.refuse({
          code: 'idempotency-key-reused',
          message:
            'This Idempotency-Key was used for a request with another body or other parameters. Use a new key for a new request.',
        })
      case 'replay': {
        const { body, location } = stored.parse(begun.response)
        if (location !== null) reply.header('location', location)
        return reply
          .code(begun.status)
          .header('idempotency-replayed', 'true')
          .type('application/json; charset=utf-8')
          .serializer((text: unknown) => String(text))
          .send(body)
      }
    }
  })

  app.addHook('onSend', async (request, reply, payload) => {
    const id = request.idempotency
    if (id === null) return payload
    request.idempotency = null
    const success = reply.statusCode < 300 && typeof payload === 'string'
    const location = reply.getHeader('location')
    const response = { body: payload, location: typeof location === 'string' ? location : null }
    const { statusCode } = reply
    // The answer stands either way.
    await unfinished.say(
      nameOf(id),
      () => (success ? finish(deps.db, id, statusCode, response) : abandon(deps.db, id, deps.incarnation)),
      (error) => request.log.warn({ err: error }, 'idempotency key not kept; trying again'),
    )
    return payload
  })
}

const nameOf = ({ userId, route, key }: IdempotencyKey): string => JSON.stringify([userId, route, key])

/** The body, of what it is said and how: the same body for another product, or as a dry run, is another request. */
function askedOf({ body, params, query }: FastifyRequest): unknown {
  const named = isFilled(params) ? { params } : {}
  const how = isFilled(query) ? { query } : {}
  const beside = { ...named, ...how }
  return isFilled(beside) ? { ...beside, body: body ?? null } : body
}

function isFilled(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

function hashOf(body: unknown): Buffer {
  return createHash('sha256')
    .update(JSON.stringify(sorted(body ?? null)))
    .digest()
}

/** The same value with the keys of all objects in order, so that their order does not matter. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  )
}
