// Who may speak to the internal listener: only who holds the secret of the cluster, only to this incarnation, only once. All of that is
// decided by the headers, before a byte of the body is read; the body is then compared with what was signed.

import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { writeMoved } from '../../actors/cluster/envelope.ts'
import { makeNonces } from '../../actors/cluster/nonces.ts'
import { hashOf, NODE_HEADER, type Signed, verify } from '../../actors/cluster/signature.ts'
import type { InternalDeps } from './deps.ts'

/** The body is not the one that was signed. */
class OtherBody extends Error {
  readonly statusCode = 401
}

export interface Refused {
  readonly ok: false
  readonly status: 401 | 421
  readonly body: object
}

/** @returns what is proven and meant for this node; else what to answer */
export type Prove = (request: IncomingMessage) => { readonly ok: true; readonly signed: Signed } | Refused

declare module 'fastify' {
  interface FastifyRequest {
    /** What it proved. */
    signed: Signed | null
  }
}

/** Remembers what it has seen: one for all doors of a listener. */
export function makeProof(deps: Pick<InternalDeps, 'secret' | 'self' | 'policy' | 'wall' | 'log'>): Prove {
  const { clockSkewMs } = deps.policy.routing
  // A signature counts from one skew before our clock to one after.
  const nonces = makeNonces(2 * clockSkewMs)
  const replayed = ({ sender, count }: Signed, now: number) => (nonces.fresh(sender, count, now) ? null : 'replayed')
  return ({ method = '', url: path = '', headers, socket }) => {
    const now = deps.wall()
    const found = verify(deps.secret, { method, path, header: headers[NODE_HEADER] }, now, clockSkewMs)
    const fault = found.ok ? replayed(found.signed, now) : found.fault
    if (!found.ok || fault !== null) {
      deps.log.warn({ fault, ip: socket.remoteAddress }, 'a request to the internal listener is refused')
      return { ok: false, status: 401, body: { type: 'unauthenticated' } }
    }
    // Else it was meant for the process that had this address before.
    return found.signed.to === deps.self ? found : { ok: false, status: 421, body: writeMoved(null) }
  }
}

/** Lets through what is signed. Register it before the routes. */
export function signedOnly(app: FastifyInstance, prove: Prove): void {
  app.decorateRequest('signed', null)
  app.addHook('onRequest', (request, reply, done) => {
    const proof = prove(request.raw)
    if (proof.ok) {
      request.signed = proof.signed
      return done()
    }
    if (proof.status === 401) reply.header('connection', 'close')
    reply.code(proof.status).send(proof.body)
  })

  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (!Buffer.isBuffer(body) || hashOf(body) !== request.signed?.bodyHash)
      return done(new OtherBody('the body is not the one that was signed'))
    try {
      done(null, JSON.parse(body.toString()))
    } catch {
      done(null, null)
    }
  })
}
