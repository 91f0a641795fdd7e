// Encrypts what must not be read in the database, and hashes what must be found there without being readable. Decides the format;
// which bytes are sealed, and under which words, is the stores' business.

import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'

/** First byte of everything sealed: which key and format it has. A new key gets a new number, and both are read for a while. */
const KEY_VERSION = 1
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const HEAD_BYTES = 1 + NONCE_BYTES + TAG_BYTES
const FINGERPRINT_BYTES = 16
/** Nonces drawn at a time: the system is asked for random bytes once for so many. */
const NONCES_DRAWN = 256

export interface Sealer {
  /** AES-256-GCM. @param aad where the bytes belong (table, session, id): they open nowhere else, so rows cannot be swapped. */
  seal(plain: Uint8Array, aad: string): Buffer
  /** @throws SealBroken when the key, the place or the bytes are not the ones of the sealing. */
  open(sealed: Uint8Array, aad: string): Buffer
  /** HMAC-SHA256, 32 bytes: the same for the same text, telling nothing about it. */
  mac(text: string): Buffer
  /** Tells two keys apart without giving either away. Hex. */
  readonly fingerprint: string
}

/** Sealed bytes do not open: another key, another row, or damage. Never a reason to overwrite them. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken'
}

/** @param key 32 random bytes. */
export function makeSealer(key: Uint8Array): Sealer {
  if (key.length !== KEY_BYTES) throw new Error(`the key has ${key.length} bytes, not ${KEY_BYTES}`)
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', key, '', `whatsapp-erp ${purpose}`, KEY_BYTES))
  // As key objects: set up once here, not at each of the many times a message needs them.
  const [sealing, hashing] = [createSecretKey(derive('seal')), createSecretKey(derive('mac'))]
  const naming = derive('fingerprint')
  return {
    seal: (plain, aad) => seal(sealing, plain, aad),
    open: (sealed, aad) => open(sealing, sealed, aad),
    mac: (text) => createHmac('sha256', hashing).update(text).digest(),
    fingerprint: naming.subarray(0, FINGERPRINT_BYTES).toString('hex'),
  }
}

// version (1) | nonce (12) | tag (16) | ciphertext
function seal(key: KeyObject, plain: Uint8Array, aad: string): Buffer {
  const nonce = nextNonce()
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(aad))
  const body = cipher.update(plain)
  // In this mode nothing comes at the end but the tag.
  cipher.final()
  return Buffer.concat([VERSION, nonce, cipher.getAuthTag(), body])
}

const VERSION = Buffer.from([KEY_VERSION])
let drawn = Buffer.alloc(0)

/** Random, and never given out twice. */
function nextNonce(): Buffer {
  if (drawn.length === 0) drawn = randomBytes(NONCES_DRAWN * NONCE_BYTES)
  const nonce = drawn.subarray(0, NONCE_BYTES)
  drawn = drawn.subarray(NONCE_BYTES)
  return nonce
}

function open(key: KeyObject, sealed: Uint8Array, aad: string): Buffer {
  if (sealed.length < HEAD_BYTES) throw new SealBroken(`sealed bytes are cut short: ${sealed.length} bytes`)
  if (sealed[0] !== KEY_VERSION)
    throw new SealBroken(`sealed under key version ${sealed[0]}, which this version does not know`)
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES)
  const tag = sealed.subarray(1 + NONCE_BYTES, HEAD_BYTES)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  try {
    decipher.setAAD(Buffer.from(aad)).setAuthTag(tag)
    const plain = decipher.update(sealed.subarray(HEAD_BYTES))
    // Throws unless all of it is as it was sealed.
    decipher.final()
    return plain
  } catch (cause) {
    throw new SealBroken('sealed bytes do not open: another key, another row, or damage', { cause })
  }
}
