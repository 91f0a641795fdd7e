// Requests between processes and servers: they take time, get lost while a link is cut, and their answer may be lost after the work was done.

import type { Process, Scheduler } from './scheduler.ts'

/** What PostgreSQL and Redis look like when they cannot be reached. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
  /** As the driver says it. */
  readonly code = 'ECONNRESET'
}

export interface Server {
  readonly name: 'database' | 'redis'
  /** Connections are refused at once. */
  down: boolean
  /** Counts restarts: what was under way then is reset. */
  starts: number
  /** The answers to the next so many requests that change something are lost, or the requests themselves. */
  loseAnswers: number
  loseRequests: number
  /** Added to every request, ms. */
  lagMs: number
  /** Most of a request takes up to this, ms; a few take ten times as long. */
  readonly latencyMs: number
  readonly cut: Set<Process>
}

export function makeServer(name: Server['name'], latencyMs: number): Server {
  return { name, down: false, starts: 0, loseAnswers: 0, loseRequests: 0, lagMs: 0, latencyMs, cut: new Set() }
}

export interface Request<T> {
  readonly from: Process
  readonly to: Server
  /** After this the caller gives up. What it asked for may still be done, or have been done. */
  readonly timeoutMs: number
  /** Whether the outcome may be made unknown by a fault. */
  readonly changes: boolean
  /** At the server. May answer later, after waiting for locks. */
  readonly work: () => T | Promise<T>
  /** The caller has hung up. */
  readonly abandoned?: () => void
}

/** @throws Unreachable, or what the work throws */
export function ask<T>(scheduler: Scheduler, request: Request<T>): Promise<T> {
  const { from, to, work } = request
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  let over = false
  const latency = () => {
    const random = scheduler.random(`latency ${from.name} ${to.name}`)
    return to.lagMs + to.latencyMs * (random > 0.95 ? 10 * random : random)
  }
  const answer = (settle: () => void) => {
    scheduler.after(latency(), from, () => {
      if (over) return
      over = true
      cancel()
      settle()
    })
  }
  const cancel = scheduler.after(request.timeoutMs, from, () => {
    if (over) return
    over = true
    request.abandoned?.()
    reject(new Unreachable(`${to.name} did not answer in time`))
  })
  const starts = to.starts

  const arrive = () => {
    if (to.cut.has(from)) return
    if (to.down || to.starts !== starts) return answer(() => reject(new Unreachable(`${to.name} is down`)))
    if (request.changes && to.loseRequests > 0) {
      to.loseRequests -= 1
      request.abandoned?.()
      return answer(() => reject(new Unreachable(`the connection to ${to.name} was lost`)))
    }
    const leave = (settle: () => void) => {
      // The other half of an unknown outcome: it was done, and nobody says so.
      if (request.changes && to.loseAnswers > 0) {
        to.loseAnswers -= 1
        return answer(() => reject(new Unreachable(`the connection to ${to.name} was lost`)))
      }
      if (to.starts !== starts) return answer(() => reject(new Unreachable(`${to.name} went down`)))
      if (!to.cut.has(from)) answer(settle)
    }
    try {
      const done = work()
      if (!(done instanceof Promise)) return leave(() => resolve(done))
      done.then(
        (value) => leave(() => resolve(value)),
        (error: unknown) => leave(() => reject(error)),
      )
    } catch (error) {
      leave(() => reject(error))
    }
  }
  if (to.cut.has(from)) return promise
  scheduler.after(latency(), null, arrive)
  return promise
}
