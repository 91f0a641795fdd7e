// What the HTTP edge is given to work with. It makes nothing of its own but the server: ports, clock and ids come from the node.

import type { ClusterAdmin } from '../actors/cluster/admin.ts'
import type { Limits } from '../actors/cluster/limits.ts'
import type { Sessions } from '../actors/cluster/sessions.ts'
import type { CatalogueIndex } from '../actors/inbox/catalogue-index.ts'
import type { MediaReader } from '../actors/media.ts'
import type { Config } from '../config.ts'
import type { Logger } from '../log.ts'
import type { Exposition, Meters } from '../meters.ts'
import type { Database } from '../persistence/database.ts'
import type { Organization } from '../persistence/organization.ts'
import type { Sealer } from '../persistence/sealer.ts'
import type { Policy } from '../policy.ts'

/** How many sessions of this node are open, and how many there are. */
export interface WhatsAppHealth {
  readonly open: number
  readonly total: number
}

export interface AppDeps {
  readonly config: Config
  readonly policy: Policy
  readonly log: Logger
  readonly db: Database
  readonly organization: Organization
  /** Encrypts what waits in the outbox. */
  readonly sealer: Sealer
  readonly newWaMessageId: () => string
  readonly sessions: Sessions
  /** What admins see and do of the cluster; left out where there is none. */
  readonly cluster?: ClusterAdmin
  readonly media: MediaReader
  /** The names of the catalogue in memory: those the bot reads by. */
  readonly catalogue: CatalogueIndex
  /** Who did how much lately: of all nodes, where they share it. */
  readonly limits: Limits
  /** A keyed hash: the same for the same text, telling nothing about it. */
  readonly mac: (text: string) => Buffer
  /** The key that signs access tokens; cursors are signed with a key derived from it. */
  readonly jwtSecret: string
  readonly version: string
  /** Of this start of the node (UUID). */
  readonly incarnation: string
  readonly now: () => Date
  readonly newId: () => string
  /** Milliseconds that only move forward; for uptime and durations. */
  readonly monotonic: () => number
  /**
   * `draining`: the node gives its sessions away. /health says so, connections are kept for one answer, and requests are still carried out:
   * whoever balances them has time to notice. `closing`: that is done, and what still comes is turned away.
   */
  readonly state: { readonly draining: boolean; readonly closing: boolean }
  readonly health: () => WhatsAppHealth
  /** What is counted and shown at /metrics; left out, nothing is. */
  readonly metrics?: Meters & Exposition
}
