// Looks for messages that wait although nobody rang for them: stored by another node whose bell was lost. One question for all sessions of
// this node, so that a quiet session costs the database nothing. What is sent, and when, is the outbox actor's.

import type { SessionId } from '../../domain/ids.ts'
import type { Logger } from '../../log.ts'
import { isUnavailable, type Queryable } from '../../persistence/database.ts'
import { sessionsWithOutbox } from '../../persistence/outbox.ts'

export interface LookDeps {
  readonly db: Queryable
  /** Incarnation of this node. */
  readonly owner: string
  readonly everyMs: number
  readonly ring: (session: SessionId) => void
  readonly log: Logger
}

/** @returns stops looking; settles when no look is under way */
export function lookForOutbox({ db, owner, everyMs, ring, log }: LookDeps): () => Promise<void> {
  let stopped = false
  let timer: NodeJS.Timeout | null = null
  let looking: Promise<void> = Promise.resolve()

  const look = async (): Promise<void> => {
    try {
      for (const session of await sessionsWithOutbox(db, owner)) ring(session)
    } catch (error) {
      const level = isUnavailable(error) ? 'debug' : 'error'
      log[level]({ err: error }, 'what waits in the outbox could not be looked for')
    }
  }
  const plan = (): void => {
    if (stopped) return
    timer = setTimeout(() => {
      looking = look()
      void looking.then(plan)
    }, everyMs)
  }
  plan()
  return async () => {
    stopped = true
    if (timer !== null) clearTimeout(timer)
    await looking
  }
}
