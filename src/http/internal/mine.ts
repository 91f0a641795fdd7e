// Whether a session that somebody asks this node for is its own; taken first when it was planned for it. When it is another's, the store says
// whose: this node tells, and never forwards.

import type { LocalSessions } from '../../actors/cluster/local.ts'
import type { Home } from '../../actors/cluster/planner.ts'
import type { UserId } from '../../domain/ids.ts'
import type { InternalDeps, Serving } from './deps.ts'

export type Mine =
  | { readonly mine: true; readonly epoch: bigint }
  | { readonly mine: false; readonly owner: Home | null }

export interface Believed {
  /** The asking node thinks it was planned for us. */
  readonly planned: boolean
  /** The epoch under which the asking node thinks that we own it; 0 when it does not say. */
  readonly epoch: bigint
}

export const NOTHING_KNOWN: Believed = { planned: false, epoch: 0n }

/** It is certainly ours: nobody has to be asked. */
export function ownedHere(local: Pick<LocalSessions, 'fenceOf'>, user: UserId, believed: Believed): boolean {
  const fence = local.fenceOf(user)
  return fence !== null && fence.epoch >= believed.epoch
}

/** @throws what the store throws */
export async function ownOrTell(
  deps: Pick<InternalDeps, 'self'> & Pick<Serving, 'local' | 'store'>,
  user: UserId,
  believed: Believed,
): Promise<Mine> {
  const { self, local, store } = deps
  const fence = local.fenceOf(user)
  if (fence !== null && fence.epoch >= believed.epoch) return { mine: true, epoch: fence.epoch }
  const owner = await store.ownerOf(user)
  if (owner?.incarnation === self) {
    if (fence !== null || (await local.take(user)))
      return { mine: true, epoch: local.fenceOf(user)?.epoch ?? owner.epoch }
    return elsewhere(deps, user)
  }
  if (owner?.alive === true) return { mine: false, owner }
  if (believed.planned && (await local.take(user))) return { mine: true, epoch: local.fenceOf(user)?.epoch ?? 0n }
  return believed.planned ? elsewhere(deps, user) : { mine: false, owner: null }
}

/** Who has it, when it could not be taken. */
async function elsewhere(deps: Pick<InternalDeps, 'self'> & Pick<Serving, 'store'>, user: UserId): Promise<Mine> {
  const owner = await deps.store.ownerOf(user)
  return { mine: false, owner: owner?.alive === true && owner.incarnation !== deps.self ? owner : null }
}
