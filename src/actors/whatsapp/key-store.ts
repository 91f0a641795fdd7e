// The account's key store as Baileys and libsignal use it, over the bytes of an AuthStore. Decides when a change is committed: at the end of
// a transaction, in one piece with the journal. Reads are cached for the life of one connection, which is the only writer under its fence.

import { AsyncLocalStorage } from 'node:async_hooks'
import type { SignalDataSet, SignalDataTypeMap, SignalKeyStoreWithTransaction } from '@whiskeysockets/baileys'
import { decodeKey, encodeKey } from './auth-state.ts'
import { bounded } from './bounded.ts'
import type { AuthChange, AuthStore, JournalEntry, KeyChange } from './socket.ts'

/** Records kept per connection. A busy account talks to some hundred devices an hour; an idle one keeps a handful. */
const RECORDS_CACHED = 400
/** Read once and then deleted, hundreds at a time. */
const NEVER_CACHED: ReadonlySet<string> = new Set(['pre-key'])

type KeyType = keyof SignalDataTypeMap

export interface KeyStore extends SignalKeyStoreWithTransaction {
  /** Commits what the work set when it is done; nothing when it rejects. Within a transaction it is part of that one. Order is the
   *  caller's business: Baileys' lock key is not used. */
  transaction<T>(work: () => Promise<T>, key?: string): Promise<T>
  /** Which of the records exist; reads them all, decodes none. */
  holds(type: KeyType, ids: readonly string[]): Promise<ReadonlySet<string>>
  /** Adds the plaintext to the running transaction: it is committed with the ratchet step or not at all. */
  journal(entry: JournalEntry): void
}

/** Storage as the connection sees it: a rejection here has already cut the connection. */
export type SafeStore = Pick<AuthStore, 'loadKeys' | 'commit'>

interface Transaction {
  readonly owner: symbol
  readonly changes: Map<string, KeyChange>
  journal?: JournalEntry
}

/** One for the process: a context per connection would slow every promise down. */
const running = new AsyncLocalStorage<Transaction>()

/** Names the account whose transaction is running here, if any. */
export function transactionOwner(): symbol | undefined {
  return running.getStore()?.owner
}

export function makeKeyStore(store: SafeStore): KeyStore {
  const owner = Symbol('account')
  const cache = bounded<Uint8Array | null>(RECORDS_CACHED)
  const mine = () => {
    const transaction = running.getStore()
    return transaction?.owner === owner ? transaction : undefined
  }

  async function read(type: string, ids: readonly string[]): Promise<Map<string, Uint8Array | null>> {
    const bytes = new Map<string, Uint8Array | null>()
    const transaction = mine()
    for (const id of ids) {
      const name = nameOf(type, id)
      const change = transaction?.changes.get(name)
      const known = change === undefined ? cache.get(name) : change.value
      if (known !== undefined) bytes.set(id, known)
    }
    const missing = ids.filter((id) => !bytes.has(id))
    if (missing.length > 0) await load(type, missing, bytes)
    return bytes
  }

  async function get<T extends KeyType>(type: T, ids: string[]): Promise<{ [id: string]: SignalDataTypeMap[T] }> {
    const found: { [id: string]: SignalDataTypeMap[T] } = {}
    for (const [id, value] of await read(type, ids)) if (value !== null) found[id] = decodeKey(type, value)
    return found
  }

  async function load(type: string, ids: readonly string[], into: Map<string, Uint8Array | null>): Promise<void> {
    const loaded = await store.loadKeys(type, ids)
    for (const id of ids) {
      const name = nameOf(type, id)
      // A commit that finished while we read is newer than what we read.
      const newer = cache.get(name)
      const value = newer === undefined ? (loaded.get(id) ?? null) : newer
      into.set(id, value)
      if (newer === undefined && !NEVER_CACHED.has(type)) cache.set(name, value)
    }
  }

  async function set(data: SignalDataSet): Promise<void> {
    const changes = changesOf(data)
    const transaction = mine()
    if (transaction === undefined) return commit({ keys: changes })
    for (const change of changes) transaction.changes.set(nameOf(change.type, change.id), change)
  }

  async function commit(change: AuthChange): Promise<void> {
    const keys = change.keys ?? []
    if (keys.length === 0 && change.journal === undefined) return
    await store.commit(change)
    for (const { type, id, value } of keys) if (!NEVER_CACHED.has(type)) cache.set(nameOf(type, id), value)
  }

  async function transaction<T>(work: () => Promise<T>): Promise<T> {
    if (mine() !== undefined) return work()
    const begun: Transaction = { owner, changes: new Map() }
    const result = await running.run(begun, work)
    const keys = [...begun.changes.values()]
    await commit(begun.journal === undefined ? { keys } : { keys, journal: begun.journal })
    return result
  }

  return {
    get,
    set,
    transaction,
    async holds(type, ids) {
      return new Set([...(await read(type, ids))].flatMap(([id, value]) => (value === null ? [] : [id])))
    },
    isInTransaction: () => mine() !== undefined,
    journal(entry) {
      const transaction = mine()
      if (transaction === undefined) throw new Error('the journal is written within a transaction')
      transaction.journal = entry
    },
  }
}

function changesOf(data: SignalDataSet): KeyChange[] {
  const changes: KeyChange[] = []
  for (const [type, records] of Object.entries(data)) {
    for (const [id, value] of Object.entries(records ?? {})) {
      changes.push({ type, id, value: value === null || value === undefined ? null : encodeKey(type, value) })
    }
  }
  return changes
}

function nameOf(type: string, id: string): string {
  return `${type}/${id}`
}
