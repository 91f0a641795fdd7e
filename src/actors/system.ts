// The sessions of this node: commands reach their actors, news of pairings reach who listens, and what the cluster wants of a session
// (take it, hand it over, start it again, give all of them away) is carried out. Who is here is kept in residents.ts.

import type { UserId } from '../domain/ids.ts'
import { never, refuse } from '../domain/result.ts'
import type { SessionStateName } from '../domain/session/state.ts'
import { NO_METERS } from '../meters.ts'
import { type Drained, drain, type HandOffDeps, handOver } from './cluster/handoff.ts'
import type { LocalSessions } from './cluster/local.ts'
import type { Bell, Planner } from './cluster/planner.ts'
import { startReconcile } from './cluster/reconcile.ts'
import type { CleanupStats } from './cluster/sessions.ts'
import { type JanitorDeps, startJanitor } from './janitor.actor.ts'
import { ask, startActors } from './nact.ts'
import { lookForOutbox } from './outbox/look.ts'
import { makeResidents } from './residents.ts'
import type { SessionDeps } from './session/deps.ts'
import type { SessionMessage } from './session/messages.ts'
import type { ActiveSession, CommandBody, CommandReply, QrStreamEvent, SessionCommandName } from './session/protocol.ts'
import { SESSION_PROTOCOL } from './session/protocol.ts'
import { sessionActor } from './session/session.actor.ts'

/** The sessions of this node, with their beginning and their end. */
export interface SessionSystem extends LocalSessions {
  /** Looks now for sessions that should be connected and are nobody's. @returns how many were taken */
  resumeAll(by?: 'start' | 'death'): Promise<number>
  /** Counts for /health. `total`: sessions that are anything but disconnected; `owned`: those this node has, connected or not. */
  counts(): { readonly open: number; readonly total: number; readonly owned: number }
  /** The state of each session that has an actor here. */
  states(): Iterable<SessionStateName>
  /** Messages that wait in their mailboxes: of all, and in the fullest. */
  mailboxes(): { readonly waiting: number; readonly longest: number }
  /** What is owned here and under which epoch: for a planner that has forgotten. */
  homes(): Iterable<readonly [UserId, bigint]>
  /** Takes nothing more and gives every session to another node, within a bound. Never rejects; `stop` still has to follow. */
  drain(): Promise<Drained>
  /** Stops every session in order; sockets end, what is decrypted is stored. */
  stop(): Promise<void>
}

type SetBySystem = 'announce' | 'entered' | 'gained' | 'left' | 'reclaim'

export interface SystemDeps extends Omit<SessionDeps, SetBySystem> {
  readonly planner: Planner
  /** False for a node that only answers HTTP: it never takes a session. */
  readonly ownsSessions: boolean
  readonly cleanup: Omit<JanitorDeps, 'sessions' | 'session' | 'stateOf' | 'staleTimeoutMs'>
}

/** The states in which a session has, or is about to have, a connection: those that another node would go on with. */
const CONNECTED: ReadonlySet<SessionStateName> = new Set(['connecting', 'pairing', 'open', 'reconnecting'])

export function startSessions(systemDeps: SystemDeps): SessionSystem {
  const { log, policy, planner, store, lease } = systemDeps
  const me = lease.incarnation
  const listeners = new Map<UserId, Set<(event: QrStreamEvent) => void>>()
  const states = new Map<UserId, SessionStateName>()
  let stopping = false
  let draining = !systemDeps.ownsSessions

  const hint = (work: Promise<void>) =>
    void work.catch((error: unknown) =>
      log.debug({ err: error }, 'the planner was not told; its next round corrects it'),
    )

  const deps: SessionDeps = {
    ...systemDeps,
    entered: (user, state) => void states.set(user, state),
    announce(user, event) {
      for (const listener of [...(listeners.get(user) ?? [])]) listener(event)
    },
    gained(fence, cut) {
      residents.gained(fence, cut)
      hint(planner.publish(fence.session, { incarnation: me, epoch: fence.epoch }))
    },
    left: (fence) => residents.left(fence),
    reclaim(user, conflictAt) {
      residents.remember(user, conflictAt)
      restart(user).catch((error: unknown) => log.error({ err: error, userId: user }, 'session was not started again'))
    },
  }
  const actors = startActors()
  const residents = makeResidents({
    actors,
    log,
    policy: policy.session,
    spawn: (under, user, beginning) => under.spawn(sessionActor(user, beginning, deps)),
    ended(user, fence) {
      states.delete(user)
      if (fence !== null && !stopping) hint(planner.forget(user, fence.epoch))
    },
  })
  const stopListening = lease.onLapse((why) => residents.cutAll(why))
  const reconcile = systemDeps.ownsSessions
    ? startReconcile({ ...deps, planner, residence: residents, policy: policy.cluster })
    : null
  const noLooks = systemDeps.ownsSessions
    ? lookForOutbox({
        db: deps.db,
        owner: me,
        everyMs: policy.pace.pollMs,
        ring: (session) => void residents.find(session)?.tell({ type: 'outbox.filled' }),
        log,
      })
    : async () => undefined
  const noBells = planner.listen({ bell, moved: () => undefined })

  /** A bell only shortens the wait: what is to be taken is read from the database. */
  function bell(rung: Bell): void {
    switch (rung.type) {
      case 'own':
        void reconcile?.lookNow('bell')
        return
      case 'outbox':
        residents.find(rung.session)?.tell({ type: 'outbox.filled' })
        return
      default:
        never(rung)
    }
  }

  async function askSession<R>(user: UserId, make: (reply: (value: R) => void) => SessionMessage) {
    const ref = draining ? residents.find(user) : residents.ensure(user)
    return ref === null ? ({ kind: 'gone' } as const) : ask(ref, make, policy.session.askTimeoutMs)
  }

  async function command<N extends SessionCommandName>(
    user: UserId,
    name: N,
    body: CommandBody<N>,
  ): Promise<CommandReply<N>> {
    if (stopping)
      return refuse('shutting-down', 'This server is shutting down. Try again in a moment.', { retryAfterSeconds: 5 })
    // Encoded even when it stays at home: what does not survive the protocol must not work by accident.
    const checked = SESSION_PROTOCOL[name].body.parse(body)
    const answer = await askSession<CommandReply<N>>(
      user,
      (reply) => ({ type: 'command', name, body: checked, reply }) as SessionMessage,
    )
    switch (answer.kind) {
      case 'answered':
        return answer.value
      case 'full':
        return refuse('mailbox-full', 'Too many requests wait for this account. Try again in a moment.', {
          retryAfterSeconds: 2,
        })
      case 'gone':
        // Answered when it is known whose it is now, so that who asks again finds it there.
        await residents.leaving(user)
        return refuse('owner-moved', 'The session of this account is being started again. Try again in a moment.', {
          retryAfterSeconds: 2,
        })
      case 'timeout':
        return refuse('session-timeout', 'The session did not answer in time; the request may still be carried out.', {
          retryAfterSeconds: 5,
        })
    }
  }

  async function gather<R>(
    make: (reply: (value: R) => void) => SessionMessage,
  ): Promise<readonly (readonly [UserId, R])[]> {
    const rows = await Promise.all(
      residents.all().map(async ([user, ref]) => {
        const answer = await ask<SessionMessage, R>(ref, make, policy.session.askTimeoutMs)
        return answer.kind === 'answered' ? [[user, answer.value] as const] : []
      }),
    )
    return rows.flat()
  }

  async function active(): Promise<readonly ActiveSession[]> {
    const rows = await gather<ActiveSession>((reply) => ({ type: 'inspect', reply }))
    return rows.map(([, row]) => row).filter((row) => row.state !== 'disconnected')
  }

  const handOff: HandOffDeps = {
    meters: systemDeps.meters ?? NO_METERS,
    store,
    planner,
    me,
    policy: policy.cluster,
    log,
    fenceOf: residents.fenceOf,
    async quiet(user) {
      const ref = residents.find(user)
      if (ref === null) return
      const limitMs = policy.cluster.inFlightMs + policy.session.askTimeoutMs
      await ask<SessionMessage, undefined>(ref, (reply) => ({ type: 'quiet', reply: () => reply(undefined) }), limitMs)
    },
    leave: residents.leave,
    keep: residents.keep,
  }

  async function take(user: UserId): Promise<boolean> {
    if (stopping || draining || !lease.valid()) return false
    await residents.coming(user)
    if (residents.find(user) !== null) return true
    const owner = await store.ownerOf(user)
    const ours = owner?.incarnation === me
    if (owner?.alive === true && !ours) return false
    const given = owner === null ? [] : [{ session: user, owner: me, epoch: owner.epoch }]
    await residents.adopt([user], async (users) => (ours ? given : store.claim(users, me)), ours ? 'handed' : undefined)
    // Somebody else may have asked for the same at the same moment.
    await residents.coming(user)
    return residents.find(user) !== null
  }

  async function restart(user: UserId): Promise<boolean> {
    if (stopping || draining || residents.fenceOf(user) === null) return false
    await residents.leave(user, async () => undefined)
    const answer = await askSession<QrStreamEvent>(user, (reply) => ({ type: 'look', reply }))
    return answer.kind === 'answered'
  }

  const janitor = startJanitor(actors, {
    ...systemDeps.cleanup,
    staleTimeoutMs: deps.staleAfterMs,
    sessions: async () => residents.all().map(([user, ref]) => ({ user, ref })),
    stateOf: (user) => states.get(user),
    session: { askTimeoutMs: policy.session.askTimeoutMs },
  })

  return {
    ask: command,
    watch(user, listener) {
      const mine = listeners.get(user) ?? new Set()
      listeners.set(user, mine)
      // Its own function, so that one who listens twice is told twice and leaves once.
      const told = (event: QrStreamEvent) => listener(event)
      let heard = false
      const first = (event: QrStreamEvent) => {
        heard = true
        told(event)
      }
      mine.add(first)
      void askSession<QrStreamEvent>(user, (reply) => ({ type: 'look', reply })).then((answer) => {
        // Whatever was announced meanwhile is newer than this answer.
        if (answer.kind === 'answered' && !heard && mine.has(first)) first(answer.value)
      })
      return () => {
        mine.delete(first)
        if (mine.size === 0 && listeners.get(user) === mine) listeners.delete(user)
      }
    },
    active,
    cleanupStats: (): CleanupStats => janitor.stats(),
    runCleanup() {
      janitor.run()
      return true
    },
    resumeAll: async (by = 'start') => reconcile?.lookNow(by) ?? 0,
    fenceOf: residents.fenceOf,
    take,
    handOver: async (user, to) => (await handOver(user, to, handOff)) !== null,
    restart,
    homes: function* homes() {
      for (const { session, epoch } of residents.fences()) yield [session, epoch] as const
    },
    states: () => states.values(),
    mailboxes() {
      const waiting = residents.all().map(([, ref]) => ref.waiting())
      return {
        waiting: waiting.reduce((sum, each) => sum + each, 0),
        longest: waiting.reduce((a, b) => Math.max(a, b), 0),
      }
    },
    counts() {
      const all = [...states.values()]
      return {
        open: all.filter((state) => state === 'open').length,
        total: all.filter((state) => state !== 'disconnected').length,
        owned: [...residents.fences()].length,
      }
    },
    async drain() {
      draining = true
      await reconcile?.stop()
      const rows = await gather<ActiveSession>((reply) => ({ type: 'inspect', reply }))
      const leaving = rows.flatMap(([session, { state, idleSeconds }]) =>
        CONNECTED.has(state) ? [{ session, idleMs: idleSeconds === null ? null : idleSeconds * 1_000 }] : [],
      )
      return drain(leaving, handOff)
    },
    async stop() {
      stopping = true
      noBells()
      await noLooks()
      await reconcile?.stop()
      await janitor.stop()
      await residents.stop()
      await actors.stop()
      stopListening()
    },
  }
}
