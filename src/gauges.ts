// What is read only when somebody looks: sessions, lease, planner, event loop, and how much waits in the database. The database is asked at
// most once in some seconds, however often and by how many it is looked at.

import { SESSION_STATES, type SessionStateName } from './domain/session/state.ts'
import type { QueueFigures } from './persistence/queue-figures.ts'
import type { Look } from './prometheus.ts'

export interface Watched {
  readonly version: string
  readonly role: 'all' | 'edge' | 'worker'
  readonly sessions: {
    counts(): { readonly owned: number }
    states(): Iterable<SessionStateName>
    mailboxes(): { readonly waiting: number; readonly longest: number }
  }
  readonly leaseLeftMs: () => number
  readonly plannerSource: () => 'redis' | 'rows'
  readonly loopLagMs: () => number
  readonly draining: () => boolean
  readonly queues: () => Promise<QueueFigures>
  readonly monotonic: () => number
}

/** How long the figures of the database stand, and how long they may take, in ms. */
const STAND_MS = 5_000
const LIMIT_MS = 2_000

export function gaugesOf(watched: Watched): Look {
  const { sessions } = watched
  const queues = standing(watched)
  return async (set) => {
    const states = Map.groupBy(sessions.states(), (state) => state)
    for (const state of SESSION_STATES) set('sessions', { state }, states.get(state)?.length ?? 0)
    set('sessionsOwned', {}, sessions.counts().owned)
    const { waiting, longest } = sessions.mailboxes()
    set('mailboxWaiting', {}, waiting)
    set('mailboxLongest', {}, longest)
    set('leaseSlack', {}, Math.max(0, watched.leaseLeftMs()) / 1_000)
    const source = watched.plannerSource()
    for (const each of ['redis', 'rows'] as const) set('plannerSource', { source: each }, Number(each === source))
    set('loopLag', {}, watched.loopLagMs() / 1_000)
    set('draining', {}, Number(watched.draining()))
    set('nodeInfo', { version: watched.version, role: watched.role }, 1)
    const figures = await queues()
    set('databaseUp', {}, Number(figures !== null))
    if (figures === null) return
    set('inboxWaiting', {}, figures.inbox.waiting)
    set('inboxAge', {}, figures.inbox.oldestSeconds)
    set('outboxPending', {}, figures.outbox.pending)
    set('outboxAge', {}, figures.outbox.oldestSeconds)
    set('orphans', {}, figures.orphans)
  }
}

/** The figures of the database, or null when it does not give them in time; asked once for all who ask within some seconds. */
function standing({ queues, monotonic }: Pick<Watched, 'queues' | 'monotonic'>): () => Promise<QueueFigures | null> {
  let at = Number.NEGATIVE_INFINITY
  let last: Promise<QueueFigures | null> = Promise.resolve(null)
  return () => {
    if (monotonic() - at < STAND_MS) return last
    at = monotonic()
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<null>((resolve) => {
      timer = setTimeout(resolve, LIMIT_MS, null)
    })
    last = Promise.race([queues().catch(() => null), limit]).finally(() => clearTimeout(timer))
    return last
  }
}
