// Cuts a byte stream into the frames of the protocol and back: an introduction once, then 3-byte lengths.
// What the frames hold is for noise.ts.

/** The four bytes a client opens with; they are the prologue of the handshake too. */
export const INTRODUCTION = Buffer.from([0x57, 0x41, 0x06, 0x03])

const ROUTING_PREFIX = Buffer.from('ED')
const ROUTING_HEADER_BYTES = 7
const LENGTH_BYTES = 3

export interface FrameReader {
  /** Takes bytes as they come and answers the frames completed by them. Throws if the stream is not a client's. */
  readonly push: (bytes: Buffer) => readonly Buffer[]
}

/** Length of the introduction at the start of a stream, or undefined while too little of it is there. */
const introductionLength = (bytes: Buffer): number | undefined => {
  let offset = 0
  if (bytes.subarray(0, 2).equals(ROUTING_PREFIX)) {
    if (bytes.length < ROUTING_HEADER_BYTES) return undefined
    offset = ROUTING_HEADER_BYTES + bytes.readUIntBE(4, 3)
  }
  const end = offset + INTRODUCTION.length
  if (bytes.length < end) return undefined
  if (!bytes.subarray(offset, end).equals(INTRODUCTION)) throw new Error('the stream does not begin as a client does')
  return end
}

export const createFrameReader = (): FrameReader => {
  let waiting: Buffer = Buffer.alloc(0)
  let introduced = false
  return {
    push: (bytes) => {
      waiting = waiting.length === 0 ? bytes : Buffer.concat([waiting, bytes])
      if (!introduced) {
        const length = introductionLength(waiting)
        if (length === undefined) return []
        introduced = true
        waiting = waiting.subarray(length)
      }
      const frames: Buffer[] = []
      while (waiting.length >= LENGTH_BYTES) {
        const end = LENGTH_BYTES + waiting.readUIntBE(0, LENGTH_BYTES)
        if (waiting.length < end) break
        frames.push(waiting.subarray(LENGTH_BYTES, end))
        waiting = waiting.subarray(end)
      }
      return frames
    },
  }
}

export const encodeFrame = (payload: Uint8Array): Buffer => {
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUIntBE(payload.length, 0, LENGTH_BYTES)
  return Buffer.concat([length, payload])
}
