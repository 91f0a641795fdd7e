// Saves the credentials when Baileys changed them, one write at a time, the newest state last. What is sent waits for it (see wire.ts).
//
// Credentials and keys are two writes. A crash between them is harmless because pre-key ids only move forward and nothing is uploaded before
// both are stored: credentials ahead of keys name pre-keys nobody was given (Baileys sees the newest one missing and makes others beyond it);
// keys ahead of credentials are made again under the same ids, which nobody was given either.

import { createHash } from 'node:crypto'
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
  // Every login says once more who the account is: what is stored already is not written again, and nothing has to wait for it.
  let stored = known ? stateOf(creds).digest : null
  /** Changed since the write under way began. */
  let dirty = false
  let writing: Promise<boolean> | null = null

  const unstored = (): State | null => {
    const state = stateOf(creds)
    return state.digest === stored ? null : state
  }

  async function write(first: State): Promise<boolean> {
    try {
      for (let next: State | null = first; next !== null; next = dirty ? unstored() : null) {
        dirty = false
        await store.commit({ creds: next.bytes })
        stored = next.digest
      }
      return true
    } catch {
      // The connection is cut by now, see safe-store.ts.
      return false
    } finally {
      dirty = false
      writing = null
    }
  }

  return {
    changed() {
      // By code, `registered` comes before the account does: stored then, a crash would leave a device that WhatsApp never linked.
      if (!known && creds.account === undefined) return
      dirty = true
      const next = writing === null ? unstored() : null
      if (next !== null) writing = write(next)
    },
    pending: () => writing,
  }
}

interface State {
  readonly bytes: Uint8Array
  readonly digest: string
}

function stateOf(creds: AuthenticationCreds): State {
  const bytes = encodeCreds(creds)
  return { bytes, digest: createHash('sha256').update(bytes).digest('base64') }
}
