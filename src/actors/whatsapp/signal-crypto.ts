// The primitives of libsignal and of the handshake, with keys handed to node as key objects: given as bytes, each call first fails two checks
// for being one, which costs more than the cryptography. What is computed is the same to the byte; what it is for stays the libraries' business.

import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto'
import { createRequire } from 'node:module'
import { Curve as BaileysCurve, type KeyPair } from '@whiskeysockets/baileys'

export interface SignalKeyPair {
  /** 33 bytes, the type byte 5 first. */
  readonly pubKey: Buffer
  /** 32 bytes. */
  readonly privKey: Buffer
}

/** libsignal's own modules, whose callers look the functions up at each call. */
interface Primitives {
  encrypt: typeof encrypt
  decrypt: typeof decrypt
  calculateMAC: typeof calculateMAC
  verifyMAC: typeof verifyMAC
  deriveSecrets: typeof deriveSecrets
}

interface Curve {
  generateKeyPair: typeof generateKeyPair
  calculateAgreement: typeof calculateAgreement
}

const KEY_TYPE = 5
const KEY_BYTES = 32
const PUBLIC_DER = Buffer.from('302a300506032b656e032100', 'hex')
const PRIVATE_DER = Buffer.from('302e020100300506032b656e04220420', 'hex')

let used = false

/** Replaces the libraries' functions, once for the process. Safe to call again. To be called before `enforceSignatures`, which listens to one of them. */
export function useKeyObjects(): void {
  if (used) return
  used = true
  const require = createRequire(import.meta.url)
  const crypto = require('libsignal/src/crypto.js') as Primitives
  const curve = require('libsignal/src/curve.js') as Curve
  Object.assign(crypto, { encrypt, decrypt, calculateMAC, verifyMAC, deriveSecrets })
  Object.assign(curve, { generateKeyPair, calculateAgreement })
  // Baileys' own copies the bytes before it hands them over, so that no key object would be found again.
  Object.assign(BaileysCurve, { generateKeyPair: generateRawPair, sharedKey })
}

/** AES-256-CBC. */
export function encrypt(key: Uint8Array, data: Uint8Array, iv: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-cbc', createSecretKey(key), iv)
  return Buffer.concat([cipher.update(data), cipher.final()])
}

/** The reverse of `encrypt`. Throws on broken padding. */
export function decrypt(key: Uint8Array, data: Uint8Array, iv: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-cbc', createSecretKey(key), iv)
  return Buffer.concat([decipher.update(data), decipher.final()])
}

/** HMAC-SHA256. */
export function calculateMAC(key: Uint8Array, data: Uint8Array): Buffer {
  return createHmac('sha256', createSecretKey(key)).update(data).digest()
}

/** Throws unless `mac` is the first `length` bytes of the data's MAC. */
export function verifyMAC(data: Uint8Array, key: Uint8Array, mac: Uint8Array, length: number): void {
  const calculated = calculateMAC(key, data).subarray(0, length)
  if (mac.length !== length || calculated.length !== length) throw new Error('Bad MAC length')
  if (!timingSafeEqual(mac, calculated)) throw new Error('Bad MAC')
}

/** HKDF-SHA256 (RFC 5869). @returns the first one to three pieces of 32 bytes, three when not given */
export function deriveSecrets(input: Uint8Array, salt: Uint8Array, info: Uint8Array, chunks = 3): Buffer[] {
  if (salt.byteLength !== KEY_BYTES) throw new Error('Got salt of incorrect length')
  if (chunks < 1 || chunks > 3) throw new Error(`one to three secrets, not ${chunks}`)
  const derived = hkdfSync('sha256', createSecretKey(input), salt, info, chunks * KEY_BYTES)
  return Array.from({ length: chunks }, (_, n) => Buffer.from(derived, n * KEY_BYTES, KEY_BYTES))
}

// A step of the ratchet agrees twice with one public key, the second time with a pair it has just made. For as long as libsignal holds the
// bytes, the key objects made of them are kept beside.
const objects = new WeakMap<Uint8Array, KeyObject>()

export function generateKeyPair(): SignalKeyPair {
  const { privateKey } = generateKeyPairSync('x25519')
  const { x = '', d = '' } = privateKey.export({ format: 'jwk' })
  const privKey = Buffer.from(d, 'base64url')
  objects.set(privKey, privateKey)
  return { pubKey: Buffer.concat([Buffer.from([KEY_TYPE]), Buffer.from(x, 'base64url')]), privKey }
}

/** As Baileys wants a pair: without the type byte. */
function generateRawPair(): KeyPair {
  const { pubKey, privKey } = generateKeyPair()
  return { public: pubKey.subarray(1), private: privKey }
}

function sharedKey(privateKey: Uint8Array, publicKey: Uint8Array): Buffer {
  return calculateAgreement(publicKey, privateKey)
}

/** X25519. @param pubKey 33 bytes, or 32 without the type byte @param privKey 32 bytes @returns 32 bytes */
export function calculateAgreement(pubKey: Uint8Array, privKey: Uint8Array): Buffer {
  if (privKey.length !== KEY_BYTES) throw new Error(`Incorrect private key length: ${privKey.length}`)
  return diffieHellman({
    privateKey: kept(privKey, () => privateKeyOf(privKey)),
    publicKey: kept(pubKey, () => publicKeyOf(pubKey)),
  })
}

function kept(bytes: Uint8Array, make: () => KeyObject): KeyObject {
  const known = objects.get(bytes)
  if (known !== undefined) return known
  const made = make()
  objects.set(bytes, made)
  return made
}

function privateKeyOf(bytes: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PRIVATE_DER, bytes]), format: 'der', type: 'pkcs8' })
}

function publicKeyOf(bytes: Uint8Array): KeyObject {
  const typed = bytes.length === KEY_BYTES + 1 && bytes[0] === KEY_TYPE
  if (!typed && bytes.length !== KEY_BYTES) throw new Error('Invalid public key')
  const key = Buffer.concat([PUBLIC_DER, typed ? bytes.subarray(1) : bytes])
  return createPublicKey({ key, format: 'der', type: 'spki' })
}
