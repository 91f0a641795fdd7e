// Binds the stores of auth state, journal and outbox to one session and one fence: what the connection's adapter may touch.

import type { Fence } from '../../domain/ids.ts'
import { commitAuth, loadCreds, loadKeys } from '../../persistence/auth-state.ts'
import type { Database } from '../../persistence/database.ts'
import { journaled } from '../../persistence/inbox.ts'
import { findSent } from '../../persistence/outbox.ts'
import type { Sealer } from '../../persistence/sealer.ts'
import type { Processing } from '../processing.ts'
import type { AuthStore } from '../whatsapp/socket.ts'

export function bindAuthStore(db: Database, sealer: Sealer, fence: Fence, processing: Processing): AuthStore {
  const { session } = fence
  return {
    loadCreds: () => loadCreds(db, sealer, session),
    loadKeys: (type, ids) => loadKeys(db, sealer, session, type, ids),
    commit: (change) => processing.storing(commitAuth(db, sealer, fence, change)),
    journaled: (hash) => journaled(db, sealer, session, hash),
    findSent: (waMessageId) => findSent(db, sealer, session, waMessageId),
  }
}
