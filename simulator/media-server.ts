// Where WhatsApp keeps files: takes encrypted ones by POST and gives them back by GET, over https on the loopback interface.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import { closeServer, listen } from './server.ts'
import type { World } from './world.ts'
import { createTlsIdentity } from './x509.ts'

export interface MediaServer {
  /** `127.0.0.1:port`, as a client is told it. */
  readonly host: string
  /** PEM, what a client must trust. */
  readonly certificate: string
  readonly close: () => Promise<void>
}

const MAX_FILE_BYTES = 100_000_000

const readFile = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += (chunk as Buffer).length
    if (size > MAX_FILE_BYTES) throw new Error('too large')
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}

const answer = async (
  world: World,
  host: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { pathname } = new URL(request.url ?? '/', 'https://localhost')
  if (world.serverFaults.mediaStatus !== undefined) {
    request.resume()
    response.writeHead(world.serverFaults.mediaStatus).end()
    return
  }
  if (request.method === 'POST') {
    const file = await readFile(request)
    world.files.set(pathname, file)
    world.log.add({ kind: 'media-stored', type: pathname, count: file.length })
    const body = JSON.stringify({ url: `https://${host}${pathname}`, direct_path: pathname })
    response.writeHead(200, { 'content-type': 'application/json' }).end(body)
    return
  }
  const file = world.files.get(pathname)
  world.log.add({ kind: 'media-fetched', type: pathname, count: file?.length ?? 0 })
  if (file === undefined) response.writeHead(410).end()
  else response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(file)
}

/** Starts it on a free port. */
export const startMediaServer = async (world: World): Promise<MediaServer> => {
  const { certificate, privateKey } = createTlsIdentity()
  let host = ''
  const server: Server = createServer({ cert: certificate, key: privateKey }, (request, response) => {
    answer(world, host, request, response).catch(() => response.destroy())
  })
  // A client that does not trust the certificate goes away in the middle of the handshake.
  server.on('tlsClientError', () => undefined)
  host = `127.0.0.1:${await listen(server, 0)}`
  return { host, certificate, close: () => closeServer(server) }
}
