// The sessions of the whole cluster in one list: every node is asked for its own, with a deadline each, and what they say is laid beside the
// lease table. What differs is flagged, and what an unreachable node owns is shown as that, not left out.

import type { SessionId } from '../../domain/ids.ts'
import type { LeaseRow } from '../../persistence/lease-table.ts'
import type { ActiveSession, ListedSession } from '../session/protocol.ts'
import type { Member } from './store.ts'

/** What one node said; null when it did not answer in time. */
export interface NodeList {
  readonly node: Pick<Member, 'incarnation' | 'id'>
  readonly rows: readonly ActiveSession[] | null
}

/** Pure: puts lists and leases together. Rows in the order of nodes, then those nobody listed. */
export function mergeActive(lists: readonly NodeList[], leases: readonly LeaseRow[]): readonly ListedSession[] {
  const lease = new Map<string, LeaseRow>(leases.map((row) => [row.session, row]))
  const listed = new Set<string>()
  const rows = lists.flatMap(({ node, rows }) =>
    (rows ?? []).map((row): ListedSession => {
      listed.add(`${row.userId} ${row.instanceId}`)
      return { ...row, node: node.id, reachable: true, disagreement: disagreement(row, lease.get(row.userId)) }
    }),
  )
  const known = new Map(lists.map((list) => [list.node.incarnation, list]))
  const silent = leases.flatMap(({ session, owner, epoch, wanted }): ListedSession[] => {
    const list = known.get(owner)
    // A node that answered leaves out what is disconnected, and so do we.
    if (!wanted || list?.rows != null || listed.has(`${session} ${owner}`)) return []
    return [unheard(session, owner, list?.node.id ?? null, epoch)]
  })
  return [...rows, ...silent]
}

function disagreement(row: ActiveSession, lease: LeaseRow | undefined): ListedSession['disagreement'] {
  if (lease === undefined) return 'no-lease'
  if (lease.owner !== row.instanceId) return 'owner'
  return row.epoch === lease.epoch.toString() ? null : 'epoch'
}

/** A session of which only the lease is known. */
function unheard(session: SessionId, owner: string, node: string | null, epoch: bigint): ListedSession {
  return {
    userId: session,
    state: 'unknown',
    instanceId: owner,
    node,
    epoch: epoch.toString(),
    reachable: false,
    disagreement: 'not-listed',
    since: null,
    idleSeconds: null,
    reconnectAttempts: 0,
    nextRetryAt: null,
    lastError: null,
    mailbox: 0,
    stale: false,
  }
}
