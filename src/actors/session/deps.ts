// What a session actor and its children are given by the composition root. Ports, values and clocks: nothing here decides.

import type { Fence, UserId } from '../../domain/ids.ts'
import type { MachinePolicy, SessionStateName } from '../../domain/session/state.ts'
import type { Logger } from '../../log.ts'
import type { Meters } from '../../meters.ts'
import type { Database } from '../../persistence/database.ts'
import type { InboundWriter } from '../../persistence/inbound-writer.ts'
import type { Look } from '../../persistence/looks.ts'
import type { Organization } from '../../persistence/organization.ts'
import type { Sealer } from '../../persistence/sealer.ts'
import type { Policy } from '../../policy.ts'
import type { Lapse, NodeLease } from '../cluster/lease.ts'
import type { ClusterStore } from '../cluster/store.ts'
import type { Gate } from '../gate.ts'
import type { CatalogueIndex } from '../inbox/catalogue-index.ts'
import type { Processing } from '../processing.ts'
import type { OpenSocketFn } from '../whatsapp/socket.ts'
import type { QrStreamEvent } from './protocol.ts'

/** Cuts a connection because the node may not act any more. */
export type Cut = (why: Lapse) => void

export interface SessionDeps {
  readonly db: Database
  readonly sealer: Sealer
  readonly organization: Organization
  readonly log: Logger
  readonly meters?: Meters
  readonly policy: Policy
  readonly machine: MachinePolicy
  readonly lease: Pick<NodeLease, 'incarnation' | 'valid' | 'onLapse'>
  readonly store: Pick<ClusterStore, 'claim' | 'orphans' | 'ownedAfter' | 'ownerOf' | 'transfer'>
  /** A connection without any frame for this long is stale. */
  readonly staleAfterMs: number
  /** For handshakes. */
  readonly gate: Gate
  /** Looks at what a message needs to be decided. */
  readonly look: Look
  /** Writes what messages do. */
  readonly writeInbound: InboundWriter
  /** The names of what is sold. */
  readonly catalogue: CatalogueIndex
  /** For inbound messages. */
  readonly processing: Processing
  readonly openSocket: OpenSocketFn
  /** Another server than WhatsApp's own, for tests: both or neither. */
  readonly server: { readonly socketUrl: string; readonly trustRoot: Uint8Array; readonly mediaCa?: string } | null
  readonly announce: (user: UserId, event: QrStreamEvent) => void
  /** Told at every change of state, so that counting sessions asks nobody. */
  readonly entered: (user: UserId, state: SessionStateName) => void
  /** The session is this node's from now on. `cut` closes its connection at once, without another byte. */
  readonly gained: (fence: Fence, cut: Cut) => void
  /** The actor that held it has ended, its connection too. */
  readonly left: (fence: Fence) => void
  /** Another connection put ours out (440): the session is to be claimed afresh, once. */
  readonly reclaim: (user: UserId, conflictAt: Date) => void
  readonly now: () => Date
  /** Monotonic ms. */
  readonly monotonic: () => number
  /** In [0, 1). */
  readonly random: () => number
  readonly newId: () => string
  readonly newWaMessageId: () => string
}
