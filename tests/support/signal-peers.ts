// Two sides of a Signal conversation, each with our repository over a store in memory. No server: stanzas are handed over directly.

import { type AuthenticationCreds, Curve, generateSignalPubKey, initAuthCreds } from '@whiskeysockets/baileys'
import { makeStanzaIndex } from '../../src/actors/whatsapp/journal.ts'
import { type KeyStore, makeKeyStore } from '../../src/actors/whatsapp/key-store.ts'
import { silenceLibsignal } from '../../src/actors/whatsapp/quiet.ts'
import { type JournaledRepository, makeRepository } from '../../src/actors/whatsapp/repository.ts'
import { makeSafeStore } from '../../src/actors/whatsapp/safe-store.ts'
import { repairLibsignal } from '../../src/actors/whatsapp/session-cipher.ts'
import { enforceSignatures } from '../../src/actors/whatsapp/signature.ts'
import { type MemoryAuthStore, memoryAuthStore, type TestGuard, testGuard } from './auth-store.ts'

enforceSignatures()
repairLibsignal()
silenceLibsignal()

export interface Sealed {
  readonly type: 'pkmsg' | 'msg'
  readonly ciphertext: Uint8Array
}

export interface SignalPeer {
  readonly jid: string
  readonly creds: AuthenticationCreds
  readonly store: MemoryAuthStore
  readonly guard: TestGuard
  readonly keys: KeyStore
  readonly repository: JournaledRepository
  /** Codes the connection was cut with. */
  readonly cuts: number[]
  /** How many doorbells rang. */
  readonly bells: () => number
  /** Numbers whose LID was asked for. */
  readonly asked: string[]
  readonly seal: (to: string, text: string) => Promise<Sealed>
  /** Delivers a stanza with this ciphertext; answers the text. */
  readonly open: (from: string, sealed: Sealed, attrs?: Record<string, string>) => Promise<string>
  /** The same account after a restart: nothing in memory. */
  readonly restarted: () => SignalPeer
}

let ids = 0

export function signalPeer(jid: string, creds = initAuthCreds(), store = memoryAuthStore()): SignalPeer {
  const cuts: number[] = []
  const asked: string[] = []
  const guard = testGuard()
  let bells = 0
  const safe = makeSafeStore(store, guard, (code) => void cuts.push(code))
  const keys = makeKeyStore(safe)
  const stanzas = makeStanzaIndex()
  const logger = {
    level: 'silent',
    child: () => logger,
    trace: () => undefined,
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: () => undefined,
  }
  const repository = makeRepository({
    creds,
    keys,
    store: safe,
    stanzas,
    logger,
    lookUpLids: async (jids) => {
      asked.push(...jids)
      return []
    },
    journaled: () => {
      bells += 1
    },
  })
  return {
    jid,
    creds,
    store,
    guard,
    keys,
    repository,
    cuts,
    asked,
    bells: () => bells,
    seal: (to, text) =>
      repository.encryptMessage({ jid: to, data: Buffer.concat([Buffer.from(text), Buffer.from([1])]) }),
    async open(from, { type, ciphertext }, attrs = {}) {
      ids += 1
      const content = Buffer.from(ciphertext)
      const enc = { tag: 'enc', attrs: { v: '2', type }, content }
      stanzas.note({ tag: 'message', attrs: { id: `ID${ids}`, from, t: '1700000000', ...attrs }, content: [enc] })
      const plaintext = Buffer.from(await repository.decryptMessage({ jid: from, type, ciphertext: content }))
      return plaintext.subarray(0, -1).toString()
    },
    restarted: () => signalPeer(jid, creds, store),
  }
}

/** Gives `from` a session to `to`, from a bundle with one pre-key. */
export async function introduce(from: SignalPeer, to: SignalPeer, preKeyId = 1): Promise<void> {
  const preKey = Curve.generateKeyPair()
  await to.keys.set({ 'pre-key': { [preKeyId]: preKey } })
  const { signedPreKey, signedIdentityKey, registrationId } = to.creds
  await from.repository.injectE2ESession({
    jid: to.jid,
    session: {
      registrationId,
      identityKey: generateSignalPubKey(signedIdentityKey.public),
      signedPreKey: {
        keyId: signedPreKey.keyId,
        publicKey: generateSignalPubKey(signedPreKey.keyPair.public),
        signature: signedPreKey.signature,
      },
      preKey: { keyId: preKeyId, publicKey: generateSignalPubKey(preKey.public) },
    },
  })
}
