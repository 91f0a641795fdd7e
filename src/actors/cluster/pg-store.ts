// The cluster's store as PostgreSQL keeps it. The statements are persistence/leases.ts; here they only get the shape of the port.

import type { Database } from '../../persistence/database.ts'
import {
  claim,
  declareDead,
  markNodeDead,
  members,
  orphans,
  ownedAfter,
  ownerOf,
  registerNode,
  release,
  renewNode,
  transfer,
} from '../../persistence/leases.ts'
import type { ClusterStore } from './store.ts'

/** @param db give it a small pool of its own: what keeps the lease must not wait behind the work of sessions */
export function clusterStore(db: Database): ClusterStore {
  return {
    register: (node, ttlMs) => registerNode(db, { ...node, ttlMs }),
    renew: (incarnation, ttlMs, status) => renewNode(db, incarnation, ttlMs, status),
    declareDead: (notAfter) => declareDead(db, notAfter),
    markDead: (incarnation) => markNodeDead(db, incarnation),
    members: () => members(db),
    orphans: (limit) => orphans(db, limit),
    claim: (sessions, owner) => claim(db, sessions, owner),
    transfer: (fence, to) => transfer(db, fence, to),
    release: (fence) => release(db, fence),
    ownedAfter: (owner, epoch) => ownedAfter(db, owner, epoch),
    ownerOf: (session) => ownerOf(db, session),
  }
}
