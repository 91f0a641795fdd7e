// GET /internal/watch/:user: the pairing of a session of this node, for an edge that holds the browser. A slow reader keeps the newest event
// only; when the session leaves, the last event says where it went.

import type { FastifyInstance, FastifyRequest } from 'fastify'
import { writeMoved } from '../../actors/cluster/envelope.ts'
import type { Home } from '../../actors/cluster/planner.ts'
import { asId, isUuid, type UserId } from '../../domain/ids.ts'
import { isUnavailable } from '../../persistence/database.ts'
import { type EventStream, openStream } from '../sse.ts'
import { type InternalDeps, servingOf } from './deps.ts'
import { type Mine, NOTHING_KNOWN, ownOrTell } from './mine.ts'

export function watchRoute(app: FastifyInstance, deps: InternalDeps): void {
  const { self, log } = deps
  const { pingMs, lookMs, retryAfterS, streamConnections } = deps.policy.routing
  let open = 0

  app.get('/internal/watch/:user', async (request: FastifyRequest<{ Params: { readonly user: string } }>, reply) => {
    if (!isUuid(request.params.user)) return reply.code(400).send({ type: 'malformed' })
    const user = asId<UserId>(request.params.user)
    const busy = (type: string) => reply.code(503).header('retry-after', retryAfterS).send({ type })
    // As many as one edge may open, for each of some edges: a bound, not a quota.
    if (open >= 8 * streamConnections) return busy('overloaded')
    const { local, store, directory } = servingOf(deps)
    let owned: Mine
    try {
      owned = await ownOrTell({ self, local, store }, user, request.signed ?? NOTHING_KNOWN)
    } catch (error) {
      if (isUnavailable(error)) return busy('database-unavailable')
      throw error
    }
    if (!owned.mine) return reply.code(421).send(writeMoved(owned.owner))

    open += 1
    const ends: (() => void)[] = []
    const stream = openStream(reply, {
      pingMs,
      onClose: () => {
        open -= 1
        for (const end of ends) end()
      },
    })
    let sequence = 0
    let { epoch } = owned
    ends.push(
      local.watch(user, (event) => {
        epoch = local.fenceOf(user)?.epoch ?? epoch
        stream.send({ id: `${epoch}.${++sequence}`, event: event.type, data: event })
      }),
      directory.onMoved((other, home) => {
        if (other === user && home.incarnation !== self) sayMoved(stream, home)
      }),
      everySoOften(lookMs, async () => {
        if (local.fenceOf(user) !== null) return
        const owner = await store.ownerOf(user)
        // Ours by the store and not in the map: its actor is being started again.
        if (owner?.incarnation === self && owner.alive) return
        sayMoved(stream, owner?.alive === true ? owner : null)
      }),
    )
    return reply
  })

  function sayMoved(stream: EventStream, home: Home | null): void {
    stream.end({ event: 'moved', data: writeMoved(home) })
  }

  /** @returns stops */
  function everySoOften(ms: number, look: () => Promise<void>): () => void {
    let looking = false
    const timer = setInterval(() => {
      if (looking) return
      looking = true
      look()
        .catch((error: unknown) => log.debug({ err: error }, 'whose a watched session is could not be asked'))
        .finally(() => {
          looking = false
        })
    }, ms)
    return () => clearInterval(timer)
  }
}
