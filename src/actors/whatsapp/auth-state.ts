// Baileys' credentials and keys as bytes and back. Storage knows nothing of these types; this is the only place that does.

import {
  type AuthenticationCreds,
  BufferJSON,
  initAuthCreds,
  proto,
  type SignalDataTypeMap,
} from '@whiskeysockets/baileys'

/** Records without binary fields: libsignal's sessions keep theirs as base64. They are read and written with every message, so their fields
 *  are not each looked at for nothing. */
const PLAIN: ReadonlySet<string> = new Set(['session', 'lid-mapping', 'device-list', 'sender-key-memory'])

/** One key record to UTF-8 JSON; binary fields survive. */
export function encodeKey(type: string, value: unknown): Uint8Array {
  return Buffer.from(PLAIN.has(type) ? JSON.stringify(value) : JSON.stringify(value, BufferJSON.replacer))
}

/** The reverse of `encodeKey`, in the shape Baileys wants for the type. */
export function decodeKey<T extends keyof SignalDataTypeMap>(type: T, bytes: Uint8Array): SignalDataTypeMap[T] {
  const value = PLAIN.has(type) ? JSON.parse(textOf(bytes)) : parse(bytes)
  const shaped: unknown =
    type === 'app-state-sync-key' ? proto.Message.AppStateSyncKeyData.fromObject(value as object) : value
  return shaped as SignalDataTypeMap[T]
}

export function encodeCreds(creds: AuthenticationCreds): Uint8Array {
  return encodeKey('creds', creds)
}

/**
 * Stored credentials, or fresh ones when there are none (`null`: the row is really absent; a failed read must never get here).
 * A pairing that was given up half-way leaves no trace: with `me` set, the next connection would log in and get 401.
 */
export function decodeCreds(bytes: Uint8Array | null): AuthenticationCreds {
  if (bytes === null) return initAuthCreds()
  const creds = parse(bytes) as AuthenticationCreds
  if (paired(creds)) return creds
  const { me: _me, ...unpaired } = creds
  return { ...unpaired, pairingCode: undefined }
}

/** True once WhatsApp has linked this device. Before that nothing is worth storing: an unscanned QR leaves no row. */
export function paired(creds: AuthenticationCreds): boolean {
  return creds.account !== undefined || creds.registered
}

function parse(bytes: Uint8Array): unknown {
  return JSON.parse(textOf(bytes), BufferJSON.reviver)
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}
