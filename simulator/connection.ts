// One client's connection: handshake, then encrypted stanzas both ways, one at a time and in order.
// Who the client is and what its stanzas mean is decided by the handlers it is given.
import { type BinaryNode, decodeBinaryNode, encodeBinaryNode, proto } from '@whiskeysockets/baileys'
import type { WebSocket } from 'ws'
import type { Companion } from './companion.ts'
import { createFrameReader, encodeFrame } from './frame.ts'
import { createNoiseServer, type Transport } from './noise.ts'
import { createQueue } from './queue.ts'
import type { World } from './world.ts'

export interface Connection {
  readonly id: number
  readonly send: (stanza: BinaryNode) => void
  /** Sends a last stanza and closes after it. */
  readonly finish: (stanza: BinaryNode) => void
  /** Cuts the line without a word. */
  readonly cut: () => void
  readonly isOpen: () => boolean
  /** Set by a login. */
  companion: Companion | undefined
}

export interface ConnectionHandlers {
  readonly onClient: (connection: Connection, payload: proto.ClientPayload, noiseKey: Buffer) => void
  readonly onStanza: (connection: Connection, stanza: BinaryNode) => void
  readonly onClosed: (connection: Connection) => void
}

/** A client that does not close after its last stanza is cut off. */
const CLOSING_MS = 2_000

let connections = 0

export const openConnection = (world: World, socket: WebSocket, handlers: ConnectionHandlers): Connection => {
  const reader = createFrameReader()
  const noise = createNoiseServer(world.identity)
  const inOrder = createQueue()
  let transport: Transport | undefined
  let greeted = false
  let finished = false
  connections += 1

  const sendBytes = (payload: Uint8Array): void => {
    if (socket.readyState === socket.OPEN) socket.send(encodeFrame(payload))
  }
  const connection: Connection = {
    id: connections,
    companion: undefined,
    send: (stanza) => {
      if (transport !== undefined && !finished) sendBytes(transport.encrypt(encodeBinaryNode(stanza)))
    },
    finish: (stanza) => {
      connection.send(stanza)
      finished = true
      socket.close()
      world.after(CLOSING_MS, () => socket.terminate())
    },
    cut: () => socket.terminate(),
    isOpen: () => socket.readyState === socket.OPEN && !finished,
  }

  const shakeHands = (frame: Buffer): void => {
    const { clientHello, clientFinish } = proto.HandshakeMessage.decode(frame)
    if (!greeted && clientHello?.ephemeral) {
      greeted = true
      if (world.serverFaults.handshakeSilence) return
      const serverHello = noise.answerHello(clientHello.ephemeral)
      sendBytes(proto.HandshakeMessage.encode({ serverHello }).finish())
      return
    }
    if (!clientFinish?.static || !clientFinish.payload) throw new Error('the handshake is out of order')
    const result = noise.readFinish(clientFinish.static, clientFinish.payload)
    transport = result.transport
    handlers.onClient(connection, proto.ClientPayload.decode(result.payload), result.clientStatic)
  }

  const takeFrame = async (frame: Buffer): Promise<void> => {
    if (transport === undefined) {
      shakeHands(frame)
      return
    }
    const stanza = await decodeBinaryNode(transport.decrypt(frame))
    if (!finished) handlers.onStanza(connection, stanza)
  }

  socket.on('message', (data: Buffer) => {
    void inOrder(async () => {
      for (const frame of reader.push(data)) await takeFrame(frame)
    }).catch((error: unknown) => {
      world.log.add({ kind: 'refused', type: 'protocol', text: error instanceof Error ? error.message : String(error) })
      socket.terminate()
    })
  })
  socket.on('error', () => socket.terminate())
  socket.on('close', () => handlers.onClosed(connection))
  return connection
}
