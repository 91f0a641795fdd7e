// Commit, then speak. Wraps Baileys' signal repository so that a ratchet step is stored before anything depends on it: decryptMessage returns
// (and the receipt leaves) only after step and plaintext are committed together, encryptMessage before the ciphertext can reach the wire.

import {
  type AuthenticationCreds,
  DEFAULT_CONNECTION_CONFIG,
  type LIDMapping,
  type SignalRepositoryWithLIDStore,
  type SocketConfig,
} from '@whiskeysockets/baileys'
import { chatOf, messageKeyOf, parseJid, type StanzaAttrs } from './address.ts'
import { bounded } from './bounded.ts'
import { decodeJournal, EMPTY_PLAINTEXT, encodeJournal, hashOf, type StanzaIndex } from './journal.ts'
import type { KeyStore } from './key-store.ts'
import { makePeers } from './peers.ts'
import type { AuthStore } from './socket.ts'

type BaileysLogger = SocketConfig['logger']
type Decrypt = Parameters<SignalRepositoryWithLIDStore['decryptMessage']>[0]
type LookUpLids = (jids: string[]) => Promise<LIDMapping[] | undefined>

/** A number without a LID is not asked about again for this long: Baileys would ask at every step of every message. */
const LID_MISS_MS = 60_000
const LID_MISSES = 500
const RECIPIENTS_COUNTED = 200

export interface RepositoryOptions {
  readonly creds: AuthenticationCreds
  readonly keys: KeyStore
  readonly store: Pick<AuthStore, 'journaled'>
  readonly stanzas: StanzaIndex
  readonly logger: BaileysLogger
  readonly lookUpLids: LookUpLids | undefined
  /** An inbox row was committed. */
  readonly journaled: () => void
}

export interface JournaledRepository extends SignalRepositoryWithLIDStore {
  /** How many messages were encrypted for this user (the user part of a JID) on this connection. */
  encryptedFor(user: string): number
  /** Within the work, a key bundle does not replace a session that still fits it. */
  keepingSessions<T>(work: () => Promise<T>): Promise<T>
}

/** The `makeSignalRepository` of one connection. */
export function makeRepository(options: RepositoryOptions): JournaledRepository {
  const { creds, keys, stanzas, store, logger } = options
  const inner = DEFAULT_CONNECTION_CONFIG.makeSignalRepository({ creds, keys }, logger, sparing(options.lookUpLids))
  const peers = makePeers(keys, inner)
  const encrypted = bounded<number>(RECIPIENTS_COUNTED)

  /** The plaintext of a ciphertext we decrypted in an earlier life; null when it is new. */
  async function remembered(hash: Uint8Array): Promise<Uint8Array | null> {
    const row = await store.journaled(hash)
    if (row === null) return null
    return row.payload === null ? EMPTY_PLAINTEXT : decodeJournal(row.payload).plaintext
  }

  async function decryptOnce(message: Decrypt, attrs: StanzaAttrs, hash: Uint8Array): Promise<Uint8Array> {
    const plaintext = await peers.exclusively(message.jid, () =>
      keys.transaction(async () => {
        await peers.settle(message.jid)
        const decrypted = await inner.decryptMessage(message)
        const { phone, lid } = await identities(attrs)
        const payload = encodeJournal({ attrs, phone, lid, plaintext: decrypted })
        keys.journal({ hash, messageKey: messageKeyOf(attrs), payload })
        return decrypted
      }),
    )
    options.journaled()
    return plaintext
  }

  async function decryptMessage(message: Decrypt): Promise<Uint8Array> {
    const attrs = stanzas.find(message.ciphertext)
    if (attrs === undefined) throw new Error('a ciphertext came without its stanza')
    const hash = hashOf(message.ciphertext)
    // The queue of what we missed is where redeliveries come from; a live message is looked up only when it will not decrypt.
    if (attrs['offline'] !== undefined) {
      const known = await remembered(hash)
      if (known !== null) return known
    }
    try {
      return await decryptOnce(message, attrs, hash)
    } catch (error) {
      const known = await remembered(hash)
      if (known !== null) return known
      throw error
    }
  }

  /** Phone and LID of the chat, completed from the mappings we have. Asks nobody. */
  async function identities(attrs: StanzaAttrs): Promise<{ phone: string | null; lid: string | null }> {
    const { phone, lid } = chatOf(attrs)
    if (phone === null && lid !== null) return { phone: await peers.phoneOf(lid), lid }
    if (phone !== null && lid === null) return { phone, lid: await peers.lidOf(phone) }
    return { phone, lid }
  }

  return {
    ...inner,
    decryptMessage,
    async encryptMessage(message) {
      await inner.lidMapping.getLIDForPN(message.jid)
      const sealed = await peers.exclusively(message.jid, () =>
        keys.transaction(async () => {
          await peers.settle(message.jid)
          return inner.encryptMessage(message)
        }),
      )
      const user = parseJid(message.jid)?.user ?? ''
      encrypted.set(user, (encrypted.get(user) ?? 0) + 1)
      return sealed
    },
    injectE2ESession: (bundle) =>
      peers.exclusively(bundle.jid, () =>
        keys.transaction(async () => {
          await peers.settle(bundle.jid)
          if (!(await peers.keeps(bundle.jid, bundle.session.identityKey))) await inner.injectE2ESession(bundle)
        }),
      ),
    validateSession: (jid) =>
      peers.exclusively(jid, () =>
        keys.transaction(async () => {
          await peers.settle(jid)
          return inner.validateSession(jid)
        }),
      ),
    migrateSession: peers.migrate,
    encryptedFor: (user) => encrypted.get(user) ?? 0,
    keepingSessions: peers.keepingSessions,
  }
}

/** Remembers for a while which numbers have no LID, and takes a failed question for no answer. */
function sparing(lookUp: LookUpLids | undefined): LookUpLids {
  const misses = bounded<true>(LID_MISSES, LID_MISS_MS)
  return async (jids) => {
    const unasked = jids.filter((jid) => misses.get(jid) === undefined)
    if (unasked.length === 0 || lookUp === undefined) return []
    const found = (await lookUp(unasked).catch(() => undefined)) ?? []
    for (const jid of unasked) if (!found.some(({ pn }) => pn === jid)) misses.set(jid, true)
    return found
  }
}
