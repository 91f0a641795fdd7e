// One Signal session as a value: every operation works on a copy made from the serialized record and answers the next
// record, so a failed trial damages nothing. It drives libsignal's ratchet directly, without its queue and its prints.

import { generateSignalPubKey, type KeyPair } from '@whiskeysockets/baileys'
import * as libsignal from 'libsignal'
import { PreKeyWhisperMessage } from 'libsignal/src/protobufs.js'

declare module 'libsignal' {
  interface SessionEntry {
    readonly indexInfo: { readonly baseKey: Buffer }
  }
  interface SessionRecord {
    getSessions(): SessionEntry[]
    getSession(baseKey: Buffer): SessionEntry | undefined
  }
  interface SessionCipher {
    doDecryptWhisperMessage(message: Buffer, session: SessionEntry): Promise<Buffer>
  }
  interface SessionBuilder {
    initIncoming(record: SessionRecord, message: { readonly baseKey: Buffer }): Promise<number | undefined>
  }
}

/** A serialized record with exactly one session. */
export type Session = ReturnType<libsignal.SessionRecord['serialize']>

export type CiphertextType = 'pkmsg' | 'msg'

export interface Ciphertext {
  readonly type: CiphertextType
  readonly bytes: Buffer
}

/** What a session needs of the device that holds it. */
export interface OwnKeys {
  readonly registrationId: number
  readonly identity: KeyPair
  readonly signedPreKey: KeyPair
  readonly preKey: (id: number) => KeyPair | undefined
}

/** What a device publishes so that others can start a session with it. */
export interface KeyBundle {
  readonly registrationId: number
  readonly identity: Buffer
  readonly signedPreKey: { readonly id: number; readonly key: Buffer; readonly signature: Buffer }
  readonly preKey?: { readonly id: number; readonly key: Buffer }
}

export interface Opened {
  readonly session: Session
  readonly plaintext: Buffer
}

const signalKey = (key: Uint8Array): Buffer => Buffer.from(generateSignalPubKey(key))

const signalPair = (pair: KeyPair) => ({ privKey: Buffer.from(pair.private), pubKey: signalKey(pair.public) })

/** libsignal's storage over a single record that is never shared. */
const storageOf = (own: OwnKeys, current: Session | undefined) => {
  let stored = current
  const storage: libsignal.SignalStorage = {
    loadSession: async () => (stored === undefined ? undefined : libsignal.SessionRecord.deserialize(stored)),
    storeSession: async (_address, record) => {
      stored = record.serialize()
    },
    isTrustedIdentity: () => true,
    loadPreKey: async (id) => {
      const pair = own.preKey(Number(id))
      return pair === undefined ? undefined : signalPair(pair)
    },
    removePreKey: () => undefined,
    loadSignedPreKey: () => signalPair(own.signedPreKey),
    getOurRegistrationId: () => own.registrationId,
    getOurIdentity: () => signalPair(own.identity),
  }
  return { storage, stored: () => stored }
}

/** Addresses only name libsignal's queue here; a name of our own keeps it apart from a client in the same process. */
const addressOf = (name: string): libsignal.ProtocolAddress => new libsignal.ProtocolAddress(`simulated-${name}`, 1)

/** A session begun by us with a published bundle. Throws if the bundle is unusable. */
export const startSession = async (own: OwnKeys, name: string, bundle: KeyBundle): Promise<Session> => {
  const { storage, stored } = storageOf(own, undefined)
  const { preKey } = bundle
  const device = {
    registrationId: bundle.registrationId,
    identityKey: signalKey(bundle.identity),
    signedPreKey: {
      keyId: bundle.signedPreKey.id,
      publicKey: signalKey(bundle.signedPreKey.key),
      signature: bundle.signedPreKey.signature,
    },
    ...(preKey === undefined ? {} : { preKey: { keyId: preKey.id, publicKey: signalKey(preKey.key) } }),
  }
  // libsignal's types demand a one-time key, its code takes a bundle without one: the server may have run out of them.
  await new libsignal.SessionBuilder(storage, addressOf(name)).initOutgoing(
    device as Required<typeof device> & {
      preKey: { keyId: number; publicKey: Buffer }
    },
  )
  const session = stored()
  if (session === undefined) throw new Error('the session was not begun')
  return session
}

export const seal = async (
  own: OwnKeys,
  name: string,
  session: Session,
  plaintext: Buffer,
): Promise<{ readonly session: Session; readonly ciphertext: Ciphertext }> => {
  const { storage, stored } = storageOf(own, session)
  const { type, body } = await new libsignal.SessionCipher(storage, addressOf(name)).encrypt(plaintext)
  const ciphertext = { type: type === 3 ? ('pkmsg' as const) : ('msg' as const), bytes: Buffer.from(body, 'binary') }
  return { session: stored() ?? session, ciphertext }
}

/** Opens an ordinary message with a session. Throws if it does not fit; the session given stays as it was. */
export const open = async (own: OwnKeys, name: string, session: Session, bytes: Buffer): Promise<Opened> => {
  const record = libsignal.SessionRecord.deserialize(session)
  const entry = record.getSessions()[0]
  if (entry === undefined) throw new Error('the record is empty')
  const cipher = new libsignal.SessionCipher(storageOf(own, undefined).storage, addressOf(name))
  const plaintext = await cipher.doDecryptWhisperMessage(bytes, entry)
  return { session: record.serialize(), plaintext }
}

/** The name of the session a first message belongs to, and the one-time key it uses (0 if none). */
export const readPreKeyMessage = (bytes: Buffer): { readonly baseKey: string; readonly preKeyId: number } => {
  const message = PreKeyWhisperMessage.decode(bytes.subarray(1))
  return { baseKey: Buffer.from(message.baseKey).toString('base64'), preKeyId: message.preKeyId }
}

/** Opens a first message: with the session it began before, or with a new one. Throws if it does not fit. */
export const openFirst = async (
  own: OwnKeys,
  name: string,
  session: Session | undefined,
  bytes: Buffer,
): Promise<Opened> => {
  const { storage } = storageOf(own, undefined)
  const record = session === undefined ? new libsignal.SessionRecord() : libsignal.SessionRecord.deserialize(session)
  const message = PreKeyWhisperMessage.decode(bytes.subarray(1))
  await new libsignal.SessionBuilder(storage, addressOf(name)).initIncoming(record, message)
  const entry = record.getSession(message.baseKey)
  if (entry === undefined) throw new Error('the first message began no session')
  const cipher = new libsignal.SessionCipher(storage, addressOf(name))
  const plaintext = await cipher.doDecryptWhisperMessage(message.message, entry)
  return { session: record.serialize(), plaintext }
}
