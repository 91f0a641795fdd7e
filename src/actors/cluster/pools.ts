// Connections to other nodes: for each a bounded pool for asks and one for streams, made when first needed, closed when the node has left.
// The only door to undici.

import { type Dispatcher, Pool } from 'undici'
import type { RoutingPolicy } from '../../policy.ts'

export interface Pools {
  ask(incarnation: string, url: string): Pool
  stream(incarnation: string, url: string): Pool
  /** Closes the connections to nodes that are not among these. */
  retain(living: ReadonlySet<string>): void
  /** Cuts everything. */
  close(): Promise<void>
}

/** The largest answer that is read: a list of many thousand sessions. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024

export function makePools(policy: RoutingPolicy): Pools {
  const nodes = new Map<string, { readonly ask: Pool; readonly stream: Pool }>()

  const of = (incarnation: string, url: string) => {
    const found = nodes.get(incarnation)
    if (found !== undefined) return found
    const common = {
      connect: { timeout: policy.connectTimeoutMs },
      keepAliveTimeout: policy.keepAliveMs,
      keepAliveMaxTimeout: policy.keepAliveMs,
      // One at a time on a connection: an answer that is late holds up no other, and a cancelled ask cuts no other.
      pipelining: 1,
    }
    const { origin } = new URL(url)
    const made = {
      ask: new Pool(origin, {
        ...common,
        connections: policy.askConnections,
        // Every ask carries its own deadline.
        headersTimeout: 0,
        bodyTimeout: 0,
        maxResponseSize: MAX_ANSWER_BYTES,
      }),
      stream: new Pool(origin, {
        ...common,
        connections: policy.streamConnections,
        headersTimeout: policy.silentMs,
        bodyTimeout: policy.silentMs,
      }),
    }
    nodes.set(incarnation, made)
    return made
  }
  const cut = async (incarnation: string): Promise<void> => {
    const node = nodes.get(incarnation)
    nodes.delete(incarnation)
    await Promise.all([node?.ask.destroy(), node?.stream.destroy()])
  }
  return {
    ask: (incarnation, url) => of(incarnation, url).ask,
    stream: (incarnation, url) => of(incarnation, url).stream,
    retain(living) {
      for (const incarnation of [...nodes.keys()]) if (!living.has(incarnation)) void cut(incarnation)
    },
    async close() {
      await Promise.all([...nodes.keys()].map(cut))
    },
  }
}

export interface Request {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Names and values in turn. */
  readonly headers: string[]
  readonly body: string | null
}

export interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly text: string
}

export interface Exchange {
  /** Rejects with what undici says, or with the reason of `giveUp`. */
  readonly answer: Promise<Answer>
  /** Ends it: the other side sees its connection close. Without effect once there is an answer. */
  giveUp(): void
}

/** One request and its whole answer. Below undici's `request`: a stream and an AbortSignal for each would cost more than the rest of the ask. */
export function exchange(pool: Pool, { method, path, headers, body }: Request): Exchange {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  let under: Dispatcher.DispatchController | null = null
  let givenUp: Error | null = null
  let status = 0
  let retryAfter: string | undefined
  const chunks: Buffer[] = []
  pool.dispatch(
    { method, path, headers, body },
    {
      onRequestStart(controller) {
        under = controller
        // It waited for a connection until nobody wanted it any more: it must not be sent.
        if (givenUp !== null) controller.abort(givenUp)
      },
      onResponseStart(_, statusCode, { 'retry-after': after }) {
        status = statusCode
        retryAfter = typeof after === 'string' ? after : undefined
      },
      onResponseData: (_, chunk) => void chunks.push(chunk),
      onResponseEnd() {
        const [first] = chunks
        const whole = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)
        resolve({ status, retryAfter, text: whole.toString() })
      },
      onResponseError: (_, error) => reject(error),
    },
  )
  return {
    answer: promise,
    giveUp() {
      if (givenUp !== null) return
      givenUp = new Error('given up')
      under?.abort(givenUp)
      reject(givenUp)
    },
  }
}

/** The request was certainly not received: its connection was refused, or never came about. */
export function neverSent(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? error.code : null
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'UND_ERR_CLOSED' || code === 'ECONNREFUSED') return true
  const call = 'syscall' in error ? error.syscall : null
  return call === 'connect' || call === 'getaddrinfo'
}
