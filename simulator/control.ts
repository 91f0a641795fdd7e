// The simulator by HTTP on the loopback interface, so that another process can play phone and customers.
// It reads requests and writes JSON; what an order does is orders.ts.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Simulator } from './index.ts'
import { LOAD_ORDERS } from './load-orders.ts'
import { type Body, ORDERS, type Order, Refusal } from './orders.ts'
import { closeServer, listen } from './server.ts'

export interface Control {
  /** Base address, without a slash at the end. */
  readonly url: string
  readonly close: () => Promise<void>
}

const MAX_BODY_BYTES = 1_000_000

interface Match {
  readonly order: Order
  readonly parts: ReadonlyMap<string, string>
}

/** The values of a path's colon segments, or undefined if it is another path. */
const matchPath = (pattern: string, path: string): ReadonlyMap<string, string> | undefined => {
  const wanted = pattern.split('/')
  const got = path.split('/')
  if (wanted.length !== got.length) return undefined
  const parts = new Map<string, string>()
  for (const [index, segment] of wanted.entries()) {
    const value = got[index] ?? ''
    if (segment.startsWith(':') && value !== '') parts.set(segment.slice(1), decodeURIComponent(value))
    else if (segment !== value) return undefined
  }
  return parts
}

const find = (method: string, url: URL): Match => {
  for (const order of [...ORDERS, ...LOAD_ORDERS]) {
    const parts = order.method === method ? matchPath(order.path, url.pathname) : undefined
    if (parts !== undefined) return { order, parts: new Map([...url.searchParams, ...parts]) }
  }
  throw new Refusal(404, `There is no ${method} ${url.pathname}. GET /health tells whether this is the right place.`)
}

const readBody = async (request: IncomingMessage): Promise<Body> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += (chunk as Buffer).length
    if (size > MAX_BODY_BYTES) throw new Refusal(400, `The body is longer than ${MAX_BODY_BYTES} bytes.`)
    chunks.push(chunk as Buffer)
  }
  if (size === 0) return {}
  // A page in a browser cannot send this type across origins without being asked first.
  if (request.headers['content-type']?.startsWith('application/json') !== true) {
    throw new Refusal(400, 'The body must be JSON, with content-type application/json.')
  }
  let parsed: unknown
  try {
    parsed = JSON.parse(Buffer.concat(chunks).toString())
  } catch {
    throw new Refusal(400, 'The body is not valid JSON.')
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new Refusal(400, 'The body must be a JSON object.')
  }
  return parsed as Body
}

const reply = (response: ServerResponse, status: number, value: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value ?? {}))
}

const handle = async (sim: Simulator, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  try {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const { order, parts } = find(request.method ?? 'GET', url)
    const body = await readBody(request)
    reply(response, 200, await order.run(sim, (name) => parts.get(name) ?? '', body))
  } catch (error) {
    // The simulator refuses orders it cannot carry out by throwing a sentence: the caller asked for the impossible.
    const status = error instanceof Refusal ? error.status : 400
    reply(response, status, { error: error instanceof Error ? error.message : String(error) })
  }
}

/** Starts the control interface on 127.0.0.1; a free port if 0 or not given. Rejects if the port is taken. */
export const startControl = async (sim: Simulator, port = 0): Promise<Control> => {
  const server = createServer((request, response) => void handle(sim, request, response))
  const actual = await listen(server, port)
  return { url: `http://127.0.0.1:${actual}`, close: () => closeServer(server) }
}
