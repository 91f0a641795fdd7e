// The life of one connection: open, then closing, then closed, each once. Decides when `closed` may be said: when nothing of it is being
// written any more and the TCP connection is gone, so that a successor never meets its predecessor.

import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import type { AuthenticationCreds, WASocket } from '@whiskeysockets/baileys'
import { FENCED, STORAGE_FAILED } from '../../domain/session/disconnect.ts'
import { makeCredsSaver } from './creds-saver.ts'
import { type Ending, endingOf } from './disconnected.ts'
import { makeSafeStore, type SafeStore } from './safe-store.ts'
import type { OpenSocket, SocketEvent } from './socket.ts'
import { makeWire, type SocketClient, type Wire } from './wire.ts'

/** How long an orderly end waits for what was decrypted just before. */
const END_GRACE_MS = 1_500
/** How long the TCP connection may take to go before it is cut. */
const GONE_MS = 2_000
const CLOSED = 428

export interface Connection {
  readonly store: SafeStore
  /** Binds the socket, once. */
  attach(sock: WASocket, client: SocketClient, frame: (frame: unknown) => void): void
  /** Passes an event on while the connection is open. */
  emit(event: SocketEvent): void
  /** Passes it on when the credentials as they are now are stored, even if the connection ended meanwhile. */
  announceStored(event: SocketEvent): void
  credsChanged(): void
  /** Baileys has ended it. */
  ended(ending: Ending): void
  /** Ends it now; nothing more is sent. */
  cut(ending: Ending): void
  /** Ends it in order. Resolves when `closed` was emitted. */
  end(): Promise<void>
  whenClosing(listener: () => void): void
  isOpen(): boolean
  lastFrameAt(): number
}

export function makeConnection(
  { store: authStore, guard, emit: tell, log }: OpenSocket,
  creds: AuthenticationCreds,
): Connection {
  const closed = Promise.withResolvers<void>()
  const closing: (() => void)[] = []
  let ending: Ending | null = null
  let over = false
  let bound: { readonly sock: WASocket; readonly wire: Wire; readonly client: SocketClient } | null = null
  let announced: Promise<void> = Promise.resolve()

  const store = makeSafeStore(authStore, guard, (code, detail) => cut({ code, detail }))
  const saver = makeCredsSaver(creds, store)

  function begin(why: Ending): boolean {
    if (ending !== null) return false
    ending = why
    for (const listener of closing) listener()
    return true
  }

  function cut(why: Ending): void {
    if (!begin(why)) return
    store.close()
    bound?.wire.cut()
    void finish()
  }

  function ended(why: Ending): void {
    if (!begin(why)) return
    bound?.wire.deafen()
    void finish()
  }

  async function end(): Promise<void> {
    if (begin({ code: CLOSED, detail: 'ended on this side' })) {
      bound?.wire.deafen()
      await Promise.race([store.settled(), sleep(END_GRACE_MS, undefined, { ref: false })])
      // The receipts of what was committed just now leave before the connection does.
      await setImmediate()
      void finish()
    }
    return closed.promise
  }

  async function finish(): Promise<void> {
    try {
      await saver.pending()
      store.close()
      if (bound !== null) await release(bound.sock, bound.wire, bound.client)
      await store.settled()
      await announced
    } catch (error) {
      log.warn({ err: error }, 'a connection did not end cleanly')
    }
    over = true
    tell({ type: 'closed', ...(ending ?? { code: CLOSED, detail: '' }) })
    closed.resolve()
  }

  return {
    store,
    attach(sock, client, frame) {
      const fenced = (where: string) => cut({ code: FENCED, detail: `not the owner any more at a frame ${where}` })
      const failed = (error: unknown) => log.debug({ detail: endingOf(error).detail }, 'a handler of a frame failed')
      bound = { sock, client, wire: makeWire(client, { guard, fenced, frame, failed, pending: saver.pending }) }
      if (ending !== null) bound.wire.cut()
    },
    emit(event) {
      // A row that was committed on the way out is rung for as well.
      if (ending === null || (event.type === 'journaled' && !over)) tell(event)
    },
    announceStored(event) {
      announced = Promise.resolve(saver.pending()).then((stored) => {
        if (stored !== false && ending?.code !== STORAGE_FAILED && ending?.code !== FENCED) tell(event)
      })
    },
    credsChanged: saver.changed,
    ended,
    cut,
    end,
    whenClosing: (listener) => void closing.push(listener),
    isOpen: () => ending === null,
    lastFrameAt: () => bound?.wire.lastFrameAt() ?? 0,
  }
}

/** Frees what Baileys holds and sees the TCP connection gone. */
async function release(sock: WASocket, wire: Wire, client: SocketClient): Promise<void> {
  await Promise.race([sock.end(undefined), sleep(GONE_MS, undefined, { ref: false })])
  // Queries under way would keep their timers until they time out.
  client.emit('error', new Error('the connection is closed'))
  const gone = await Promise.race([wire.gone.then(() => true), sleep(GONE_MS, false, { ref: false })])
  if (!gone) wire.cut()
}
