// The limits of how nodes ask each other and follow what moves. Their values are in policy.ts, with all others.

export interface RoutingPolicy {
  /** How many routes (user to node) an edge remembers. */
  readonly routes: number
  /** How many connections an edge keeps to each node for asks, how many for streams, and how many asks may be under way to one node. */
  readonly askConnections: number
  readonly streamConnections: number
  readonly asksPerNode: number
  readonly connectTimeoutMs: number
  /** How long an idle connection to another node is kept: shorter than the other side keeps it. */
  readonly keepAliveMs: number
  /** What an owner works on at once, and how many more may wait for that. Others are told to come back. */
  readonly atOnce: number
  readonly waiting: number
  readonly retryAfterS: number
  /** An owner does not begin what has less time left than this. */
  readonly floorMs: number
  /** How far the clocks of two nodes may differ, and so how long a signed request may be replayed at all; it is refused the second time. */
  readonly clockSkewMs: number
  /** How long a node may take to list its sessions. */
  readonly listTimeoutMs: number
  /** A comment on a quiet stream, and how long a stream may be silent before it counts as cut. */
  readonly pingMs: number
  readonly silentMs: number
  /** How often a stream looks whether its session is still where it listens. */
  readonly lookMs: number
  /** Waits before a stream that lost its session listens again, doubling from the first to the longest. */
  readonly followMs: number
  readonly longestFollowMs: number
  /** How long the list of living nodes is believed. */
  readonly membersMs: number
}
