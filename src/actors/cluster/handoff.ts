// Giving sessions away: one that is asked for, or all of them because this node stops. The order is what makes it safe: the connection has
// ended before the lease goes over, and the lease goes over in one statement, so that at no moment two may act or a third comes in between.

import { setTimeout as sleep } from 'node:timers/promises'
import { drainOrder, type Leaving } from '../../domain/cluster/drain.ts'
import type { Fence, UserId } from '../../domain/ids.ts'
import type { Logger } from '../../log.ts'
import { type Meters, NO_METERS } from '../../meters.ts'
import type { ClusterPolicy } from '../../policy.ts'
import type { Planner } from './planner.ts'
import type { ClusterStore } from './store.ts'

export interface HandOffDeps {
  readonly store: Pick<ClusterStore, 'transfer'>
  readonly planner: Pick<Planner, 'place' | 'publish' | 'ring'>
  /** This node's incarnation. */
  readonly me: string
  readonly policy: ClusterPolicy
  readonly log: Logger
  readonly meters?: Meters
  readonly fenceOf: (user: UserId) => Fence | null
  /** Sends nothing new, and waits for what is being sent, for `inFlightMs` at most. Never rejects. */
  readonly quiet: (user: UserId) => Promise<void>
  /** Ends actor and connection in order, with `then` carried out before anybody may start the session here again. */
  readonly leave: <T>(user: UserId, then: () => Promise<T>) => Promise<T>
  /** It is to be looked at again: it may still be ours, without an actor. */
  readonly keep: (user: UserId) => void
}

/** @returns the fence under which the other node owns it, or null when it could not be given */
export async function handOver(user: UserId, to: string, deps: HandOffDeps): Promise<Fence | null> {
  const { store, planner, log } = deps
  const fence = deps.fenceOf(user)
  if (fence === null || to === deps.me) return null
  await deps.quiet(user)
  const given = await deps.leave(user, async () => {
    try {
      return await store.transfer(fence, to)
    } catch (error) {
      log.warn({ err: error, userId: user, to }, 'a session could not be handed over')
      return null
    }
  })
  const meters = deps.meters ?? NO_METERS
  meters.count('handOffs', { outcome: given === null ? 'kept' : 'given' })
  if (given === null) {
    deps.keep(user)
    return null
  }
  log.info({ userId: user, owner: to, epoch: given.epoch.toString() }, 'session is handed over')
  // Hints both: the other node finds what is its own without them.
  const hint = (work: Promise<void>) => work.catch((error: unknown) => log.debug({ err: error }, 'a hint was lost'))
  await hint(planner.ring(to, { type: 'own', session: user }))
  await hint(planner.publish(user, { incarnation: to, epoch: given.epoch }))
  return given
}

export interface Drained {
  readonly moved: number
  /** Not given to anybody: they end with the node, and are free once it is marked dead. */
  readonly left: number
}

/** Gives every session to the node the planner names for it, a few at a time, within `drainMs`. Never rejects. */
export async function drain(sessions: readonly Leaving[], deps: HandOffDeps): Promise<Drained> {
  const { policy, planner, log } = deps
  const waiting = [...drainOrder(sessions)]
  let moved = 0
  let over = false

  const giveOne = async (user: UserId): Promise<'moved' | 'kept' | 'nobody'> => {
    const home = await planner.place(user, deps.me)
    if (home === null || home.incarnation === deps.me) return 'nobody'
    return (await handOver(user, home.incarnation, deps)) === null ? 'kept' : 'moved'
  }

  const work = async () => {
    for (let user = waiting.shift(); user !== undefined && !over; user = waiting.shift())
      try {
        const end = await giveOne(user)
        if (end === 'moved') moved += 1
        // Without another node there is nothing to give to: the sessions end as they would alone.
        if (end === 'nobody') over = true
      } catch (error) {
        log.warn({ err: error, userId: user }, 'a session could not be given away; it is free once this node is over')
      }
  }

  const inTime = new AbortController()
  const limit = sleep(policy.drainMs, undefined, { signal: inTime.signal, ref: false }).then(
    () => {
      over = true
      log.warn({ moved, total: sessions.length }, 'the time for handing over is up')
    },
    () => undefined,
  )
  await Promise.race([Promise.all(Array.from({ length: policy.drainAtOnce }, work)), limit])
  inTime.abort()
  if (sessions.length > 0) log.info({ moved, left: sessions.length - moved }, 'sessions were handed over')
  return { moved, left: sessions.length - moved }
}
