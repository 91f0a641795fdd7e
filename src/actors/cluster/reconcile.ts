// The loop that needs nobody to ask for anything: twice a second it looks for sessions that should be connected and are nobody's, and takes
// those that belong here. It never touches a session that has an actor here, and costs the same few statements however many those are.
// What belongs where is decided in domain/cluster/reconcile.ts and by the planner; who wins is decided by the database.

import { candidates, divide, type Placed, pauseMs, permitted } from '../../domain/cluster/reconcile.ts'
import type { Fence, SessionId } from '../../domain/ids.ts'
import type { Logger } from '../../log.ts'
import { type Meters, NO_METERS, type Wake } from '../../meters.ts'
import { isUnavailable } from '../../persistence/database.ts'
import type { ClusterPolicy } from '../../policy.ts'
import type { NodeLease } from './lease.ts'
import type { Planner } from './planner.ts'
import type { ClusterStore } from './store.ts'

/** The sessions of this node, as the loop sees them. */
export interface Residence {
  /** Has an actor here, or is being claimed. */
  here(session: SessionId): boolean
  /** Owned by this node as far as it knows, but without an actor. */
  lost(): Iterable<SessionId>
  /**
   * Claims and starts what is not here yet.
   * @param handed another node gave them up in order, for us to go on with
   * @returns how many began
   */
  adopt(
    sessions: readonly SessionId[],
    get: (sessions: readonly SessionId[]) => Promise<readonly Fence[]>,
    handed?: 'handed',
  ): Promise<number>
}

export interface ReconcileDeps {
  readonly store: Pick<ClusterStore, 'orphans' | 'claim' | 'ownedAfter'>
  readonly planner: Pick<Planner, 'place' | 'take' | 'ring'>
  readonly lease: Pick<NodeLease, 'valid' | 'incarnation'>
  readonly residence: Residence
  readonly policy: ClusterPolicy
  readonly log: Logger
  readonly random: () => number
  readonly monotonic: () => number
  readonly meters?: Meters
}

export interface Reconciler {
  /** Looks now instead of at the next round. @returns how many sessions were taken. Never rejects */
  lookNow(by?: Exclude<Wake, 'poll'>): Promise<number>
  stop(): Promise<void>
}

export function startReconcile(deps: ReconcileDeps): Reconciler {
  const { store, planner, residence, policy, log, meters = NO_METERS } = deps
  const me = deps.lease.incarnation
  let told: ReadonlyMap<SessionId, string> = new Map()
  let stopped = false
  let timer: NodeJS.Timeout | null = null
  let running: Promise<number> = Promise.resolve(0)

  const arrived = watchArrivals(deps)

  const place = async (session: SessionId): Promise<Placed> => {
    const home = await planner.place(session).catch((error: unknown) => {
      log.debug({ err: error, userId: session }, 'the planner does not answer; tried again with the next round')
      return null
    })
    return { session, home: home?.incarnation ?? null }
  }

  /** Since when this node has seen a session to be nobody's. */
  let seen: ReadonlyMap<SessionId, number> = new Map()
  const claim = async (sessions: readonly SessionId[]): Promise<readonly Fence[]> => {
    const fences = await store.claim(sessions, me)
    for (const { session } of fences)
      meters.observe('timeToOwner', {}, (deps.monotonic() - (seen.get(session) ?? deps.monotonic())) / 1_000)
    return fences
  }

  const round = async (): Promise<number> => {
    if (stopped || !deps.lease.valid()) return 0
    const { here } = residence
    // What was handed to us while the bell was lost is ours already: nobody has to permit or plan it.
    const given = await arrived()
    const handed = await residence.adopt(
      given.map(({ session }) => session),
      async (sessions) => given.filter(({ session }) => sessions.includes(session)),
      'handed',
    )
    const { lost, orphans } = candidates({
      lost: residence.lost(),
      orphans: await store.orphans(policy.orphansAtOnce),
      here,
    })
    const now = deps.monotonic()
    seen = new Map(orphans.map((session) => [session, seen.get(session) ?? now]))
    if (lost.length + orphans.length === 0) {
      told = new Map()
      return handed
    }
    const placed = await Promise.all(orphans.map(place))
    const plan = divide(me, lost, placed, told)
    told = plan.told
    for (const { session, incarnation } of plan.ring)
      planner
        .ring(incarnation, { type: 'own', session })
        .catch((error: unknown) => log.debug({ err: error }, 'a bell was not rung; the round of that node finds it'))
    if (plan.wanted.length === 0) return handed
    const may = permitted(plan.wanted, await planner.take(plan.wanted.length))
    if (may.length === 0 || stopped || !deps.lease.valid()) return handed
    const taken = await residence.adopt(may, claim)
    if (taken > 0)
      log.info({ count: taken, waiting: plan.wanted.length - taken }, 'sessions without an owner are taken')
    return handed + taken
  }

  let next: Promise<number> | null = null
  /** One round at a time: one that is asked for while another runs comes after it, once for all who ask. */
  const look = (by: Wake): Promise<number> => {
    if (next !== null) return next
    const mine = running
      .then(() => {
        next = null
        return round()
      })
      .then((taken) => {
        if (taken > 0) meters.count('sessionsTaken', { by }, taken)
        return taken
      })
      .catch((error: unknown) => {
        const level = isUnavailable(error) ? 'debug' : 'error'
        log[level]({ err: error }, 'sessions without an owner could not be looked for')
        return 0
      })
    next = mine
    running = mine
    return mine
  }

  const plan = () => {
    if (!stopped) timer = setTimeout(() => void look('poll').then(plan), pauseMs(policy.reconcileMs, deps.random()))
  }
  plan()

  return {
    lookNow: (by = 'bell') => look(by),
    async stop() {
      stopped = true
      if (timer !== null) clearTimeout(timer)
      await running
    },
  }
}

/**
 * What came to be ours without our doing: a session handed over whose bell was lost. Epochs come from one sequence, so that only those
 * after the newest one seen a while ago have to be read; a while, because they are not committed in their order.
 */
function watchArrivals(deps: ReconcileDeps): () => Promise<readonly Fence[]> {
  let seen = 0n
  let settled = { epoch: 0n, at: deps.monotonic() }
  let next = { epoch: 0n, at: deps.monotonic() }
  return async () => {
    const fences = await deps.store.ownedAfter(deps.lease.incarnation, settled.epoch)
    for (const { epoch } of fences) if (epoch > seen) seen = epoch
    const now = deps.monotonic()
    if (now - next.at >= deps.policy.arrivalWindowMs) {
      settled = next
      next = { epoch: seen, at: now }
    }
    return fences.filter(({ session }) => !deps.residence.here(session))
  }
}
