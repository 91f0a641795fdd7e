// The counters of @fastify/rate-limit, kept by the port of limits: each route that has a limit of its own counts by itself, all others together.

import type { FastifyRateLimitStoreCtor } from '@fastify/rate-limit'
import type { Limits } from '../../actors/cluster/limits.ts'

type Store = InstanceType<FastifyRateLimitStoreCtor>
type Child = Parameters<Store['child']>[0]

/** A class, because the library makes one with `new`. */
export function limitStore(limits: Limits): FastifyRateLimitStoreCtor {
  const storeOf = (what: string): Store => ({
    incr: (key, done, windowMs) =>
      void limits.hit(`${what}\n${key}`, windowMs).then(
        ({ count, leftMs }) => done(null, { current: count, ttl: leftMs }),
        (error: Error) => done(error),
      ),
    child: (options) => storeOf(routeOf(options)),
  })
  return class implements Store {
    readonly incr
    readonly child
    constructor() {
      const { incr, child } = storeOf('all')
      this.incr = incr
      this.child = child
    }
  }
}

/** What is given in truth: the limit of a route, with the route. */
function routeOf(options: Child): string {
  const { routeInfo } = options as unknown as { readonly routeInfo: { readonly method: unknown; readonly url: string } }
  return `${routeInfo.method} ${routeInfo.url}`
}
