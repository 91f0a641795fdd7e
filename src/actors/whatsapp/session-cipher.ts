// Three repairs of libsignal, at run time, once for the process: a failed trial decryption no longer damages the other sessions of the contact
// (session_cipher.js:227 steps the ratchet before the MAC is checked), and accounts no longer wait for each other in one process-wide queue,
// where a job would also run inside another account's transaction. Inside our transactions our own lock gives the order (repository.ts).

import { createRequire } from 'node:module'
import { transactionOwner } from './key-store.ts'

interface SessionEntry {
  readonly constructor: { deserialize(data: unknown): SessionEntry }
  pendingPreKey?: unknown
  readonly indexInfo: { used: number; closed: number; readonly baseKey: Buffer }
  serialize(): unknown
}

interface SessionRecord {
  getSession(baseKey: Buffer): SessionEntry | undefined
  getOpenSession(): SessionEntry | undefined
  closeSession(session: SessionEntry): void
}

interface Storage {
  loadSession(address: string): Promise<SessionRecord | null | undefined>
  storeSession(address: string, record: SessionRecord): Promise<void>
}

interface Cipher {
  doDecryptWhisperMessage(data: Buffer, session: SessionEntry): Promise<Buffer>
  decryptWithSessions(data: Buffer, sessions: SessionEntry[]): Promise<{ session: unknown; plaintext: Buffer }>
  queueJob<T>(job: () => Promise<T>): Promise<T>
}

interface Builder {
  readonly addr: { readonly id: string; toString(): string }
  readonly storage: Storage
  initOutgoing(device: unknown): Promise<void>
  initIncoming(record: SessionRecord, message: { readonly baseKey: Buffer }): Promise<number | undefined>
}

interface Libsignal {
  readonly SessionCipher: { readonly prototype: Cipher }
  readonly SessionBuilder: { readonly prototype: Builder }
  readonly SessionError: new (message: string) => Error
}

const queueNames = new WeakMap<symbol, number>()
let queues = 0
let repaired = false

/** Puts the repairs in place. Safe to call again. */
export function repairLibsignal(): void {
  if (repaired) return
  repaired = true
  const libsignal = createRequire(import.meta.url)('libsignal') as Libsignal
  repairCipher(libsignal)
  repairBuilder(libsignal.SessionBuilder.prototype)
}

function repairCipher({ SessionCipher, SessionError }: Libsignal): void {
  const cipher = SessionCipher.prototype
  cipher.decryptWithSessions = async function (data, sessions) {
    if (sessions.length === 0) throw new SessionError('No sessions available')
    for (const session of sessions) {
      // The last one needs no copy: if it fails too, nothing is stored.
      const trial = session === sessions.at(-1) ? session : session.constructor.deserialize(session.serialize())
      try {
        const plaintext = await this.doDecryptWhisperMessage(data, trial)
        Object.assign(session, trial)
        if (trial.pendingPreKey === undefined) delete session.pendingPreKey
        session.indexInfo.used = Date.now()
        // Handed back as open: the caller prints a line about a closed one.
        return { session: { indexInfo: { ...session.indexInfo, closed: -1 } }, plaintext }
      } catch {
        // Not this session's message.
      }
    }
    throw new SessionError('No matching sessions found for message')
  }
  const queue = cipher.queueJob
  cipher.queueJob = function (job) {
    return transactionOwner() === undefined ? (queue.call(this, job) as ReturnType<typeof job>) : job()
  }
}

function repairBuilder(builder: Builder): void {
  const outgoing = builder.initOutgoing
  builder.initOutgoing = function (device) {
    const owner = transactionOwner()
    if (owner === undefined) return outgoing.call(this, device)
    const address = this.addr.toString()
    const queueName = `${address}#${queueNumber(owner)}`
    const storage = Object.assign(Object.create(this.storage) as Storage, {
      loadSession: () => this.storage.loadSession(address),
      storeSession: (_: string, record: SessionRecord) => this.storage.storeSession(address, record),
    })
    const addr = { id: this.addr.id, toString: () => queueName }
    return outgoing.call(Object.assign(Object.create(this) as Builder, { addr, storage }), device)
  }
  const incoming = builder.initIncoming
  builder.initIncoming = async function (record, message) {
    // Closed here already, the original finds nothing to close and prints nothing. A record that fails is never stored.
    const open = record.getSession(message.baseKey) === undefined ? record.getOpenSession() : undefined
    if (open !== undefined) record.closeSession(open)
    return incoming.call(this, record, message)
  }
}

function queueNumber(owner: symbol): number {
  const known = queueNames.get(owner)
  if (known !== undefined) return known
  queues += 1
  queueNames.set(owner, queues)
  return queues
}
