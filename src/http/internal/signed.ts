// Who may speak to the internal listener: only who holds the secret of the cluster, only to this incarnation, only once. All of that is
// decided by the headers, before a byte of the body is read; the body is then compared with what was signed.

import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { writeMoved } from '../../actors/cluster/envelope.ts'
import { makeNonces } from '../../actors/cluster/nonces.ts'
import { hashOf, verify } from '../../actors/cluster/signature.ts'
import type { InternalDeps } from './deps.ts'

/** The body is not the one that was signed. */
class OtherBody extends Error {
  readonly statusCode = 401
}

export interface Refused {
  readonly status: 401 | 421
  readonly body: object
}

/** @returns null for what is proven and meant for this node; else what to answer */
export type Prove = (request: IncomingMessage, requestId: string) => Refused | null

/** Remembers what it has seen: one for all doors of a listener. */
export function makeProof(deps: Pick<InternalDeps, 'secret' | 'self' | 'policy' | 'wall' | 'log'>): Prove {
  const { clockSkewMs } = deps.policy.routing
  // A signature counts from one skew before our clock to one after.
  const nonces = makeNonces(2 * clockSkewMs)
  return ({ method = '', url: path = '', headers, socket }, requestId) => {
    const now = deps.wall()
    const found = verify(deps.secret, { method, path, headers }, now, clockSkewMs)
    const fault = !found.ok ? found.fault : nonces.fresh(found.signed.nonce, now) ? null : 'replayed'
    if (!found.ok || fault !== null) {
      deps.log.warn({ fault, ip: socket.remoteAddress, requestId }, 'a request to the internal listener is refused')
      return { status: 401, body: { type: 'unauthenticated' } }
    }
    // Meant for the process that had this address before.
    return found.signed.to === deps.self ? null : { status: 421, body: writeMoved(null) }
  }
}

/** Lets through what is signed. Register it before the routes. */
export function signedOnly(app: FastifyInstance, prove: Prove): void {
  app.addHook('onRequest', (request, reply, done) => {
    const refused = prove(request.raw, request.id)
    if (refused === null) return done()
    if (refused.status === 401) reply.header('connection', 'close')
    reply.code(refused.status).send(refused.body)
  })

  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (!Buffer.isBuffer(body) || hashOf(body) !== request.headers['x-node-body'])
      return done(new OtherBody('the body is not the one that was signed'))
    try {
      done(null, JSON.parse(body.toString()))
    } catch {
      done(null, null)
    }
  })
}
