// What the simulated PostgreSQL keeps: the same tables as the real one, as far as the cluster's promises depend on them.

import type { SessionId } from '../../../src/domain/ids.ts'
import type { Member } from '../../../src/actors/cluster/store.ts'

export interface NodeRow {
  member: Member
  expiresAt: number
  deadAt: number | null
}

export interface LeaseRow {
  owner: string | null
  epoch: bigint
}

export interface InboxRow {
  readonly id: number
  readonly session: SessionId
  readonly hash: string
  /** `chat|message`: the same for the same message in another ciphertext. */
  readonly source: string
  state: 'new' | 'done'
}

export interface OrderRow {
  readonly session: SessionId
  readonly source: string
  readonly inboxId: number
}

export interface OutboxRow {
  readonly id: number
  readonly session: SessionId
  readonly chat: string
  readonly idem: string
  readonly waMessageId: string
  state: 'queued' | 'sending' | 'sent'
}

/** One write that was made for a session, in the order of commits. */
export interface AuditRow {
  readonly session: SessionId
  readonly epoch: bigint
  readonly what: string
  readonly at: number
}

export interface Tables {
  readonly nodes: Map<string, NodeRow>
  readonly leases: Map<SessionId, LeaseRow>
  /** The sessions that should be connected. */
  readonly desired: Set<SessionId>
  readonly keys: Map<string, Uint8Array>
  readonly inbox: InboxRow[]
  readonly orders: OrderRow[]
  readonly outbox: OutboxRow[]
  readonly audit: AuditRow[]
  epochs: bigint
}

export function emptyTables(): Tables {
  return {
    nodes: new Map(),
    leases: new Map(),
    desired: new Set(),
    keys: new Map(),
    inbox: [],
    orders: [],
    outbox: [],
    audit: [],
    epochs: 0n,
  }
}
