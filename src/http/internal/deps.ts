// What the internal listener is given to work with: the sessions of this node, and the store that says whose a session is.

import type { Directory } from '../../actors/cluster/directory.ts'
import type { LocalSessions } from '../../actors/cluster/local.ts'
import type { ClusterStore } from '../../actors/cluster/store.ts'
import type { Logger } from '../../log.ts'
import type { Policy } from '../../policy.ts'

export interface InternalDeps {
  /** Incarnation of this node. */
  readonly self: string
  /** CLUSTER_SECRET */
  readonly secret: string
  readonly local: LocalSessions
  readonly store: Pick<ClusterStore, 'ownerOf'>
  /** Tells when a session has another home. */
  readonly directory: Pick<Directory, 'onMoved'>
  readonly policy: Pick<Policy, 'routing' | 'session'>
  readonly log: Logger
  /** The largest command, in bytes: a picture as base64. */
  readonly maxBodyBytes: number
  /** Milliseconds since 1970. */
  readonly wall: () => number
  readonly monotonic: () => number
  readonly newId: () => string
}
