// Where sessions should live: the port to whatever plans it. A planner only advises and may forget everything at any moment; who may act is
// decided by PostgreSQL alone (store.ts). Answers may be old: the one who follows them must cope with a wrong owner.

import type { SessionId } from '../../domain/ids.ts'
import type { Member } from './store.ts'

/** Where a session lives, or should. */
export interface Home {
  readonly incarnation: string
  /** The epoch under which it is owned there; 0 while it is planned and not claimed yet. */
  readonly epoch: bigint
}

/** A hint to another node. Losing every one of them costs half a second each, never correctness. */
export type Bell =
  /** This session was planned for you, or handed to you: take it now. */
  | { readonly type: 'own'; readonly session: SessionId }
  /** A message was stored for a session of yours. */
  | { readonly type: 'outbox'; readonly session: SessionId }

export interface PlannerEvents {
  readonly bell: (bell: Bell) => void
  /** A session has another home now. */
  readonly moved: (session: SessionId, home: Home) => void
}

export interface Planner {
  /**
   * Says that this node lives and how full it is, and asks who else does. To be called after a renewal of the node's lease that succeeded,
   * and never without one: who cannot reach the database must not be planned for. `homes` is read when the planner has forgotten this node
   * (a wiped or restarted Redis): then all of them are published again.
   */
  beat(self: Member, homes: () => Iterable<readonly [SessionId, bigint]>): Promise<readonly Member[]>
  /**
   * Where this session should live: its home while that node lives, else the least loaded node of the newest version that takes sessions
   * (role all or worker, not draining, with room before full), which from now on is its planned home. `not`: anywhere but there (a move asked for by a person).
   * @returns null when no node takes sessions
   */
  place(session: SessionId, not?: string): Promise<Home | null>
  /** Its present home, living or not; null when nobody knows. Never plans one. */
  home(session: SessionId): Promise<Home | null>
  /** It is owned there now. An older epoch never takes the place of a newer one. */
  publish(session: SessionId, home: Home): Promise<void>
  /** It is not owned any more, if it was under this epoch. */
  forget(session: SessionId, epoch: bigint): Promise<void>
  /** That node said that it is over, or was declared dead: nothing is planned for it from now on, and its sessions get another home. */
  gone(incarnation: string): Promise<void>
  /** Takes permissions to connect, of this node's and the cluster's budget a second. @returns how many of `count` were given, 0 to `count` */
  take(count: number): Promise<number>
  ring(incarnation: string, bell: Bell): Promise<void>
  /** @returns stops listening */
  listen(events: PlannerEvents): () => void
  close(): Promise<void>
}
