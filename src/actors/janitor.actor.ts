// The janitor: closes and reopens connections that went silent, purges what is past its time, and keeps the statistics of both.
// What counts as stale is decided by the session itself (it alone knows its last frame); how long is configured.

import type { UserId } from '../domain/ids.ts'
import { never } from '../domain/result.ts'
import type { SessionStateName } from '../domain/session/state.ts'
import type { Logger } from '../log.ts'
import type { CleanupStats } from './cluster/sessions.ts'
import { type ActorRef, type ActorSystem, ask, stopTree } from './nact.ts'
import type { SessionMessage } from './session/messages.ts'

export interface JanitorDeps {
  readonly intervalMs: number
  readonly staleTimeoutMs: number
  readonly log: Logger
  readonly now: () => Date
  /** Removes what is past its time. @returns how many of each kind */
  readonly purge: (now: Date) => Promise<Readonly<Record<string, number>>>
  readonly sessions: () => Promise<readonly { readonly user: UserId; readonly ref: ActorRef<SessionMessage> }[]>
  /** What a session is at this moment; undefined when there is none. */
  readonly stateOf: (user: UserId) => SessionStateName | undefined
  readonly session: { readonly askTimeoutMs: number }
}

/** On the way back; in every other state but `open` it will not come back by itself. */
const COMING_BACK: ReadonlySet<SessionStateName | undefined> = new Set(['connecting', 'reconnecting'])

type Run = NonNullable<CleanupStats['lastRun']>
type JanitorMessage = { readonly type: 'run' } | { readonly type: 'ran'; readonly run: Run }

interface State {
  running: boolean
  runs: number
  lastRun: Run | null
  nextRunAt: Date
  totals: CleanupStats['totals']
  work: Promise<void>
  timer: NodeJS.Timeout
}

export interface Janitor {
  stats(): CleanupStats
  /** Begins a run now, unless one is under way. */
  run(): void
  stop(): Promise<void>
}

export function startJanitor(actors: ActorSystem, deps: JanitorDeps): Janitor {
  const { intervalMs, staleTimeoutMs } = deps
  const next = () => new Date(deps.now().getTime() + intervalMs)
  let shown: State | null = null
  /** Found stale and closed by an earlier run, and not seen open since. */
  const reopening = new Set<UserId>()

  /** @returns how many of those that were closed are open again; the others are asked for again, as long as they try. */
  const countReopened = (): number => {
    let reopened = 0
    for (const user of [...reopening]) {
      const state = deps.stateOf(user)
      if (state === 'open') reopened += 1
      if (!COMING_BACK.has(state)) reopening.delete(user)
    }
    return reopened
  }

  const checkAll = async (): Promise<Pick<Run, 'checked' | 'staleFound' | 'errors'>> => {
    const sessions = await deps.sessions()
    const answers = await Promise.all(
      sessions.map(({ ref }) =>
        ask<SessionMessage, boolean>(ref, (reply) => ({ type: 'check', reply }), deps.session.askTimeoutMs),
      ),
    )
    const stale = sessions.filter((_, index) => {
      const answer = answers[index]
      return answer?.kind === 'answered' && answer.value
    })
    for (const { user } of stale) reopening.add(user)
    return {
      checked: answers.length,
      staleFound: stale.length,
      errors: answers.filter((answer) => answer.kind !== 'answered').length,
    }
  }

  const run = async (): Promise<Run> => {
    const startedAt = deps.now()
    // Before anything is closed now: who is open at this moment has come back.
    const reconnected = countReopened()
    const { checked, staleFound, errors } = await checkAll()
    let purged: Readonly<Record<string, number>> = {}
    let failures = errors
    try {
      purged = await deps.purge(startedAt)
    } catch (error) {
      failures += 1
      deps.log.warn({ err: error }, 'the purge failed; it is done with the next run')
    }
    return {
      startedAt: startedAt.toISOString(),
      durationMs: deps.now().getTime() - startedAt.getTime(),
      checked,
      staleFound,
      // A stale session closes its connection at once; whether another one opened is seen by the next run.
      closed: staleFound,
      reconnected,
      errors: failures,
      purged,
    }
  }

  const ref = actors.spawn<JanitorMessage, State>({
    name: 'janitor',
    start({ self }) {
      shown = {
        running: false,
        runs: 0,
        lastRun: null,
        nextRunAt: next(),
        totals: { closed: 0, reconnected: 0, errors: 0 },
        work: Promise.resolve(),
        timer: setInterval(() => void self.tell({ type: 'run' }), intervalMs),
      }
      return shown
    },
    handle(state, message, { self }) {
      switch (message.type) {
        case 'run':
          if (state.running) return state
          state.running = true
          state.nextRunAt = next()
          state.work = run().then(
            (result) => void self.tell({ type: 'ran', run: result }),
            (error: unknown) => {
              deps.log.error({ err: error }, 'the clean-up failed')
              state.running = false
            },
          )
          return state
        case 'ran':
          state.running = false
          state.runs += 1
          state.lastRun = message.run
          state.totals = {
            closed: state.totals.closed + message.run.closed,
            reconnected: state.totals.reconnected + message.run.reconnected,
            errors: state.totals.errors + message.run.errors,
          }
          if (message.run.staleFound > 0) deps.log.info({ ...message.run }, 'stale connections were closed')
          return state
        default:
          return never(message)
      }
    },
    async cleanUp(state) {
      clearInterval(state.timer)
      await state.work
    },
  })

  return {
    stats() {
      if (shown === null) throw new Error('the janitor has not started')
      const { running, runs, lastRun, nextRunAt, totals } = shown
      return { intervalMs, staleTimeoutMs, running, runs, lastRun, nextRunAt: nextRunAt.toISOString(), totals }
    },
    run: () => void ref.tell({ type: 'run' }),
    async stop() {
      await stopTree(ref)
    },
  }
}
