// Signatures, enforced. Baileys and libsignal compute them and ignore the answer, so any server and any account would pass; this file
// checks natively and throws. What a broken signature means for the session is decided in disconnected.ts and by the session machine.

import { createPublicKey, verify } from 'node:crypto'
import { createRequire } from 'node:module'
import { Curve, proto, WA_CERT_DETAILS } from '@whiskeysockets/baileys'
import { bounded } from './bounded.ts'

/** A certificate, an account or a signed pre-key that does not prove what it says. */
export class SignatureInvalid extends Error {
  override readonly name = 'SignatureInvalid'
}

const FIELD = 2n ** 255n - 19n
const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex')
const WHATSAPP_ROOT = WA_CERT_DETAILS.PUBLIC_KEY

/**
 * Verifies an XEd25519 signature: the key is a Curve25519 one, the sign of its Edwards form rides in the top bit of the last byte.
 * @param publicKey 32 bytes, or 33 with libsignal's type byte 5
 * @returns false for anything that is not a valid signature, malformed input included
 */
export function validSignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const curveKey = publicKey.length === 33 && publicKey[0] === 5 ? publicKey.subarray(1) : publicKey
  const last = signature[63]
  if (curveKey.length !== 32 || signature.length !== 64 || last === undefined) return false
  const plain = Buffer.from(signature)
  plain[63] = last & 0x7f
  try {
    const spki = Buffer.concat([SPKI_ED25519, edwardsKey(curveKey, last & 0x80)])
    return verify(null, message, createPublicKey({ key: spki, format: 'der', type: 'spki' }), plain)
  } catch {
    return false
  }
}

/** Montgomery to Edwards: y = (u - 1) / (u + 1), little endian, with the wanted sign bit of x. */
function edwardsKey(curveKey: Uint8Array, sign: number): Buffer {
  const bytes = Buffer.from(curveKey).reverse()
  bytes[0] = (bytes[0] ?? 0) & 0x7f
  const u = BigInt(`0x${bytes.toString('hex')}`) % FIELD
  const y = ((u + FIELD - 1n) * inverse((u + 1n) % FIELD)) % FIELD
  const edwards = Buffer.from(y.toString(16).padStart(64, '0'), 'hex').reverse()
  edwards[31] = (edwards[31] ?? 0) | sign
  return edwards
}

/** Inverse modulo the field by Euclid's algorithm; 0 for 0, as exponentiation would give. */
function inverse(value: bigint): bigint {
  let [a, b, x, y] = [value, FIELD, 1n, 0n]
  while (a > 1n) {
    const quotient = b / a
    ;[a, b, x, y] = [b - quotient * a, a, y - quotient * x, x]
  }
  return a === 0n ? 0n : ((x % FIELD) + FIELD) % FIELD
}

/** Certificates whose signature was verified. A server shows the same two at every login, hundreds of times when a whole node comes back. */
const PROVEN = 16
const proven = bounded<true>(PROVEN)

let enforced = false
/** The other side of the last key agreement: during a handshake, the key the server really holds. */
let lastAgreed: Uint8Array | null = null

/** Makes Baileys' and libsignal's checks real, once for the process. Safe to call again. */
export function enforceSignatures(): void {
  if (enforced) return
  enforced = true
  const agree = Curve.sharedKey
  Curve.sharedKey = (privateKey, publicKey) => {
    lastAgreed = publicKey
    return agree(privateKey, publicKey)
  }
  Curve.verify = (publicKey, message, signature) => {
    if (!isCertificate(message)) return check(publicKey, message, signature)
    checkCertificate(publicKey, message, signature)
    if (publicKey !== WA_CERT_DETAILS.PUBLIC_KEY) checkLeaf(message)
    return true
  }
  // Callers in libsignal read the property at call time and ignore what it returns.
  const curve = createRequire(import.meta.url)('libsignal/src/curve.js') as { verifySignature: typeof check }
  curve.verifySignature = check
}

/** The key server certificates hang on: WhatsApp's own, unless the caller talks to another server. Holds for the process. */
export function trust(root: Uint8Array | undefined): void {
  if (root !== undefined && root.length !== 32) throw new Error(`a trust root has 32 bytes, not ${root.length}`)
  WA_CERT_DETAILS.PUBLIC_KEY = root === undefined ? WHATSAPP_ROOT : Buffer.from(root)
}

function check(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): true {
  if (!validSignature(publicKey, message, signature)) throw new SignatureInvalid('a signature does not verify')
  return true
}

function checkCertificate(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): void {
  // All three, byte for byte: what was true of them stays true.
  const bytes = Buffer.concat([publicKey, signature, message]).toString('latin1')
  const whole = `${publicKey.length} ${signature.length} ${bytes}`
  if (proven.get(whole) !== undefined) return
  check(publicKey, message, signature)
  proven.set(whole, true)
}

/** Signed pre-keys start with the key type 5, account and device signatures with 6: neither can begin a protobuf message. */
function isCertificate(message: Uint8Array): boolean {
  return message[0] !== 5 && message[0] !== 6
}

/** The leaf must name the static key of this very handshake. Baileys leaves that out, and a chain alone can be copied from any server. */
function checkLeaf(details: Uint8Array): void {
  const { key } = proto.CertChain.NoiseCertificate.Details.decode(details)
  if (lastAgreed === null || !key || Buffer.compare(key, lastAgreed) !== 0) {
    throw new SignatureInvalid('the server certificate is for another key')
  }
}
