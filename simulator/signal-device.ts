// The Signal side of one simulated phone: its keys, its one-time keys and its sessions with linked devices.
// Which session is tried when is decided here; the ratchet itself is cipher.ts.
import { Curve, generateRegistrationId, type KeyPair, signedKeyPair } from '@whiskeysockets/baileys'
import {
  type Ciphertext,
  type KeyBundle,
  type OwnKeys,
  open,
  openFirst,
  readPreKeyMessage,
  type Session,
  seal,
  startSession,
} from './cipher.ts'
import { createQueue } from './queue.ts'

export interface SignalDevice {
  readonly identity: KeyPair
  readonly registrationId: number
  /** A bundle with a one-time key nobody else got. */
  readonly publish: () => KeyBundle
  /** Encrypts with the newest session; `fetchBundle` is asked only when there is none. */
  readonly encrypt: (peer: string, plaintext: Buffer, fetchBundle: () => KeyBundle) => Promise<Ciphertext>
  /** Begins a new session with the peer; the older ones still open what is under way. */
  readonly renew: (peer: string, bundle: KeyBundle) => Promise<void>
  /** Throws if no session fits; then nothing has changed. */
  readonly decrypt: (peer: string, ciphertext: Ciphertext) => Promise<Buffer>
}

interface Held {
  readonly session: Session
  /** Set for sessions the peer began: how its first messages name it. */
  readonly baseKey?: string
}

/** Sessions kept a peer: the newest speaks, the others only open what was sent before it. */
const HELD_SESSIONS = 4
const SIGNED_PREKEY_ID = 1

/** @param name unique among all devices of all simulators in this process */
export const createSignalDevice = (name: string): SignalDevice => {
  const identity = Curve.generateKeyPair()
  const registrationId = generateRegistrationId()
  const signed = signedKeyPair(identity, SIGNED_PREKEY_ID)
  const preKeys = new Map<number, KeyPair>()
  const sessions = new Map<string, readonly Held[]>()
  const inOrder = createQueue()
  let nextPreKeyId = 1

  const own: OwnKeys = {
    registrationId,
    identity,
    signedPreKey: signed.keyPair,
    preKey: (id) => preKeys.get(id),
  }
  const queueName = (peer: string): string => `${name}-${peer.replaceAll('.', '-')}`
  const heldFor = (peer: string): readonly Held[] => sessions.get(peer) ?? []
  const putFirst = (peer: string, first: Held, replaced?: Held): void => {
    const others = heldFor(peer).filter((held) => held !== replaced)
    sessions.set(peer, [first, ...others].slice(0, HELD_SESSIONS))
  }

  const begin = async (peer: string, bundle: KeyBundle): Promise<Held> => {
    const held = { session: await startSession(own, queueName(peer), bundle) }
    putFirst(peer, held)
    return held
  }

  const openKnown = async (peer: string, bytes: Buffer): Promise<Buffer> => {
    let failure: unknown = new Error('there is no session')
    for (const held of heldFor(peer)) {
      try {
        const { session, plaintext } = await open(own, queueName(peer), held.session, bytes)
        putFirst(peer, { ...held, session }, held)
        return plaintext
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }

  const openBegun = async (peer: string, bytes: Buffer): Promise<Buffer> => {
    const { baseKey, preKeyId } = readPreKeyMessage(bytes)
    const known = heldFor(peer).find((held) => held.baseKey === baseKey)
    const { session, plaintext } = await openFirst(own, queueName(peer), known?.session, bytes)
    putFirst(peer, { session, baseKey }, known)
    preKeys.delete(preKeyId)
    return plaintext
  }

  return {
    identity,
    registrationId,
    publish: () => {
      const id = nextPreKeyId++
      const pair = Curve.generateKeyPair()
      preKeys.set(id, pair)
      return {
        registrationId,
        identity: Buffer.from(identity.public),
        signedPreKey: {
          id: SIGNED_PREKEY_ID,
          key: Buffer.from(signed.keyPair.public),
          signature: Buffer.from(signed.signature),
        },
        preKey: { id, key: Buffer.from(pair.public) },
      }
    },
    encrypt: (peer, plaintext, fetchBundle) =>
      inOrder(async () => {
        const current = heldFor(peer)[0] ?? (await begin(peer, fetchBundle()))
        const { session, ciphertext } = await seal(own, queueName(peer), current.session, plaintext)
        putFirst(peer, { ...current, session }, current)
        return ciphertext
      }),
    renew: (peer, bundle) => inOrder(async () => void (await begin(peer, bundle))),
    decrypt: (peer, { type, bytes }) =>
      inOrder(() => (type === 'pkmsg' ? openBegun(peer, bytes) : openKnown(peer, bytes))),
  }
}
