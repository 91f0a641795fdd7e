// Saves the credentials when Baileys changed them, one write at a time, the newest state last. What is sent waits for it (see wire.ts).
//
// Credentials and keys are two writes. A crash between them is harmless because pre-key ids only move forward and nothing is uploaded before
// both are stored: credentials ahead of keys name pre-keys nobody was given (Baileys sees the newest one missing and makes others beyond it);
// keys ahead of credentials are made again under the same ids, which nobody was given either.

import type { AuthenticationCreds } from '@whiskeysockets/baileys'
import { encodeCreds, paired } from './auth-state.ts'
import type { AuthStore } from './socket.ts'

export interface CredsSaver {
  /** Notes that `creds` changed. Until the account is paired nothing is stored. */
  changed(): void
  /** The write under way, or null. Resolves when the newest state is stored, with false when it could not be. */
  pending(): Promise<boolean> | null
}

export function makeCredsSaver(creds: AuthenticationCreds, store: Pick<AuthStore, 'commit'>): CredsSaver {
  const known = paired(creds)
  let dirty = false
  let writing: Promise<boolean> | null = null

  async function write(): Promise<boolean> {
    try {
      while (dirty) {
        dirty = false
        await store.commit({ creds: encodeCreds(creds) })
      }
      return true
    } catch {
      // The connection is cut by now, see safe-store.ts.
      dirty = false
      return false
    } finally {
      writing = null
    }
  }

  return {
    changed() {
      // By code, `registered` comes before the account does: stored then, a crash would leave a device that WhatsApp never linked.
      if (!known && creds.account === undefined) return
      dirty = true
      writing ??= write()
    },
    pending: () => writing,
  }
}
