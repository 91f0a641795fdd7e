// How WhatsApp encrypts files: AES-256-CBC under keys drawn from one of 32 bytes, with a truncated HMAC behind. Every check that can be
// made is made: the hash of what was fetched, the HMAC, and the hash of what comes out.

import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import type { MediaKind, MediaSource } from '../../domain/conversation/message.ts'

const KEY_BYTES = 32
const MAC_BYTES = 10
const CIPHER = 'aes-256-cbc'

/** What keys are drawn for, by kind. */
const PURPOSE: Readonly<Record<MediaKind, string>> = {
  image: 'WhatsApp Image Keys',
  sticker: 'WhatsApp Image Keys',
  video: 'WhatsApp Video Keys',
  audio: 'WhatsApp Audio Keys',
  voice: 'WhatsApp Audio Keys',
  document: 'WhatsApp Document Keys',
}

export interface EncryptedFile {
  readonly key: Buffer
  /** Ciphertext and HMAC, as they are uploaded. */
  readonly file: Buffer
  readonly sha256: Buffer
  readonly encryptedSha256: Buffer
}

/** Encrypts a file under a new key. */
export function encryptFile(bytes: Uint8Array, kind: MediaKind): EncryptedFile {
  const key = randomBytes(KEY_BYTES)
  const { iv, cipherKey, macKey } = keysOf(key, kind)
  const cipher = createCipheriv(CIPHER, cipherKey, iv)
  const encrypted = Buffer.concat([cipher.update(bytes), cipher.final()])
  const file = Buffer.concat([encrypted, macOf(macKey, iv, encrypted)])
  return { key, file, sha256: sha256(bytes), encryptedSha256: sha256(file) }
}

/** @returns the file; null when what was fetched is not what the message said, whoever changed it */
export function decryptFile(file: Buffer, kind: MediaKind, source: MediaSource): Buffer | null {
  if (!same(sha256(file), source.encryptedSha256) || file.length <= MAC_BYTES) return null
  const { iv, cipherKey, macKey } = keysOf(Buffer.from(source.key, 'base64'), kind)
  const encrypted = file.subarray(0, -MAC_BYTES)
  if (!timingSafeEqual(macOf(macKey, iv, encrypted), file.subarray(-MAC_BYTES))) return null
  const decipher = createDecipheriv(CIPHER, cipherKey, iv)
  try {
    const bytes = Buffer.concat([decipher.update(encrypted), decipher.final()])
    return same(sha256(bytes), source.sha256) ? bytes : null
  } catch {
    // The padding is wrong: encrypted by somebody who knew the key and did not follow the rules.
    return null
  }
}

/** How much larger than its content a file may be at most: padding and HMAC. */
export const OVERHEAD_BYTES = 16 + MAC_BYTES

function keysOf(key: Uint8Array, kind: MediaKind): { iv: Buffer; cipherKey: Buffer; macKey: Buffer } {
  const keys = Buffer.from(hkdfSync('sha256', key, Buffer.alloc(KEY_BYTES), PURPOSE[kind], 112))
  return { iv: keys.subarray(0, 16), cipherKey: keys.subarray(16, 48), macKey: keys.subarray(48, 80) }
}

function macOf(macKey: Uint8Array, iv: Uint8Array, encrypted: Uint8Array): Buffer {
  return createHmac('sha256', macKey).update(iv).update(encrypted).digest().subarray(0, MAC_BYTES)
}

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()

const same = (hash: Buffer, wanted: string): boolean => hash.toString('base64') === wanted
