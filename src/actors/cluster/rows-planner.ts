// Planning without Redis: from the rows of nodes and leases alone, so that every node comes to the same plan by itself. It keeps nothing,
// tells nobody and rings no bell: whoever is waited for finds out within one round of the ownership loop.

import { rendezvous } from '../../domain/cluster/hrw.ts'
import { candidates, takesSessions } from '../../domain/cluster/placement.ts'
import type { PlannerPolicy } from '../../policy.ts'
import { type Budget, makeBudget } from './budget.ts'
import type { Planner } from './planner.ts'
import type { ClusterStore, Member } from './store.ts'

export interface RowsPlannerDeps {
  readonly store: Pick<ClusterStore, 'members' | 'ownerOf'>
  /** This node's own. */
  readonly budget: Budget
  /** Of all nodes together; each takes its share. 0 is no limit. */
  readonly clusterConnectsPerSecond: number
  readonly policy: Pick<PlannerPolicy, 'membersMs'>
  readonly monotonic: () => number
}

export function rowsPlanner(deps: RowsPlannerDeps): Planner {
  const { store, budget, clusterConnectsPerSecond, policy, monotonic } = deps
  let known: { readonly members: readonly Member[]; readonly at: number } | null = null

  const read = async (): Promise<readonly Member[]> => {
    const at = monotonic()
    known = { members: await store.members(), at }
    return known.members
  }
  const members = async (): Promise<readonly Member[]> =>
    known !== null && monotonic() - known.at < policy.membersMs ? known.members : read()

  const share = makeBudget(() => {
    const takers = known?.members.filter(takesSessions).length ?? 1
    return clusterConnectsPerSecond / Math.max(1, takers)
  }, monotonic)

  return {
    beat: () => read(),
    async place(session, not) {
      const owner = await store.ownerOf(session)
      if (owner?.alive && owner.incarnation !== not) return { incarnation: owner.incarnation, epoch: owner.epoch }
      const incarnation = rendezvous(session, candidates(await members(), not))
      return incarnation === null ? null : { incarnation, epoch: 0n }
    },
    async home(session) {
      const owner = await store.ownerOf(session)
      return owner === null ? null : { incarnation: owner.incarnation, epoch: owner.epoch }
    },
    async publish() {},
    async forget() {},
    async gone() {
      known = null
    },
    async take(count) {
      await members()
      const own = budget.take(count)
      const given = share.take(own)
      budget.putBack(own - given)
      return given
    },
    async ring() {},
    listen: () => () => {},
    async close() {},
  }
}
