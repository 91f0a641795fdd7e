// Storage as a live connection may use it. A read or write that fails must never look like "no session" or "undecryptable" to Baileys, which
// would answer WhatsApp with it: so the connection is cut first and the error thrown after. The stanza stays queued on the server and comes back.

import { FENCED, STORAGE_FAILED } from '../../domain/session/disconnect.ts'
import { FencedError } from '../../persistence/leases.ts'
import type { AuthChange, AuthStore, Guard } from './socket.ts'

export interface SafeStore extends Omit<AuthStore, 'loadCreds'> {
  /** Refuses everything from now on. */
  close(): void
  /** Resolves when no write is under way any more. */
  settled(): Promise<void>
}

/** @param cut ends the connection at once; called at most once, before anything is thrown */
export function makeSafeStore(store: AuthStore, guard: Guard, cut: (code: number, detail: string) => void): SafeStore {
  const writing = new Set<Promise<void>>()
  let open = true

  /** Runs one access. `what` names it in the log; it holds no key and no id. */
  async function safely<T>(what: string, access: () => Promise<T>): Promise<T> {
    if (!open) throw new Error(`the connection is closed: no ${what}`)
    if (!guard.valid()) return refuse(FENCED, `not the owner any more before a ${what}`)
    try {
      return await access()
    } catch (error) {
      if (error instanceof FencedError) guard.fence(`a ${what} was refused`)
      return refuse(guard.valid() ? STORAGE_FAILED : FENCED, `a ${what} failed`, error)
    }
  }

  function refuse(code: number, detail: string, cause?: unknown): never {
    if (open) {
      open = false
      cut(code, detail)
    }
    throw new Error(detail, { cause })
  }

  async function write(change: AuthChange): Promise<void> {
    const commit = store.commit(change)
    writing.add(commit)
    try {
      await commit
    } finally {
      writing.delete(commit)
    }
  }

  return {
    loadKeys: (type, ids) => safely('read', () => store.loadKeys(type, ids)),
    journaled: (hash) => safely('read', () => store.journaled(hash)),
    findSent: (waMessageId) => safely('read', () => store.findSent(waMessageId)),
    commit: (change) => safely('write', () => write(change)),
    close() {
      open = false
    },
    async settled() {
      while (writing.size > 0) await Promise.allSettled(writing)
    },
  }
}
