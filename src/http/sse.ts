// Server-Sent Events: a small writer over one response. It decides how an event is written and what happens when the reader is slow:
// only the newest event is kept until it reads again. What is told, and when it ends, is the route's business.

import type { FastifyInstance, FastifyReply } from 'fastify'

export interface StreamEvent {
  readonly event: string
  /** What a client that lost the stream may say it has seen. */
  readonly id?: string
  readonly data: unknown
}

export interface EventStream {
  /** Tells one event. When the reader is slow, a later event takes the place of one that still waits. */
  send(event: StreamEvent): void
  /** Tells a last event, when there is one, and ends the response. */
  end(last?: StreamEvent): void
}

interface StreamOptions {
  /** How often a comment is sent so that proxies keep the connection, in ms. */
  readonly pingMs: number
  /** Called once, when the reader has gone or the stream has ended. */
  readonly onClose: () => void
}

/** What a client waits before it connects again by itself, in ms. */
const RETRY_MS = 3_000
/** A reader that does not take the last event within this time is cut off, in ms. */
const LAST_WORDS_MS = 10_000

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const

declare module 'fastify' {
  interface FastifyInstance {
    /** The streams that are open now. */
    streams: Set<EventStream>
  }
}

/** Ends every stream when the server closes; without it an open stream would keep the server from closing. */
export function closeStreamsWith(app: FastifyInstance): void {
  const streams = new Set<EventStream>()
  app.decorate('streams', streams)
  app.addHook('preClose', async () => {
    for (const stream of [...streams]) stream.end()
  })
}

/** Takes over a response and makes it an event stream. */
export function openStream(reply: FastifyReply, options: StreamOptions): EventStream {
  const { streams } = reply.server
  reply.hijack()
  const { raw } = reply
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value)
  raw.writeHead(200, HEADERS)

  let full = false
  let ended = false
  let waiting: string | null = null

  const write = (text: string): void => {
    if (full) waiting = text
    else full = !raw.write(text)
  }
  const ping = setInterval(() => {
    if (!full) write(': ping\n\n')
  }, options.pingMs)
  let lastWords: NodeJS.Timeout | undefined

  const stream: EventStream = {
    send(event) {
      if (!ended) write(format(event))
    },
    end(last) {
      if (ended) return
      ended = true
      if (last !== undefined) write(format(last))
      if (!full) raw.end()
      lastWords = setTimeout(() => raw.destroy(), LAST_WORDS_MS)
    },
  }

  raw.on('drain', () => {
    full = false
    const next = waiting
    waiting = null
    if (next !== null) write(next)
    if (ended && !full) raw.end()
  })
  const close = (): void => {
    ended = true
    clearInterval(ping)
    clearTimeout(lastWords)
    streams.delete(stream)
    options.onClose()
  }
  streams.add(stream)
  // A reader that went away before we began says nothing any more.
  if (raw.closed) queueMicrotask(close)
  else raw.once('close', close)
  raw.write(`retry: ${RETRY_MS}\n\n`)
  return stream
}

function format({ event, id, data }: StreamEvent): string {
  const numbered = id === undefined ? '' : `id: ${id}\n`
  return `${numbered}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}
