// How the server ends: requests under way are answered, connections that wait for another one are closed, again and again until none is
// left (one that was busy at first becomes idle a moment later, and would otherwise be kept for a minute), and the rest is cut.

import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

const LOOK_MS = 50
const CUT_AFTER_MS = 10_000

export function closeConnectionsWith(app: FastifyInstance): void {
  const { server } = app
  // Browsers and fetch connect ahead of need; Node does not count a connection without a request as idle.
  const unused = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    unused.add(socket)
    socket.once('close', () => unused.delete(socket))
  })
  server.on('request', (request: IncomingMessage) => unused.delete(request.socket))

  app.addHook('preClose', async () => {
    // One that never listened (injected requests only) has no connections.
    if (!server.listening) return
    const look = setInterval(() => {
      server.closeIdleConnections()
      for (const socket of unused) socket.destroy()
    }, LOOK_MS)
    const cut = setTimeout(() => server.closeAllConnections(), CUT_AFTER_MS)
    server.once('close', () => {
      clearInterval(look)
      clearTimeout(cut)
    })
  })
}
