// The door through which HTTP reaches sessions, wherever they live. Its callers know a user's id and nothing of actors or nodes.

import type { UserId } from '../../domain/ids.ts'
import type {
  ActiveSession,
  CommandBody,
  CommandReply,
  QrStreamEvent,
  SessionCommandName,
} from '../session/protocol.ts'

/** Statistics of the janitor (GET /api/admin/cleanup-stats). Times ISO-8601, durations in ms. */
export interface CleanupStats {
  readonly intervalMs: number
  readonly staleTimeoutMs: number
  readonly running: boolean
  readonly runs: number
  readonly lastRun: {
    readonly startedAt: string
    readonly durationMs: number
    readonly checked: number
    readonly staleFound: number
    readonly closed: number
    /** Closed by an earlier run and open again since. */
    readonly reconnected: number
    readonly errors: number
    readonly purged: Readonly<Record<string, number>>
  } | null
  readonly nextRunAt: string | null
  readonly totals: { readonly closed: number; readonly reconnected: number; readonly errors: number }
}

export interface Sessions {
  /**
   * Sends one command to the session of a user and waits for its answer, with a deadline.
   * Refusals are values: see SESSION_REFUSALS. A user who never connected has a session in state `disconnected`.
   */
  ask<N extends SessionCommandName>(user: UserId, command: N, body: CommandBody<N>): Promise<CommandReply<N>>
  /**
   * Listens to the pairing of a user. The present state is told at once (synchronously or soon after), then every change.
   * @returns stops listening; safe to call twice
   */
  watch(user: UserId, listener: (event: QrStreamEvent) => void): () => void
  /** The sessions that have an actor on this node. */
  active(): Promise<readonly ActiveSession[]>
  cleanupStats(): CleanupStats
  /** Lets the janitor of this node run now. @returns false where there is none */
  runCleanup(): boolean
}
