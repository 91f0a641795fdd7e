// What the cluster knows for certain, as a port: the leases of nodes and the owners of sessions. PostgreSQL keeps it in persistence/leases.ts;
// the simulation of the tests keeps it in memory, and both answer to the same contract tests.

import type { Member, NodeStatus, Owner } from '../../domain/cluster/member.ts'
import type { Fence, SessionId } from '../../domain/ids.ts'

export { type Member, NODE_ROLES, type NodeRole, type NodeStatus, type Owner } from '../../domain/cluster/member.ts'

export interface ClusterStore {
  register(node: Omit<Member, keyof NodeStatus | 'startedAt'>, ttlMs: number): Promise<void>
  /** @returns the time of the database, in ms; null when the node was told dead: it must stop everything and start under a new incarnation */
  renew(incarnation: string, ttlMs: number, status: NodeStatus): Promise<number | null>
  /**
   * Declares dead whose lease ran out; allowed only after one unbroken lease of one's own.
   * @param notAfter by the clock of the database, in ms: when it shows more it has jumped, and nobody is declared dead
   * @returns their incarnations
   */
  declareDead(notAfter: number): Promise<readonly string[]>
  /** The node's own last word, or that of whoever saw it die. */
  markDead(incarnation: string): Promise<void>
  /** The living nodes, by incarnation. */
  members(): Promise<readonly Member[]>
  /** Sessions that should be connected and are nobody's, or a dead node's: those with something to send first, then the latest active. */
  orphans(limit: number): Promise<readonly SessionId[]>
  /** Takes those that are free, ours already or a dead node's, each under a new epoch. A living node's are left out. */
  claim(sessions: readonly SessionId[], owner: string): Promise<readonly Fence[]>
  /** Gives a session of ours straight to another living node, under a new epoch, so that nobody comes in between. @returns null when it was not ours any more, or that node is not alive */
  transfer(fence: Fence, to: string): Promise<Fence | null>
  /** Gives a session back, if it is still ours. */
  release(fence: Fence): Promise<void>
  /** What this node owns under an epoch after that one (0n: all of it), by epoch. */
  ownedAfter(owner: string, epoch: bigint): Promise<readonly Fence[]>
  /** Null when nobody owns the session. */
  ownerOf(session: SessionId): Promise<Owner | null>
}
