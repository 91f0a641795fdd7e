// What is written to the inbox when a stanza is decrypted: its attributes, who the chat is with as far as known then, and the plaintext.
// Also remembers which stanza a ciphertext came in, since the decrypting function is only given the ciphertext.

import { createHash } from 'node:crypto'
import type { StanzaAttrs } from './address.ts'

export interface JournaledStanza {
  readonly attrs: StanzaAttrs
  /** Of the chat's other side, looked up when the stanza did not say. Digits. */
  readonly phone: string | null
  readonly lid: string | null
  /** As libsignal gave it: an encoded message and its padding. */
  readonly plaintext: Uint8Array
}

const VERSION = 1
const HEAD_BYTES = 5

/** One version byte, the length of the JSON head (32 bits, big endian), the head, the plaintext. */
export function encodeJournal({ plaintext, ...head }: JournaledStanza): Uint8Array {
  const json = Buffer.from(JSON.stringify(head))
  const lead = Buffer.alloc(HEAD_BYTES)
  lead.writeUInt8(VERSION)
  lead.writeUInt32BE(json.length, 1)
  return Buffer.concat([lead, json, plaintext])
}

/** Throws on bytes that `encodeJournal` did not write. */
export function decodeJournal(payload: Uint8Array): JournaledStanza {
  const bytes = Buffer.from(payload)
  if (bytes.length < HEAD_BYTES || bytes[0] !== VERSION) throw new Error('not a journal payload of a known version')
  const end = HEAD_BYTES + bytes.readUInt32BE(1)
  const head = JSON.parse(bytes.subarray(HEAD_BYTES, end).toString('utf8')) as Omit<JournaledStanza, 'plaintext'>
  return { ...head, plaintext: bytes.subarray(end) }
}

/** An answer for a redelivered stanza whose plaintext is gone: an empty message with one byte of padding. */
export const EMPTY_PLAINTEXT: Uint8Array = Buffer.from([1])

export function hashOf(ciphertext: Uint8Array): Uint8Array {
  return createHash('sha256').update(ciphertext).digest()
}

/** A decoded binary node, as far as needed here. */
export interface StanzaNode {
  readonly tag: string
  readonly attrs: StanzaAttrs
  readonly content?: unknown
}

/** Ciphertexts in memory and the stanza each came in. Holds nothing longer than the ciphertext itself lives. */
export interface StanzaIndex {
  /** To be called with every frame, before Baileys handles it. */
  note(frame: unknown): void
  find(ciphertext: Uint8Array): StanzaAttrs | undefined
}

export function makeStanzaIndex(): StanzaIndex {
  const stanzas = new WeakMap<Uint8Array, StanzaAttrs>()
  return {
    note(frame) {
      const stanza = frame as StanzaNode
      if (stanza.tag !== 'message' || !Array.isArray(stanza.content)) return
      for (const child of stanza.content as readonly StanzaNode[]) {
        if (child.tag === 'enc' && child.content instanceof Uint8Array) stanzas.set(child.content, stanza.attrs)
      }
    },
    find: (ciphertext) => stanzas.get(ciphertext),
  }
}
