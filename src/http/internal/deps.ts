// What the internal listener is given to work with: the sessions of this node, and the store that says whose a session is.

import type { Directory } from '../../actors/cluster/directory.ts'
import type { LocalSessions } from '../../actors/cluster/local.ts'
import type { ClusterStore } from '../../actors/cluster/store.ts'
import type { Logger } from '../../log.ts'
import type { Meters } from '../../meters.ts'
import type { Policy } from '../../policy.ts'

/** What there is once the node has sessions. */
export interface Serving {
  readonly local: LocalSessions
  readonly store: Pick<ClusterStore, 'ownerOf'>
  /** Tells when a session has another home. */
  readonly directory: Pick<Directory, 'onMoved'>
}

export interface InternalDeps {
  /** Incarnation of this node. */
  readonly self: string
  /** CLUSTER_SECRET */
  readonly secret: string
  /** Null while the node starts: it must listen before it can say where, and has no sessions before it has said so. */
  readonly serving: () => Serving | null
  readonly policy: Pick<Policy, 'routing' | 'session'>
  readonly log: Logger
  readonly meters?: Meters
  /** The largest command, in bytes: a picture as base64. */
  readonly maxBodyBytes: number
  /** Milliseconds since 1970. */
  readonly wall: () => number
  readonly monotonic: () => number
  readonly newId: () => string
}

/** Only for what runs behind the hook that turns requests away until then. */
export function servingOf(deps: Pick<InternalDeps, 'serving'>): Serving {
  const serving = deps.serving()
  if (serving === null) throw new Error('a request was let in before there were sessions')
  return serving
}
