// One simulated process: the real lease, membership, reconciliation and hand-over, around simulated sessions. It starts, takes what is
// planned for it, and ends by being killed, by being told that it is dead, or in order.

import type { HandOffDeps } from '../../../src/actors/cluster/handoff.ts'
import type { NodeLease } from '../../../src/actors/cluster/lease.ts'
import type { Reconciler, Residence } from '../../../src/actors/cluster/reconcile.ts'
import type { Fence, SessionId } from '../../../src/domain/ids.ts'
import type { Logger } from '../../../src/log.ts'
import { makePolicy } from '../../../src/policy.ts'
import type { Database, Work } from './database.ts'
import type { Redis } from './redis.ts'
import type { Process, Scheduler } from './scheduler.ts'
import { type Session, startSession } from './session.ts'
import type { Source } from './source.ts'
import type { Switches } from './switches.ts'
import { setTimeout } from './timers.ts'
import type { WhatsApp } from './whatsapp.ts'

/** The product's own numbers, but for two that only cost events. */
export const POLICY = makePolicy({ lease: { guardMs: 500 }, cluster: { reconcileMs: 1_000 } })

const CAPACITY = 10
const BOOT_AGAIN_MS = 1_000
const START_MS = 1_700_000_000_000

export interface World {
  readonly scheduler: Scheduler
  readonly database: Database
  readonly redis: Redis
  readonly whatsapp: WhatsApp
  readonly source: Source
  readonly switches: Switches
  readonly log: Logger
  /** A frame is taken in or leaves, here and now. */
  readonly frame: (
    node: Node,
    fence: Fence,
    direction: 'in' | 'out',
    what: string,
    row: number | null,
    id: string | null,
  ) => void
  readonly socket: (node: Node, session: SessionId, open: number) => void
  /** The process ended by itself. */
  readonly exited: (node: Node) => void
}

export interface Node {
  readonly process: Process
  readonly slot: number
  readonly version: number
  readonly sessions: ReadonlyMap<SessionId, Session>
  readonly work: Work
  /** Has registered and begun to look for sessions. */
  running(): boolean
  /** Its monotonic clock stood still for so long while it was frozen. */
  suspended(ms: number): void
  setRate(rate: number): void
  /** Gives its sessions away and ends. Called within the process. */
  leave(): void
  ring(session: SessionId): void
}

export function startNode(world: World, slot: number, version: number, incarnation: string): Node {
  const { scheduler, database, redis, source, log } = world
  const process = scheduler.process(incarnation)
  const store = database.store(process)
  const work = database.work(process)
  const sessions = new Map<SessionId, Session>()
  const claiming = new Set<SessionId>()
  const lost = new Set<SessionId>()
  /** The last epoch that an actor here has finished with. */
  const past = new Map<SessionId, bigint>()
  const dropping = new Map<SessionId, Promise<void>>()
  const sockets = new Map<SessionId, number>()
  const identity = {
    incarnation,
    id: `n${slot}`,
    url: `http://${incarnation}`,
    version: String(version).padStart(3, '0'),
    role: 'all',
    capacity: CAPACITY,
  } as const
  let draining = false
  let lease: NodeLease | null = null
  let reconciler: Reconciler | null = null
  let announce: () => Promise<void> = async () => undefined

  // Two clocks, both as fast as this process's, one of which stands still while the machine sleeps.
  let since = scheduler.now()
  let ran = scheduler.random('uptime') * 1e6
  let slept = 0
  const elapsed = () => ran + (scheduler.now() - since) * process.rate
  const monotonic = () => elapsed() - slept
  const now = () => new Date(START_MS + elapsed())

  const planner = redis.planner(process, store, monotonic)

  const status = () => ({ draining, sessions: sessions.size, loopLagMs: 0, rssMb: 100 })

  const spawn = (fence: Fence, held: NodeLease) => {
    const { session } = fence
    const actor = startSession({
      fence,
      lease: held,
      work,
      switches: world.switches,
      log,
      now,
      random: () => scheduler.random(`session ${session}`),
      connect: (receive) => world.whatsapp.connect({ process, session, epoch: fence.epoch, receive }),
      frame: (direction, what, row, id) => world.frame(node, fence, direction, what, row, id),
      sockets(change) {
        sockets.set(session, (sockets.get(session) ?? 0) + change)
        world.socket(node, session, sockets.get(session) ?? 0)
      },
      // Not from within its own work.
      left: () => void setTimeout(() => void drop(session, 'it left'), 0),
    })
    sessions.set(session, actor)
    past.set(session, fence.epoch)
  }

  /** Ends an actor; only then may the session be started here again. */
  const drop = (session: SessionId, cause: string): Promise<void> => {
    const actor = sessions.get(session)
    const already = dropping.get(session)
    if (actor === undefined || already !== undefined) return already ?? Promise.resolve()
    actor.fenced(cause)
    const ending = actor.stop().then(() => {
      sessions.delete(session)
      dropping.delete(session)
      lost.add(session)
    })
    dropping.set(session, ending)
    return ending
  }

  /** A fence that an actor here had once may still be in the hands of what it left behind: it is claimed afresh instead. */
  const unused = ({ session, epoch }: Fence): boolean => {
    const fresh = epoch > (past.get(session) ?? -1n)
    if (!fresh) lost.add(session)
    return fresh
  }

  // As src/actors/residents.ts.
  const residence: Residence = {
    here: (session) => sessions.has(session) || claiming.has(session),
    lost: () => lost,
    async adopt(wanted, get) {
      const fresh = wanted.filter((session) => !residence.here(session))
      for (const session of fresh) claiming.add(session)
      try {
        const given = await get(fresh)
        for (const session of fresh) lost.delete(session)
        const fences = given.filter(unused)
        const held = lease
        if (held === null || !held.valid() || draining) return 0
        for (const fence of fences) {
          spawn(fence, held)
          planner.publish(fence.session, { incarnation, epoch: fence.epoch }).catch(() => undefined)
        }
        return fences.length
      } catch (error) {
        // The answer is lost, not necessarily the claim.
        for (const session of fresh) lost.add(session)
        throw error
      } finally {
        for (const session of fresh) claiming.delete(session)
      }
    },
  }

  const boot = async () => {
    const held = await source.holdLease({
      store,
      node: identity,
      status,
      policy: POLICY.lease,
      log,
      now,
      monotonic,
      buried: (incarnations) => {
        for (const dead of incarnations) planner.gone(dead).catch(() => undefined)
      },
      toldDead: () => world.exited(node),
    })
    lease = held
    held.onLapse(() => {
      for (const session of sessions.keys()) void drop(session, 'the lease ran out')
    })
    const membership = source.joinCluster({
      store,
      planner,
      lease: held,
      node: identity,
      startedAt: now(),
      status,
      homes: () => [...sessions].map(([session, { fence }]) => [session, fence.epoch] as const),
      log,
    })
    announce = membership.announce
    reconciler = source.startReconcile({
      store,
      planner,
      lease: held,
      residence,
      policy: POLICY.cluster,
      log,
      random: () => scheduler.random(`reconcile ${incarnation}`),
      monotonic,
    })
    planner.listen({
      bell: (bell) => {
        if (bell.type === 'own') void reconciler?.lookNow()
        else sessions.get(bell.session)?.ring()
      },
      moved: () => undefined,
    })
  }
  const bootOrTryAgain = () => {
    boot().catch(() => world.exited(node))
  }
  scheduler.after(scheduler.random('boot') * BOOT_AGAIN_MS, process, bootOrTryAgain)

  const handOff: HandOffDeps = {
    store,
    planner,
    me: incarnation,
    policy: POLICY.cluster,
    log,
    fenceOf: (session) => sessions.get(session)?.fence ?? null,
    quiet: async (session) => sessions.get(session)?.quiet(POLICY.cluster.inFlightMs),
    async leave(session, then) {
      const actor = sessions.get(session)
      await actor?.stop()
      try {
        return await then()
      } finally {
        sessions.delete(session)
      }
    },
    keep: (session) => void lost.add(session),
  }

  const leave = async () => {
    draining = true
    await announce()
    await reconciler?.stop()
    const leaving = [...sessions.keys()].map((session) => ({ session, idleMs: 0 }))
    await source.drain(leaving, handOff)
    await Promise.all([...sessions.keys()].map((session) => drop(session, 'the node stops')))
    await lease?.end()
    world.exited(node)
  }

  const node: Node = {
    process,
    slot,
    version,
    sessions,
    work,
    running: () => reconciler !== null,
    suspended(ms) {
      slept += ms * process.rate
    },
    setRate(rate) {
      ran = elapsed()
      since = scheduler.now()
      process.rate = rate
    },
    leave: () => void leave(),
    ring(session) {
      const here = sessions.get(session)
      if (here !== undefined) here.ring()
    },
  }
  return node
}
