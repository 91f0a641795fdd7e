// This node's right to act: one row in PostgreSQL, renewed every second and a half. The deadline counts from the moment a renewal was
// sent; the arithmetic is in domain/cluster/lease.ts. Who owns which session is decided by the store; this file only knows whether the
// node as a whole is still entitled to anything, and says so when it no longer is.

import { setTimeout as sleep } from 'node:timers/promises'
import { type Clocks, continued, extended, leftMs, mayBury, notAfter, type Streak } from '../../domain/cluster/lease.ts'
import type { Logger } from '../../log.ts'
import { type Meters, NO_METERS } from '../../meters.ts'
import type { LeasePolicy } from '../../policy.ts'
import type { ClusterStore, Member, NodeStatus } from './store.ts'

/** What a node is, apart from how it is doing. */
export type NodeIdentity = Omit<Member, keyof NodeStatus | 'startedAt'>

/** Why a lease is over: its time ran out, or another node declared this one dead. */
export type Lapse = 'deadline' | 'told-dead'

export interface NodeLease {
  readonly incarnation: string
  /** Asked at every frame: cheap and synchronous. */
  valid(): boolean
  /** What is left of it, in ms. */
  leftMs(): number
  /** What was left when it was last renewed, in ms. */
  slackMs(): number
  /** Told when the lease has run out, within `guardMs`, whether or not anything else happens. @returns stops listening */
  onLapse(listener: (why: Lapse) => void): () => void
  /** Told after every renewal that succeeded. @returns stops listening */
  onRenew(listener: () => void): () => void
  /** Renews at once, so that others see a change of status. Never rejects. */
  renewNow(): Promise<void>
  /** Stops renewing and tells the others at once that this incarnation is over. Never rejects. */
  end(): Promise<void>
}

export interface LeaseDeps {
  /** On connections of its own: work that takes all others must not cost the node its lease. */
  readonly store: Pick<ClusterStore, 'register' | 'renew' | 'declareDead' | 'markDead'>
  readonly node: NodeIdentity
  readonly status: () => Omit<NodeStatus, 'leaseSlackMs'>
  readonly policy: LeasePolicy
  readonly log: Logger
  readonly meters?: Meters
  readonly now: () => Date
  readonly monotonic: () => number
  /** These others were just declared dead. */
  readonly buried?: (incarnations: readonly string[]) => void
  /** Another node declared this incarnation dead: nothing may be done under it any more. Called once. */
  readonly toldDead: () => void
}

/** Registers the node and keeps its lease. @throws when the database cannot be written */
export async function holdLease(deps: LeaseDeps): Promise<NodeLease> {
  const { store, policy, log, meters = NO_METERS } = deps
  const { incarnation } = deps.node
  const clocks = (): Clocks => ({ monotonic: deps.monotonic(), wall: deps.now().getTime() })
  const listeners = new Set<(why: Lapse) => void>()
  const renewals = new Set<() => void>()
  let over = false
  let streak: Streak | null = null
  let timer: NodeJS.Timeout | null = null

  const first = clocks()
  await store.register(deps.node, policy.ttlMs)
  let deadline = extended(null, first, policy)
  let slack = leftMs(deadline, first)

  const valid = () => !over && leftMs(deadline, clocks()) > 0

  let said = false
  const tellLapse = (why: Lapse) => {
    if (valid()) {
      said = false
      return
    }
    if (said) return
    said = true
    log.error({ incarnation }, 'the lease of this node ran out: its connections are closed')
    for (const listener of listeners) listener(why)
  }
  // The second line: every frame asks for itself, but a node that is idle has no frames.
  const watch = setInterval(() => tellLapse('deadline'), policy.guardMs)

  const die = () => {
    if (over) return
    over = true
    clearInterval(watch)
    clearInterval(bury)
    if (timer !== null) clearTimeout(timer)
    tellLapse('told-dead')
    deps.toldDead()
  }

  /** @returns whether it was answered in time; an answer that is late still counts, from when the renewal was sent */
  const renewOnce = async (): Promise<boolean> => {
    const sent = clocks()
    slack = leftMs(deadline, sent)
    const status = { ...deps.status(), leaseSlackMs: slack }
    const answer = store.renew(incarnation, policy.ttlMs, status).then((database) => {
      if (database !== null) deadline = extended(deadline, sent, policy)
      else die()
      return database
    })
    const database = await inTime(answer, policy.controlTimeoutMs)
    if (database === null) return false
    const answered = deps.monotonic()
    streak = continued(streak, { sent, answered, database }, policy)
    meters.observe('leaseRenew', {}, (answered - sent.monotonic) / 1_000)
    return true
  }

  const buryOthers = async (held: Streak) => {
    const latest = notAfter(held, deps.monotonic(), policy)
    const dead = await inTime(store.declareDead(latest), policy.controlTimeoutMs)
    if (dead.length === 0) return
    log.warn({ incarnations: dead }, 'nodes that did not renew their lease are declared dead')
    deps.buried?.(dead)
  }

  // More often than it renews: whoever waits for a dead node's sessions should not wait for that, too.
  let burying = false
  const bury = setInterval(() => {
    if (burying || !valid() || !mayBury(streak, policy)) return
    burying = true
    buryOthers(streak)
      .catch((error: unknown) => log.debug({ err: error }, 'who is dead could not be asked; asked again'))
      .finally(() => {
        burying = false
      })
  }, policy.buryMs)

  const renew = async () => {
    try {
      if (!(await renewOnce())) return
      for (const listener of renewals) listener()
    } catch (error) {
      streak = null
      meters.count('leaseRenewalsFailed', {})
      if (!over) log.warn({ err: error, leftMs: leftMs(deadline, clocks()) }, 'the lease was not renewed; trying again')
    }
  }

  const plan = () => {
    if (!over) timer = setTimeout(() => void renew().then(plan), policy.renewMs)
  }
  plan()

  return {
    incarnation,
    valid,
    leftMs: () => (over ? 0 : leftMs(deadline, clocks())),
    slackMs: () => slack,
    onLapse(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    onRenew(listener) {
      renewals.add(listener)
      return () => void renewals.delete(listener)
    },
    renewNow: renew,
    async end() {
      over = true
      clearInterval(watch)
      clearInterval(bury)
      if (timer !== null) clearTimeout(timer)
      await inTime(store.markDead(incarnation), policy.controlTimeoutMs).catch((error: unknown) =>
        log.warn({ err: error }, 'could not say that this node is over; its lease runs out by itself'),
      )
    },
  }
}

/** The client's own deadline: a connection that leads nowhere must not hold up the next attempt. */
async function inTime<T>(work: Promise<T>, limitMs: number): Promise<T> {
  const done = new AbortController()
  const late = sleep(limitMs, undefined, { signal: done.signal }).then(
    () => Promise.reject(new Error(`no answer from the database within ${limitMs} ms`)),
    () => work,
  )
  try {
    return await Promise.race([work, late])
  } finally {
    done.abort()
    late.catch(() => undefined)
    work.catch(() => undefined)
  }
}
