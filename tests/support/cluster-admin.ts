// A twin of the admin's port to the cluster: two nodes, and a table of who has what. Refuses as the real one does.

import type { ClusterAdmin } from '../../src/actors/cluster/admin.ts'
import type { Member } from '../../src/actors/cluster/store.ts'
import type { ActiveSession, ListedSession } from '../../src/actors/session/protocol.ts'
import type { UserId } from '../../src/domain/ids.ts'
import { ok, refuse } from '../../src/domain/result.ts'

export interface ClusterTwin extends ClusterAdmin {
  readonly owners: Map<UserId, string>
  readonly restarted: UserId[]
  /** What else is known of a session's row. */
  readonly flags: Map<string, Partial<ListedSession>>
}

export const NODE_A = '01900000-0000-7000-8000-000000000001'
export const NODE_B = '01900000-0000-7000-8000-000000000002'

const member = (incarnation: string, id: string, more: Partial<Member> = {}): Member => ({
  incarnation,
  id,
  url: 'http://127.0.0.1:1',
  version: '0.0.0-test',
  role: 'all',
  capacity: 500,
  startedAt: new Date('2026-01-31T12:00:00.000Z'),
  draining: false,
  sessions: 3,
  loopLagMs: 1.5,
  rssMb: 120,
  leaseSlackMs: 5_800,
  ...more,
})

/** @param active the sessions, as their nodes tell them */
export function clusterTwin(active: () => Promise<readonly ActiveSession[]>): ClusterTwin {
  const owners = new Map<UserId, string>()
  const nodes = [member(NODE_A, 'a'), member(NODE_B, 'b', { draining: true, sessions: 1, version: '0.0.1-test' })]
  const restarted: UserId[] = []
  const flags = new Map<string, Partial<ListedSession>>()
  return {
    self: NODE_A,
    owners,
    restarted,
    flags,
    nodes: async () => nodes,
    sessions: async () =>
      (await active()).map((row) => ({
        ...row,
        node: 'a',
        reachable: true,
        disagreement: null,
        ...flags.get(row.userId),
      })),
    async move(user, wanted) {
      const from = owners.get(user) ?? null
      if (wanted === null) return refuse('nowhere-to-move', 'There is no other node that takes sessions.')
      const node = nodes.find(({ id, incarnation }) => id === wanted || incarnation === wanted)
      if (node === undefined) return refuse('unknown-node', 'No living node has this id and takes sessions.')
      owners.set(user, node.incarnation)
      return ok({ from, to: node.incarnation })
    },
    async restart(user) {
      if (!owners.has(user)) return refuse('owner-moved', 'The session moves already.', { retryAfterSeconds: 2 })
      restarted.push(user)
      return ok(null)
    },
  }
}
