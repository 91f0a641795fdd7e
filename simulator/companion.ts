// A linked device as the server knows it: its keys, its published one-time keys and what still waits for it.
// Plain state and the keys' arithmetic; who links it is pairing.ts, what it is sent delivery.ts.
import type { BinaryNode } from '@whiskeysockets/baileys'
import type { KeyBundle } from './cipher.ts'
import type { Connection } from './connection.ts'

/** A stanza the server keeps until the device has confirmed it. */
export interface Pending {
  readonly stanza: BinaryNode
  /** On the present connection. */
  sent: boolean
}

export interface Companion {
  readonly number: string
  readonly lid: string
  readonly device: number
  readonly noiseKey: Buffer
  readonly identity: Buffer
  readonly registrationId: number
  /** The signed identity, to be handed to other devices. */
  signedIdentity: Buffer
  signedPreKey: KeyBundle['signedPreKey']
  readonly preKeys: Map<number, Buffer>
  pending: Pending[]
  /** The last messages it was sent, to send them once more when told to. */
  readonly past: Map<string, BinaryNode>
  connection: Connection | undefined
  /** It has said `active` on the present connection. */
  online: boolean
  historySent: boolean
  removed: boolean
}

/** The device's bundle; each one-time key is handed out once, and without any left the bundle has none. */
export const takeBundle = (companion: Companion): KeyBundle => {
  const { registrationId, identity, signedPreKey } = companion
  const first = companion.preKeys.entries().next()
  if (first.done === true) return { registrationId, identity, signedPreKey }
  const [id, key] = first.value
  companion.preKeys.delete(id)
  return { registrationId, identity, signedPreKey, preKey: { id, key } }
}

/** How others name a session with this device. */
export const peerName = (companion: Pick<Companion, 'number' | 'device'>): string =>
  `${companion.number}:${companion.device}`
