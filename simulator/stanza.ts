// Small words for building and reading stanzas. It knows the shape of a node, nothing of any protocol step.
import { type BinaryNode, getBinaryNodeChild } from '@whiskeysockets/baileys'

export type Attributes = Readonly<Record<string, string | undefined>>

/** A node without the attributes that are undefined. */
export const node = (tag: string, attrs: Attributes = {}, content?: BinaryNode['content']): BinaryNode => {
  const present: Record<string, string> = {}
  for (const [name, value] of Object.entries(attrs)) if (value !== undefined) present[name] = value
  return content === undefined ? { tag, attrs: present } : { tag, attrs: present, content }
}

export const children = (parent: BinaryNode | undefined): readonly BinaryNode[] =>
  Array.isArray(parent?.content) ? parent.content : []

export const child = (parent: BinaryNode | undefined, tag: string): BinaryNode | undefined =>
  getBinaryNodeChild(parent, tag)

/** The bytes of a node; empty if it holds none. */
export const bytesOf = (from: BinaryNode | undefined): Buffer => {
  const content = from?.content
  if (typeof content === 'string') return Buffer.from(content)
  return content instanceof Uint8Array ? Buffer.from(content) : Buffer.alloc(0)
}

/** An unsigned big-endian number of 1 to 6 bytes; 0 if the node holds none. */
export const uintOf = (from: BinaryNode | undefined): number => {
  const bytes = bytesOf(from)
  return bytes.length === 0 ? 0 : bytes.readUIntBE(0, Math.min(bytes.length, 6))
}

export const uintBytes = (value: number, length: number): Buffer => {
  const bytes = Buffer.alloc(length)
  bytes.writeUIntBE(value, 0, length)
  return bytes
}

export const nowSeconds = (): string => String(Math.floor(Date.now() / 1000))
