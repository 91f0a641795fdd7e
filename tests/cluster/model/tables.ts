// What the simulated PostgreSQL keeps: the same tables as the real one, as far as the cluster's promises depend on them.

import type { SessionId } from '../../../src/domain/ids.ts'

/** What the invariants know of a node's row. */
export interface NodeRow {
  expiresAt: number
  dead: boolean
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
  readonly keys: Map<string, Uint8Array>
  readonly inbox: InboxRow[]
  readonly orders: OrderRow[]
  readonly outbox: OutboxRow[]
  readonly audit: AuditRow[]
}

export function emptyTables(): Tables {
  return {
    nodes: new Map(),
    keys: new Map(),
    inbox: [],
    orders: [],
    outbox: [],
    audit: [],
  }
}
