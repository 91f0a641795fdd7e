// How a session becomes ours, and whether it still is: the claim of its lease, and the guard that is asked at every frame.

import type { UserId } from '../../domain/ids.ts'
import type { Logger } from '../../log.ts'
import { hasCreds } from '../../persistence/auth-state.ts'
import { isUnavailable } from '../../persistence/database.ts'
import { claim } from '../../persistence/leases.ts'
import { findSession } from '../../persistence/sessions.ts'
import type { NodeLease } from '../cluster/lease.ts'
import type { Guard } from '../whatsapp/socket.ts'
import type { SessionDeps } from './deps.ts'
import type { SessionMessage } from './messages.ts'

/**
 * Claims the session for this node under a new epoch and reads its row. The answer is a message for the actor's mailbox.
 * @throws what is neither a refusal nor an absent database
 */
export async function claimSession(user: UserId, deps: SessionDeps): Promise<SessionMessage> {
  try {
    const row = await findSession(deps.db, user)
    const [fence] = await claim(deps.db, [user], deps.lease.incarnation)
    if (fence === undefined) return { type: 'not-claimed', why: 'owner-moved' }
    return { type: 'claimed', fence, row, linked: await hasCreds(deps.db, user) }
  } catch (error) {
    if (isUnavailable(error)) return { type: 'not-claimed', why: 'database-unavailable' }
    throw error
  }
}

/** The node's lease and this session's own fence in one answer. */
export function makeGuard(lease: NodeLease, log: Logger): Guard {
  let fenced = false
  return {
    valid: () => !fenced && lease.valid(),
    fence(cause) {
      if (!fenced) log.warn({ cause }, 'session is fenced')
      fenced = true
    },
  }
}
