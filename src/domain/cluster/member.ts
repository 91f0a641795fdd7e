// What nodes know of each other. Who may act for a session is no business of this file: that is the lease (persistence/leases.ts).

export const NODE_ROLES = ['all', 'edge', 'worker'] as const
/** `edge` answers HTTP and owns no session; `worker` owns sessions and has no public HTTP. */
export type NodeRole = (typeof NODE_ROLES)[number]

/** What a node says of itself with every renewal of its lease. */
export interface NodeStatus {
  readonly draining: boolean
  /** Sessions it owns. */
  readonly sessions: number
  /** How far the event loop ran behind, in ms (99th percentile since the last renewal). */
  readonly loopLagMs: number
  readonly rssMb: number
  /** What was left of its lease when it was last renewed, in ms. */
  readonly leaseSlackMs: number
}

/** A node whose lease has not run out. */
export interface Member extends NodeStatus {
  readonly incarnation: string
  /** The operator's name for it. */
  readonly id: string
  /** Where other nodes reach its internal listener; null when it has none. */
  readonly url: string | null
  readonly version: string
  readonly role: NodeRole
  /** How many sessions it should own at most; placement fills nodes in proportion to it. */
  readonly capacity: number
  readonly startedAt: Date
}

export interface Owner {
  readonly incarnation: string
  readonly epoch: bigint
  /** False when that node was declared dead, or has said that it is over: anybody may claim. */
  readonly alive: boolean
  readonly url: string | null
}
