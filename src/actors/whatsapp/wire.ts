// Stands between Baileys and the WebSocket. Every frame in and out is checked against the guard, synchronously; what goes out waits for
// credentials that are being saved; and the connection can be cut without a further byte. It knows frames, not what they mean.

import type { Guard } from './socket.ts'

type Done = (error?: Error) => void

/** What is used of the `ws` library's socket. */
export interface RawSocket {
  send(data: Uint8Array, done?: Done): void
  terminate(): void
  once(event: 'close', listener: () => void): unknown
  readonly readyState: number
}

/** What is used of Baileys' WebSocketClient, which keeps its socket from us. */
export interface SocketClient {
  readonly socket: RawSocket | null
  emit(event: string, ...args: unknown[]): boolean
  rawListeners(event: string): unknown[]
  close(): Promise<void>
}

export interface WireOptions {
  readonly guard: Guard
  /** The guard is no longer valid: nothing passed. */
  readonly fenced: (where: 'in' | 'out') => void
  /** Every decoded frame, before anybody else sees it. */
  readonly frame: (frame: unknown) => void
  /** A listener of Baileys failed, as most do when the connection goes away under them. */
  readonly failed: (error: unknown) => void
  /** Something that must be stored before anything more is sent. */
  readonly pending: () => Promise<unknown> | null
}

export interface Wire {
  /** Cuts the TCP connection. Nothing passes in either direction after this. */
  cut(): void
  /** Lets nothing more in, while answers under way may still go out. */
  deafen(): void
  lastFrameAt(): number
  /** Resolves when the TCP connection is gone. */
  readonly gone: Promise<void>
}

const CLOSED = 3
/** How long the other side has to answer a closing handshake. */
const CLOSING_MS = 1_000

/** Wraps the client that Baileys has just made; its socket is still connecting. */
export function makeWire(client: SocketClient, { guard, fenced, frame, failed, pending }: WireOptions): Wire {
  const { socket } = client
  if (socket === null) throw new Error('the socket client has no socket')
  let [deaf, mute] = [false, false]
  let lastFrame = performance.now()
  let backlog: Promise<void> | null = null

  const emit = client.emit.bind(client)
  client.emit = (event, ...args) => {
    const ending = event === 'close' || event === 'error'
    if (ending) return emit(event, ...args)
    if (deaf) return false
    if (!guard.valid('guard-in')) {
      fenced('in')
      return false
    }
    if (event === 'message') lastFrame = performance.now()
    if (event === 'frame') frame(args[0])
    return deliver(event, args)
  }

  /** Calls the listeners as `emit` would. Many are async and nobody waits for them: unseen, one rejection would end the process. */
  const deliver = (event: string, args: readonly unknown[]): boolean => {
    const listeners = client.rawListeners(event) as ((...args: readonly unknown[]) => unknown)[]
    for (const listener of listeners) {
      const result = listener.apply(client, [...args])
      if (result instanceof Promise) result.catch(failed)
    }
    return listeners.length > 0
  }

  const send = socket.send.bind(socket)
  const write = (data: Uint8Array, done?: Done) => {
    if (!mute && guard.valid('guard-out')) return send(data, done)
    if (!mute) fenced('out')
    done?.(new Error('the connection is cut'))
  }
  socket.send = (data, done) => {
    const stored = pending()
    if (stored === null && backlog === null) return write(data, done)
    const turn = Promise.all([backlog, stored])
      .then(() => write(data, done))
      .catch(failed)
      .finally(() => {
        if (backlog === turn) backlog = null
      })
    backlog = turn
  }

  // Baileys waits for the other side to close, which may be long gone.
  const close = client.close.bind(client)
  client.close = async () => {
    const late = setTimeout(() => socket.terminate(), CLOSING_MS)
    await close().finally(() => clearTimeout(late))
  }

  const gone = new Promise<void>((resolve) => {
    if (socket.readyState === CLOSED) resolve()
    else socket.once('close', resolve)
  })

  return {
    gone,
    lastFrameAt: () => lastFrame,
    deafen() {
      deaf = true
    },
    cut() {
      deaf = true
      mute = true
      socket.terminate()
    },
  }
}
