// Keeps libsignal from printing. It logs whole sessions, private keys included, to the console whenever one is opened, closed or dropped;
// the same steps are done here without a word. The application's own console is not touched.

import { createRequire } from 'node:module'

interface Entry {
  readonly indexInfo: { closed: number; readonly remoteIdentityKey: Uint8Array }
}

interface SessionRecordClass {
  readonly prototype: {
    sessions: Record<string, Entry>
    closeSession(session: Entry): void
    openSession(session: Entry): void
    removeOldSessions(): void
  }
}

/** libsignal's own bound on sessions it keeps for one device. */
const SESSIONS_KEPT = 40
const OPEN = -1

let quiet = false

/** Replaces the printing functions, once for the process. Safe to call again. */
export function silenceLibsignal(): void {
  if (quiet) return
  quiet = true
  const { SessionRecord } = createRequire(import.meta.url)('libsignal') as { SessionRecord: SessionRecordClass }
  const record = SessionRecord.prototype
  record.closeSession = (session) => {
    if (session.indexInfo.closed === OPEN) session.indexInfo.closed = Date.now()
  }
  record.openSession = (session) => {
    session.indexInfo.closed = OPEN
  }
  record.removeOldSessions = function () {
    const byAge = Object.entries(this.sessions)
      .filter(([, session]) => session.indexInfo.closed !== OPEN)
      .sort(([, a], [, b]) => a.indexInfo.closed - b.indexInfo.closed)
    const surplus = Object.keys(this.sessions).length - SESSIONS_KEPT
    for (const [key] of byAge.slice(0, Math.max(0, surplus))) delete this.sessions[key]
  }
}
