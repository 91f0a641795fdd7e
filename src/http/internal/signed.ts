// Who may speak to the internal listener: only who holds the secret of the cluster, only to this incarnation, only once. All of that is
// decided by the headers, before a byte of the body is read; the body is then compared with what was signed.

import type { FastifyInstance } from 'fastify'
import { writeMoved } from '../../actors/cluster/envelope.ts'
import { makeNonces } from '../../actors/cluster/nonces.ts'
import { hashOf, verify } from '../../actors/cluster/signature.ts'
import type { InternalDeps } from './deps.ts'

/** The body is not the one that was signed. */
class OtherBody extends Error {
  readonly statusCode = 401
}

/** Lets through what is signed. Register it before the routes. */
export function signedOnly(
  app: FastifyInstance,
  deps: Pick<InternalDeps, 'secret' | 'self' | 'policy' | 'wall'>,
): void {
  const { clockSkewMs } = deps.policy.routing
  // A signature counts from one skew before our clock to one after.
  const nonces = makeNonces(2 * clockSkewMs)

  app.addHook('onRequest', (request, reply, done) => {
    const now = deps.wall()
    const { method, url: path, headers } = request.raw
    const found = verify(deps.secret, { method: method ?? '', path: path ?? '', headers }, now, clockSkewMs)
    const fault = !found.ok ? found.fault : nonces.fresh(found.signed.nonce, now) ? null : 'replayed'
    if (!found.ok || fault !== null) {
      request.log.warn(
        { fault, ip: request.ip, requestId: request.id },
        'a request to the internal listener is refused',
      )
      reply.code(401).header('connection', 'close').send({ type: 'unauthenticated' })
      return
    }
    // Meant for the process that had this address before.
    if (found.signed.to === deps.self) done()
    else reply.code(421).send(writeMoved(null))
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
