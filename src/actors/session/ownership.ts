// How a session becomes ours, and whether it still is: the claim of its lease, and the guard that is asked at every frame.

import type { Fence, UserId } from '../../domain/ids.ts'
import type { Logger } from '../../log.ts'
import { fenceCause, type Meters } from '../../meters.ts'
import { hasCreds } from '../../persistence/auth-state.ts'
import { isUnavailable } from '../../persistence/database.ts'
import { findSession } from '../../persistence/sessions.ts'
import type { NodeLease } from '../cluster/lease.ts'
import type { Guard } from '../whatsapp/socket.ts'
import type { SessionDeps } from './deps.ts'
import type { SessionMessage } from './messages.ts'

/**
 * Claims the session for this node under a new epoch, unless it is ours already, and reads its row. The answer is a message for the
 * actor's mailbox.
 * @param given the fence under which it is ours already
 * @throws what is neither a refusal nor an absent database
 */
export async function claimSession(user: UserId, given: Fence | null, deps: SessionDeps): Promise<SessionMessage> {
  // Under a lease that ran out nothing may be claimed: it would be dead at once.
  if (!deps.lease.valid()) return { type: 'not-claimed', why: 'database-unavailable' }
  try {
    const row = await findSession(deps.db, user)
    const fence = given ?? (await deps.store.claim([user], deps.lease.incarnation))[0]
    if (fence === undefined) return { type: 'not-claimed', why: 'owner-moved' }
    return { type: 'claimed', fence, row, linked: await hasCreds(deps.db, user) }
  } catch (error) {
    if (isUnavailable(error)) return { type: 'not-claimed', why: 'database-unavailable' }
    throw error
  }
}

/** The node's lease and this session's own fence in one answer. Once it was no, it stays no: a lease that comes back is for a new claim. */
export function makeGuard(lease: Pick<NodeLease, 'valid'>, log: Logger, meters: Meters): Guard {
  let fenced = false
  const fence = (cause: string): void => {
    if (fenced) return
    fenced = true
    log.warn({ cause }, 'session is fenced')
    meters.count('fences', { cause: fenceCause(cause) })
  }
  return {
    valid(at) {
      if (!fenced && !lease.valid()) fence(at ?? 'deadline')
      return !fenced
    },
    fence,
  }
}
