// This node's right to act: one row in PostgreSQL, renewed every second and a half. The deadline counts from the moment a renewal was
// sent, on a clock that only goes forward, and on the wall clock too (a suspended machine stops the other one). Who owns which session
// is decided in persistence/leases.ts; this file only knows whether the node as a whole is still entitled to anything.

import type { Logger } from '../../log.ts'
import type { Database } from '../../persistence/database.ts'
import { declareDead, markNodeDead, registerNode, renewNode } from '../../persistence/leases.ts'
import type { LeasePolicy } from '../../policy.ts'

export interface NodeLease {
  readonly incarnation: string
  /** Asked at every frame: cheap and synchronous. */
  valid(): boolean
  /** Stops renewing and tells the others at once that this incarnation is over. Never rejects. */
  end(): Promise<void>
}

export interface LeaseDeps {
  readonly db: Database
  readonly incarnation: string
  readonly nodeId: string
  readonly version: string
  readonly policy: LeasePolicy
  readonly log: Logger
  readonly now: () => Date
  readonly monotonic: () => number
  /** Another node declared this incarnation dead: nothing may be done under it any more. */
  readonly toldDead: () => void
}

/** Registers the node and keeps its lease. @throws when the database cannot be written */
export async function holdLease(deps: LeaseDeps): Promise<NodeLease> {
  const { db, incarnation, policy } = deps
  let monotonicDeadline = 0
  let wallDeadline = 0
  let over = false
  /** Monotonic ms of the first renewal since which none failed. */
  let unbrokenSince: number | null = null
  let timer: NodeJS.Timeout | null = null

  const extendFrom = (sentMonotonic: number, sentWall: number) => {
    const span = policy.ttlMs - policy.marginMs
    monotonicDeadline = sentMonotonic + span
    wallDeadline = sentWall + span
  }

  const sent = { monotonic: deps.monotonic(), wall: deps.now().getTime() }
  await registerNode(db, { incarnation, id: deps.nodeId, url: null, version: deps.version, ttlMs: policy.ttlMs })
  extendFrom(sent.monotonic, sent.wall)

  /** After any outage of the database everybody gets one whole lease to come back before anybody may be declared dead. */
  const buryOthers = async (unbrokenMs: number) => {
    if (unbrokenMs < policy.ttlMs) return
    const dead = await declareDead(db)
    if (dead.length > 0) deps.log.warn({ incarnations: dead }, 'nodes that did not renew their lease are declared dead')
  }

  const renew = async () => {
    const monotonic = deps.monotonic()
    const wall = deps.now().getTime()
    try {
      const alive = await renewNode(db, incarnation, policy.ttlMs)
      if (alive) {
        extendFrom(monotonic, wall)
        unbrokenSince ??= monotonic
        await buryOthers(monotonic - unbrokenSince)
      } else if (!over) {
        over = true
        deps.toldDead()
      }
    } catch (error) {
      unbrokenSince = null
      if (!over) deps.log.warn({ err: error }, 'the lease of this node was not renewed; trying again')
    }
    if (!over) timer = setTimeout(() => void renew(), policy.renewMs)
  }
  timer = setTimeout(() => void renew(), policy.renewMs)

  return {
    incarnation,
    valid: () => !over && deps.monotonic() < monotonicDeadline && deps.now().getTime() < wallDeadline,
    async end() {
      over = true
      if (timer !== null) clearTimeout(timer)
      await markNodeDead(db, incarnation).catch((error: unknown) =>
        deps.log.warn({ err: error }, 'could not say that this node is over; its lease runs out by itself'),
      )
    },
  }
}
