// A message for a session whose node cannot be asked: stored here and now when the session should be connected and was paired, so that its
// next owner sends it. Any node may store; who sends is decided by whose session it is.

import type { UserId } from '../../domain/ids.ts'
import { refuse } from '../../domain/result.ts'
import { hasCreds } from '../../persistence/auth-state.ts'
import { isUnavailable } from '../../persistence/database.ts'
import { findSession } from '../../persistence/sessions.ts'
import { type EnqueueDeps, enqueueMessage } from '../outbox/enqueue.ts'
import type { CommandBody, CommandReply } from '../session/protocol.ts'

export type SendWhileDown = (
  user: UserId,
  body: CommandBody<'message.send'>,
) => Promise<CommandReply<'message.send'> | null>

/** @returns null when the session is neither connected nor coming back: then nothing was stored */
export function sendWhileDown(deps: EnqueueDeps): SendWhileDown {
  return async (user, body) => {
    try {
      const row = await findSession(deps.db, user)
      if (row?.desired !== 'connected' || !(await hasCreds(deps.db, user))) return null
      return await enqueueMessage(deps, user, body)
    } catch (error) {
      if (!isUnavailable(error)) throw error
      return refuse('database-unavailable', 'The database is not available. Try again in a moment.', {
        retryAfterSeconds: 2,
      })
    }
  }
}
