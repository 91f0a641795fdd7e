// The way of one process to WhatsApp, watched from outside: a relay that counts what the process itself says on it, to the millisecond. What
// comes back is not counted, and nothing is read.

import { connect, createServer, type Socket } from 'node:net'
import { listenFor } from '../../tests/support/relay.ts'

export interface WatchedWire {
  /** For WHATSAPP_SOCKET_URL. */
  readonly url: string
  /** How often the process has written anything since that moment (`performance.now()`), on connections old and new. */
  saidSince(at: number): number
  close(): void
}

/** @param url of the simulator's socket */
export async function watchWire(url: string): Promise<WatchedWire> {
  const target = new URL(url)
  const said: number[] = []
  const sockets = new Set<Socket>()
  // Half open: what a process says on a connection that WhatsApp has closed is counted too.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (inbound) => {
    const outbound = connect({ port: Number(target.port), host: target.hostname, noDelay: true })
    for (const socket of [inbound, outbound]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    }
    inbound.on('data', (chunk) => {
      said.push(performance.now())
      if (!outbound.destroyed) outbound.write(chunk)
    })
    inbound.on('end', () => outbound.end())
    inbound.on('error', () => outbound.destroy())
    inbound.on('close', () => outbound.destroy())
    outbound.on('data', (chunk) => inbound.write(chunk))
    outbound.on('end', () => inbound.end())
    outbound.on('error', () => inbound.destroy())
  })
  const through = await listenFor(server, url)
  return {
    url: through,
    saidSince: (at) => said.filter((each) => each >= at).length,
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
