// The server's side of Noise XX with X25519, AES-256-GCM and SHA-256, then the two transport keys.
// It knows bytes and keys only; frames, stanzas and who may log in are for others.
import { hkdfSync } from 'node:crypto'
import { aesDecryptGCM, aesEncryptGCM, Curve, sha256 } from '@whiskeysockets/baileys'
import type { ServerIdentity } from './certificate.ts'
import { INTRODUCTION } from './frame.ts'

const PROTOCOL = Buffer.from('Noise_XX_25519_AESGCM_SHA256\0\0\0\0')
const NO_BYTES = Buffer.alloc(0)
const NONCE_BYTES = 12

export interface ServerHello {
  readonly ephemeral: Uint8Array
  readonly static: Uint8Array
  readonly payload: Uint8Array
}

export interface Transport {
  readonly encrypt: (plain: Uint8Array) => Buffer
  readonly decrypt: (sealed: Uint8Array) => Buffer
}

export interface Finished {
  /** The client's static key: what a registered device is recognised by. */
  readonly clientStatic: Buffer
  readonly payload: Buffer
  readonly transport: Transport
}

export interface NoiseServer {
  readonly answerHello: (clientEphemeral: Uint8Array) => ServerHello
  /** Throws if the client's proof does not fit. */
  readonly readFinish: (sealedStatic: Uint8Array, sealedPayload: Uint8Array) => Finished
}

const nonce = (counter: number): Buffer => {
  const bytes = Buffer.alloc(NONCE_BYTES)
  bytes.writeUInt32BE(counter, 8)
  return bytes
}

const expand = (salt: Buffer, secret: Buffer): readonly [Buffer, Buffer] => {
  const bytes = Buffer.from(hkdfSync('sha256', secret, salt, NO_BYTES, 64))
  return [bytes.subarray(0, 32), bytes.subarray(32)]
}

const createTransport = (readKey: Buffer, writeKey: Buffer): Transport => {
  let read = 0
  let written = 0
  return {
    encrypt: (plain) => aesEncryptGCM(plain, writeKey, nonce(written++), NO_BYTES),
    decrypt: (sealed) => aesDecryptGCM(sealed, readKey, nonce(read++), NO_BYTES),
  }
}

export const createNoiseServer = (identity: ServerIdentity): NoiseServer => {
  const ephemeral = Curve.generateKeyPair()
  let hash: Buffer = PROTOCOL
  let chainKey: Buffer = PROTOCOL
  let key: Buffer = PROTOCOL
  let counter = 0
  const mixHash = (bytes: Uint8Array): void => {
    hash = sha256(Buffer.concat([hash, bytes]))
  }
  const mixKey = (secret: Buffer): void => {
    const halves = expand(chainKey, secret)
    chainKey = halves[0]
    key = halves[1]
    counter = 0
  }
  const seal = (plain: Uint8Array): Buffer => {
    const sealed = aesEncryptGCM(plain, key, nonce(counter++), hash)
    mixHash(sealed)
    return sealed
  }
  const open = (sealed: Uint8Array): Buffer => {
    const plain = aesDecryptGCM(sealed, key, nonce(counter++), hash)
    mixHash(sealed)
    return plain
  }
  mixHash(INTRODUCTION)
  return {
    answerHello: (clientEphemeral) => {
      mixHash(clientEphemeral)
      mixHash(ephemeral.public)
      mixKey(Curve.sharedKey(ephemeral.private, clientEphemeral))
      const sealedStatic = seal(identity.staticKey.public)
      mixKey(Curve.sharedKey(identity.staticKey.private, clientEphemeral))
      return { ephemeral: ephemeral.public, static: sealedStatic, payload: seal(identity.chain) }
    },
    readFinish: (sealedStatic, sealedPayload) => {
      const clientStatic = open(sealedStatic)
      mixKey(Curve.sharedKey(ephemeral.private, clientStatic))
      const payload = open(sealedPayload)
      const [clientWrites, serverWrites] = expand(chainKey, NO_BYTES)
      return { clientStatic, payload, transport: createTransport(clientWrites, serverWrites) }
    },
  }
}
