// What routing needs of the sessions that live on this node: the same commands, and the verbs with which a session comes, leaves and starts
// again. Who should own what is decided elsewhere; a local system never asks another node.

import type { Fence, UserId } from '../../domain/ids.ts'
import type { Sessions } from './sessions.ts'

export interface LocalSessions extends Sessions {
  /** The fence under which the session's actor holds it; null when this node does not have it. Cheap and synchronous. */
  fenceOf(user: UserId): Fence | null
  /** Claims it now: it was planned for this node, or handed to it. @returns false when another node has it */
  take(user: UserId): Promise<boolean>
  /** Ends it here in order and gives it to that node under a new epoch. @returns false when it is not ours, or that node does not live */
  handOver(user: UserId, to: string): Promise<boolean>
  /** Ends its actor and starts it again, here. @returns false when it is not ours */
  restart(user: UserId): Promise<boolean>
}
