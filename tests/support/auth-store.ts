// An AuthStore in memory that can say no: it fails, is slow, is fenced and remembers the order of what was committed.

import type { AuthChange, AuthStore, Guard, JournalEntry, OutboundContent } from '../../src/actors/whatsapp/socket.ts'

export interface MemoryAuthStore extends AuthStore {
  creds: Uint8Array | null
  readonly keys: Map<string, Uint8Array>
  readonly journal: Map<string, { state: 'new' | 'done'; payload: Uint8Array | null; entry: JournalEntry }>
  readonly sent: Map<string, OutboundContent>
  /** Every commit that went through, in order. */
  readonly commits: AuthChange[]
  /** How often each thing was read: `loadKeys:session`, `journaled`, … */
  readonly reads: Map<string, number>
  /** Called before each access; rejecting makes the access fail. */
  before: (access: string, change?: AuthChange) => Promise<void>
  /** Forgets the text of a journal row, as processing a stranger's message does. */
  finish(hash: Uint8Array, keepPayload: boolean): void
}

export function memoryAuthStore(): MemoryAuthStore {
  const keys = new Map<string, Uint8Array>()
  const journal: MemoryAuthStore['journal'] = new Map()
  const reads = new Map<string, number>()
  const read = async (what: string) => {
    reads.set(what, (reads.get(what) ?? 0) + 1)
    await store.before(what)
  }
  const store: MemoryAuthStore = {
    creds: null,
    keys,
    journal,
    sent: new Map(),
    commits: [],
    reads,
    before: async () => undefined,
    async loadCreds() {
      await read('loadCreds')
      return store.creds
    },
    async loadKeys(type, ids) {
      await read(`loadKeys:${type}`)
      const found = new Map<string, Uint8Array>()
      for (const id of ids) {
        const value = keys.get(`${type}/${id}`)
        if (value !== undefined) found.set(id, value)
      }
      return found
    },
    async commit(change) {
      await store.before('commit', change)
      if (change.journal !== undefined && journal.has(nameOf(change.journal.hash))) throw new Error('journaled twice')
      if (change.creds !== undefined) store.creds = change.creds
      for (const { type, id, value } of change.keys ?? []) {
        if (value === null) keys.delete(`${type}/${id}`)
        else keys.set(`${type}/${id}`, value)
      }
      if (change.journal !== undefined) {
        const { hash, payload } = change.journal
        journal.set(nameOf(hash), { state: 'new', payload, entry: change.journal })
      }
      store.commits.push(change)
    },
    async journaled(hash) {
      await read('journaled')
      const row = journal.get(nameOf(hash))
      return row === undefined ? null : { state: row.state, payload: row.payload }
    },
    async findSent(waMessageId) {
      await read('findSent')
      return store.sent.get(waMessageId) ?? null
    },
    finish(hash, keepPayload) {
      const row = journal.get(nameOf(hash))
      if (row === undefined) throw new Error('no such journal row')
      row.state = 'done'
      if (!keepPayload) row.payload = null
    },
  }
  return store
}

export interface TestGuard extends Guard {
  readonly causes: string[]
}

export function testGuard(): TestGuard {
  const causes: string[] = []
  return { causes, valid: () => causes.length === 0, fence: (cause) => void causes.push(cause) }
}

function nameOf(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex')
}
