// Everything an edge needs to reach sessions wherever they live, put together in order: who lives, how they are asked, who owns what, and the
// door for HTTP. It decides nothing.

import { randomBytes } from 'node:crypto'
import type { Logger } from '../../log.ts'
import type { Meters } from '../../meters.ts'
import type { LeaseRow } from '../../persistence/lease-table.ts'
import type { Policy } from '../../policy.ts'
import { type ClusterAdmin, clusterAdmin } from './admin.ts'
import { type DirectoryWithNews, makeDirectory } from './directory.ts'
import type { LocalSessions } from './local.ts'
import { makeMembers } from './members.ts'
import type { Planner } from './planner.ts'
import { type RoutedSessions, routedSessions } from './routed-sessions.ts'
import type { SendWhileDown } from './send-while-down.ts'
import type { ClusterStore, Member } from './store.ts'
import { makeTransport, type Transport } from './transport.ts'

const SENDER_BYTES = 16

export interface RoutingDeps {
  /** Incarnation of this node. */
  readonly self: string
  /** CLUSTER_SECRET; null: this node talks to no other. */
  readonly secret: string | null
  /** Null on an edge, which owns nothing. */
  readonly local: LocalSessions | null
  readonly store: Pick<ClusterStore, 'members' | 'ownerOf'>
  readonly planner: Pick<Planner, 'home' | 'place' | 'ring'>
  readonly sendWhileDown: SendWhileDown
  readonly leaseTable: () => Promise<readonly LeaseRow[]>
  readonly policy: Pick<Policy, 'session' | 'routing'>
  readonly now: () => Date
  readonly monotonic: () => number
  readonly random: () => number
  readonly newId: () => string
  readonly log: Logger
  readonly meters?: Meters
}

export interface Routing {
  readonly sessions: RoutedSessions
  readonly admin: ClusterAdmin
  /** Its `moved` is for the planner's `listen`, its `onMoved` for the internal listener. */
  readonly directory: DirectoryWithNews
  readonly transport: Transport
  /** The secret requests are signed with: the one given, or one that nobody else has. */
  readonly secret: string
  /** What a beat answered: who lives. Connections to nodes that left are closed. */
  heard(members: readonly Member[]): void
  close(): Promise<void>
}

export function openRouting(deps: RoutingDeps): Routing {
  const { self, local, store, planner, policy, monotonic, log } = deps
  const secret = deps.secret ?? randomBytes(2 * SENDER_BYTES).toString('hex')
  const members = makeMembers(store, policy.routing.membersMs, monotonic)
  const transport = makeTransport({
    secret,
    policy: policy.routing,
    log,
    wall: () => deps.now().getTime(),
    sender: randomBytes(SENDER_BYTES).toString('base64url'),
  })
  const directory = makeDirectory({ self, local, planner, store, members, routes: policy.routing.routes, log })
  const sessions = routedSessions({ ...deps, directory, transport, members })
  const admin = clusterAdmin({ ...deps, members, directory, sessions, transport })
  return {
    sessions,
    admin,
    directory,
    transport,
    secret,
    heard(living) {
      members.update(living)
      transport.retain(new Set(living.map(({ incarnation }) => incarnation)))
    },
    close: transport.close,
  }
}
