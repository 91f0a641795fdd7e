// The guardian of this node's sessions: one supervised actor per user, spread over sharded supervisors (nact copies the list of an
// actor's children with every message), started again with backoff when it crashes. Every two seconds it compares what should be
// connected with what is here, so that no bell that was missed and no outage leaves an account behind.

import type { UserId } from '../domain/ids.ts'
import { refuse } from '../domain/result.ts'
import type { SessionStateName } from '../domain/session/state.ts'
import { isUnavailable } from '../persistence/database.ts'
import { sessionsDesired } from '../persistence/sessions.ts'
import type { CleanupStats, Sessions } from './cluster/sessions.ts'
import { type JanitorDeps, startJanitor } from './janitor.actor.ts'
import { type ActorContext, type ActorRef, ask, startActors, superviseOne } from './nact.ts'
import type { SessionDeps } from './session/deps.ts'
import type { SessionMessage } from './session/messages.ts'
import type { ActiveSession, CommandBody, CommandReply, QrStreamEvent, SessionCommandName } from './session/protocol.ts'
import { SESSION_PROTOCOL } from './session/protocol.ts'
import { sessionActor } from './session/session.actor.ts'

const SHARDS = 64
const RECONCILE_MS = 2_000
/** A session actor that ran this long before it crashed is started again at once. */
const STABLE_MS = 60_000

/** The sessions of this node, with their beginning and their end. */
export interface SessionSystem extends Sessions {
  /** Brings back every account that should be connected. @returns how many */
  resumeAll(): Promise<number>
  /** Counts for /health. `total`: sessions that are anything but disconnected. */
  counts(): { readonly open: number; readonly total: number }
  /** Stops every session in order; sockets end, what is decrypted is stored. */
  stop(): Promise<void>
}

type Kept = ReturnType<typeof superviseOne<SessionMessage>>
type ShardMessage = { readonly type: 'spawn'; readonly done: (context: ActorContext<ShardMessage>) => void }

export interface SystemDeps extends Omit<SessionDeps, 'announce' | 'entered'> {
  readonly cleanup: Omit<JanitorDeps, 'sessions' | 'session' | 'stateOf' | 'staleTimeoutMs'>
}

export function startSessions(systemDeps: SystemDeps): SessionSystem {
  const listeners = new Map<UserId, Set<(event: QrStreamEvent) => void>>()
  const states = new Map<UserId, SessionStateName>()
  const deps: SessionDeps = {
    ...systemDeps,
    entered: (user, state) => void states.set(user, state),
    announce(user, event) {
      for (const listener of [...(listeners.get(user) ?? [])]) listener(event)
    },
  }
  const { log, policy } = deps
  const actors = startActors()
  const shards: readonly ActorContext<ShardMessage>[] = Array.from({ length: SHARDS }, (_, index) => startShard(index))
  const sessions = new Map<UserId, Kept>()
  let stopping = false

  function startShard(index: number): ActorContext<ShardMessage> {
    const started: ActorContext<ShardMessage>[] = []
    actors.spawn<ShardMessage, null>({
      name: `sessions-${index}`,
      start(context) {
        started.push(context)
        return null
      },
      handle: (state) => state,
    })
    const [context] = started
    if (context === undefined) throw new Error('a supervisor did not start')
    return context
  }

  function shardOf(user: UserId): ActorContext<ShardMessage> {
    // The last hex digits of a UUIDv7 are random.
    const shard = shards[Number.parseInt(user.slice(-4), 16) % SHARDS]
    if (shard === undefined) throw new Error(`no supervisor for ${user}`)
    return shard
  }

  function ensure(user: UserId): Kept {
    const found = sessions.get(user)
    if (found !== undefined) return found
    const kept = superviseOne<SessionMessage>(
      (generation) => shardOf(user).spawn(sessionActor(user, generation, true, deps)),
      {
        firstDelayMs: policy.session.restartDelayMs,
        longestDelayMs: policy.session.longestRestartDelayMs,
        stableMs: STABLE_MS,
      },
      (error, restartInMs) =>
        log.error({ err: error, userId: user, restartInMs }, 'session crashed and is started again'),
    )
    sessions.set(user, kept)
    void kept.ended.then(() => {
      sessions.delete(user)
      states.delete(user)
    })
    return kept
  }

  async function askSession<R>(user: UserId, make: (reply: (value: R) => void) => SessionMessage) {
    const ref = ensure(user).current()
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
      [...sessions].map(async ([user, kept]) => {
        const ref = kept.current()
        const answer = ref === null ? null : await ask<SessionMessage, R>(ref, make, policy.session.askTimeoutMs)
        return answer?.kind === 'answered' ? [[user, answer.value] as const] : []
      }),
    )
    return rows.flat()
  }

  async function active(): Promise<readonly ActiveSession[]> {
    const rows = await gather<ActiveSession>((reply) => ({ type: 'inspect', reply }))
    return rows.map(([, row]) => row).filter((row) => row.state !== 'disconnected')
  }

  async function resumeAll(): Promise<number> {
    if (stopping || !deps.lease.valid()) return 0
    const users = await sessionsDesired(deps.db, 'connected')
    const missing = users.filter((user) => !sessions.has(user))
    for (const user of missing) ensure(user)
    return missing.length
  }

  const reconcile = setInterval(() => {
    resumeAll().then(
      (count) => count > 0 && log.info({ count }, 'sessions that should be connected are brought back'),
      (error: unknown) =>
        log[isUnavailable(error) ? 'debug' : 'error']({ err: error }, 'sessions could not be compared'),
    )
  }, RECONCILE_MS)

  const janitor = startJanitor(actors, {
    ...systemDeps.cleanup,
    staleTimeoutMs: deps.staleAfterMs,
    async sessions() {
      return [...sessions].flatMap(([user, kept]) => {
        const ref: ActorRef<SessionMessage> | null = kept.current()
        return ref === null ? [] : [{ user, ref }]
      })
    },
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
    resumeAll,
    counts() {
      const all = [...states.values()]
      return {
        open: all.filter((state) => state === 'open').length,
        total: all.filter((state) => state !== 'disconnected').length,
      }
    },
    async stop() {
      stopping = true
      clearInterval(reconcile)
      await janitor.stop()
      await Promise.all([...sessions.values()].map((kept) => kept.stop()))
      await actors.stop()
    },
  }
}
