// Listens on the loopback interface, upgrades to WebSockets and ties each connection to login, pairing and stanzas.
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import { type Connection, openConnection } from './connection.ts'
import { login } from './login.ts'
import { offerPairing, withdrawOffers } from './pairing.ts'
import { handleStanza } from './stanzas.ts'
import type { World } from './world.ts'

export interface ListeningServer {
  readonly port: number
  readonly close: () => Promise<void>
}

const HOST = '127.0.0.1'
/** Below the range from which operating systems take the ports of outgoing connections. */
const FIRST_PORT = 20_000
const LAST_PORT = 32_000
const PORT_TRIES = 40

const closed = (world: World, connection: Connection): void => {
  world.connections.delete(connection)
  withdrawOffers(world, connection)
  const { companion } = connection
  if (companion === undefined) {
    world.log.add({ kind: 'disconnected' })
    return
  }
  if (companion.connection === connection) {
    companion.connection = undefined
    companion.online = false
  }
  world.note(companion, { kind: 'disconnected' })
}

const listenOn = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(error)
    server.once('error', failed)
    server.listen(port, HOST, () => {
      server.off('error', failed)
      resolve((server.address() as AddressInfo).port)
    })
  })

/** Listens on the port, or on a free one if it is 0. Rejects if the port is taken. */
export const listen = async (server: Server, port: number): Promise<number> => {
  if (port !== 0) return listenOn(server, port)
  for (let tries = 1; ; tries += 1) {
    const candidate = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT))
    try {
      return await listenOn(server, candidate)
    } catch (error) {
      if (tries >= PORT_TRIES) throw error
    }
  }
}

export const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })

export const startServer = async (world: World, port: number): Promise<ListeningServer> => {
  const server = createServer((_request, response) => response.writeHead(426).end())
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  const lines = new Set<Socket>()

  server.on('connection', (line) => {
    // Clients may go at any moment, also between the upgrade and its answer, when nobody else listens.
    line.on('error', () => line.destroy())
    if (world.serverFaults.refuseConnections) {
      world.log.add({ kind: 'refused', type: 'connection' })
      line.destroy()
      return
    }
    lines.add(line)
    line.once('close', () => lines.delete(line))
  })
  server.on('upgrade', (request, line, head) => {
    const { httpStatus } = world.serverFaults
    if (httpStatus !== undefined) {
      world.log.add({ kind: 'refused', type: 'upgrade', code: httpStatus })
      line.end(`HTTP/1.1 ${httpStatus} Simulated\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    sockets.handleUpgrade(request, line, head, (socket) => {
      world.log.add({ kind: 'connected' })
      const connection = openConnection(world, socket, {
        onClient: (client, payload, noiseKey) => {
          const { devicePairingData } = payload
          if (devicePairingData?.eIdent) offerPairing(world, client, noiseKey, devicePairingData)
          else login(world, client, payload, noiseKey)
        },
        onStanza: (client, stanza) => handleStanza(world, client, stanza),
        onClosed: (client) => closed(world, client),
      })
      world.connections.add(connection)
    })
  })
  const actual = await listen(server, port)
  return {
    port: actual,
    close: async () => {
      for (const timer of world.timers) clearTimeout(timer)
      for (const line of lines) line.destroy()
      sockets.close()
      await closeServer(server)
    },
  }
}
