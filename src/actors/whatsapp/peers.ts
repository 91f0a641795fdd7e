// The other side of a Signal session has two names, a phone number and a LID, and its session must be one. This file decides which lock a
// name stands for and moves sessions from the number's address to the LID's without losing one that is already there.

import { AsyncLocalStorage } from 'node:async_hooks'
import type { SignalRepositoryWithLIDStore } from '@whiskeysockets/baileys'
import { parseJid } from './address.ts'
import type { KeyStore } from './key-store.ts'
import { makeLocks } from './locks.ts'

const OPEN = -1

interface StoredSession {
  readonly indexInfo: { readonly closed: number; readonly remoteIdentityKey: string }
}

/** libsignal's serialised record: sessions by base key. Baileys' types say bytes of it; what it keeps and gives back is this. */
interface StoredRecord {
  readonly _sessions: Readonly<Record<string, StoredSession>>
  readonly version?: string
}

export interface Peers {
  /** One at a time per person, whichever of their names is used. */
  exclusively<T>(jid: string, work: () => Promise<T>): Promise<T>
  /** Moves what is kept under the number's address of this device to the LID's. To be called in a transaction. */
  settle(jid: string): Promise<void>
  migrate: SignalRepositoryWithLIDStore['migrateSession']
  phoneOf(lid: string): Promise<string | null>
  lidOf(phone: string): Promise<string | null>
  /** Within `keepingSessions`: is there an open session with this identity already? To be called in a transaction. */
  keeps(jid: string, identityKey: Uint8Array): Promise<boolean>
  keepingSessions<T>(work: () => Promise<T>): Promise<T>
}

const keeping = new AsyncLocalStorage<true>()

export function makePeers(
  keys: KeyStore,
  repository: Pick<SignalRepositoryWithLIDStore, 'jidToSignalProtocolAddress'>,
): Peers {
  const locks = makeLocks()
  const addressOf = repository.jidToSignalProtocolAddress

  const mapping = async (id: string) => (await keys.get('lid-mapping', [id]))[id] ?? null
  const lidOf = (phone: string) => mapping(phone)
  const phoneOf = (lid: string) => mapping(`${lid}_reverse`)

  async function lockOf(jid: string): Promise<string> {
    const peer = parseJid(jid)
    if (peer?.kind !== 'phone') return `${peer?.user ?? jid}@lid`
    const lid = await lidOf(peer.user)
    return lid === null ? `${peer.user}@phone` : `${lid}@lid`
  }

  async function exclusively<T>(jid: string, work: () => Promise<T>): Promise<T> {
    for (;;) {
      const name = await lockOf(jid)
      const done = await locks.run([name], async () =>
        // A mapping that arrived while we waited makes this another lock.
        (await lockOf(jid)) === name ? { value: await work() } : null,
      )
      if (done !== null) return done.value
    }
  }

  /** The address the session of this device is kept under, and the one it had before its LID was known. */
  async function addresses(jid: string): Promise<{ readonly kept: string; readonly former: string | null }> {
    const peer = parseJid(jid)
    const own = addressOf(jid)
    const device = own.slice(own.lastIndexOf('.') + 1)
    const lid = peer?.kind === 'phone' ? await lidOf(peer.user) : (peer?.user ?? null)
    const phone = peer?.kind === 'phone' ? peer.user : lid === null ? null : await phoneOf(lid)
    if (lid === null || device === '99') return { kept: own, former: null }
    return { kept: `${lid}_1.${device}`, former: phone === null ? null : `${phone}.${device}` }
  }

  async function stored(address: string): Promise<StoredRecord | undefined> {
    return (await keys.get('session', [address]))[address] as unknown as StoredRecord | undefined
  }

  async function move(former: string, kept: string): Promise<boolean> {
    // Nearly always there is nothing to move.
    if (!(await keys.holds('session', [former, kept])).has(former)) return false
    const moved = await stored(former)
    if (moved === undefined) return false
    const record = merged(await stored(kept), moved) as unknown as Uint8Array
    await keys.set({ session: { [kept]: record, [former]: null } })
    return true
  }

  return {
    exclusively,
    phoneOf,
    lidOf,
    async settle(jid) {
      const { kept, former } = await addresses(jid)
      if (former !== null && former !== kept) await move(former, kept)
    },
    async migrate(fromJid, toJid) {
      const from = parseJid(fromJid)
      const to = parseJid(toJid)
      if (from?.kind !== 'phone' || to?.kind !== 'lid') return { migrated: 0, skipped: 0, total: 0 }
      const known = (await keys.get('device-list', [from.user]))[from.user] ?? []
      const asked = addressOf(fromJid).split('.')[1] ?? '0'
      const devices = [...new Set([...known, asked])]
      const names = [`${from.user}@phone`, `${to.user}@lid`]
      const moves = devices.map((device) => [`${from.user}.${device}`, `${to.user}_1.${device}`] as const)
      // Baileys asks with every message of a LID. Nothing to move and nobody who is about to make it: that was all.
      const held = await keys.holds('session', moves.flat())
      if (!moves.some(([former]) => held.has(former)) && locks.free(names))
        return { migrated: 0, skipped: devices.length, total: devices.length }
      const migrated = await locks.run(names, () =>
        keys.transaction(async () => {
          let moved = 0
          for (const [former, kept] of moves) if (await move(former, kept)) moved += 1
          return moved
        }),
      )
      return { migrated, skipped: devices.length - migrated, total: devices.length }
    },
    async keeps(jid, identityKey) {
      if (keeping.getStore() === undefined) return false
      const { kept } = await addresses(jid)
      const record = await stored(kept)
      const identity = Buffer.from(identityKey).toString('base64')
      return Object.values(record?._sessions ?? {}).some(
        ({ indexInfo }) => indexInfo.closed === OPEN && indexInfo.remoteIdentityKey === identity,
      )
    },
    keepingSessions: (work) => keeping.run(true, work),
  }
}

/** Both records' sessions in one. Where both have an open one, the LID's stays open: it is what we last sent with. */
function merged(kept: StoredRecord | undefined, moved: StoredRecord): StoredRecord {
  if (kept === undefined) return moved
  const open = Object.values(kept._sessions).some(({ indexInfo }) => indexInfo.closed === OPEN)
  const closedAt = (session: StoredSession): StoredSession =>
    open && session.indexInfo.closed === OPEN
      ? { ...session, indexInfo: { ...session.indexInfo, closed: Date.now() } }
      : session
  const sessions = Object.entries(moved._sessions).map(([key, session]) => [key, closedAt(session)] as const)
  return { ...kept, _sessions: { ...Object.fromEntries(sessions), ...kept._sessions } }
}
