// Who else is in the cluster, as last heard: after every renewal of its lease this node says that it lives and how full it is, and learns
// who else does.
// When the planner cannot say, the node rows of PostgreSQL do. The list is a hint for whom to ask; it decides nothing.

import type { SessionId } from '../../domain/ids.ts'
import type { Logger } from '../../log.ts'
import type { NodeIdentity, NodeLease } from './lease.ts'
import type { Planner } from './planner.ts'
import type { ClusterStore, Member, NodeStatus } from './store.ts'

export interface Membership {
  /** This node as it is now. */
  self(): Member
  /** The living nodes as last heard, this one among them. */
  members(): readonly Member[]
  find(incarnation: string): Member | null
  /** Tells everybody at once how this node is doing: it has begun to drain. Never rejects. */
  announce(): Promise<void>
  stop(): Promise<void>
}

export interface MembershipDeps {
  readonly store: Pick<ClusterStore, 'members'>
  readonly planner: Pick<Planner, 'beat'>
  readonly lease: Pick<NodeLease, 'slackMs' | 'renewNow' | 'onRenew'>
  readonly node: NodeIdentity
  readonly startedAt: Date
  readonly status: () => Omit<NodeStatus, 'leaseSlackMs'>
  /** The sessions of this node with their epochs. */
  readonly homes: () => Iterable<readonly [SessionId, bigint]>
  /** What a beat answered. */
  readonly heard?: (members: readonly Member[]) => void
  readonly log: Logger
}

export function joinCluster(deps: MembershipDeps): Membership {
  const { store, planner, lease, log } = deps
  let known: readonly Member[] = []
  let last: Promise<void> = Promise.resolve()

  const self = (): Member => ({
    ...deps.node,
    ...deps.status(),
    leaseSlackMs: lease.slackMs(),
    startedAt: deps.startedAt,
  })

  const beat = async () => {
    try {
      known = await planner.beat(self(), deps.homes).catch((error: unknown) => {
        log.debug({ err: error }, 'the planner does not answer; the node rows say who is here')
        return store.members()
      })
      deps.heard?.(known)
    } catch (error) {
      log.debug({ err: error }, 'who else is in the cluster could not be learnt; the last list stands')
    }
  }
  let waiting = false
  /** One after the other; one that is asked for while another waits is that one. */
  const beatNow = () => {
    if (waiting) return last
    waiting = true
    last = last.then(() => {
      waiting = false
      return beat()
    })
    return last
  }
  const noRenewals = lease.onRenew(() => void beatNow())
  void beatNow()

  const members = () => {
    const me = self()
    return [me, ...known.filter(({ incarnation }) => incarnation !== me.incarnation)]
  }
  return {
    self,
    members,
    find: (incarnation) => members().find((member) => member.incarnation === incarnation) ?? null,
    async announce() {
      await lease.renewNow()
      await last
    },
    async stop() {
      noRenewals()
      await last
    },
  }
}
