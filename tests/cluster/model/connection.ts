// One connection of a simulated session to the simulated WhatsApp, through the real wire guard, safe store and key store. Stands in for
// Baileys and for the repository: decrypt, journal, commit, receipt; encrypt, commit, send.

import { EventEmitter } from 'node:events'
import { makeKeyStore } from '../../../src/actors/whatsapp/key-store.ts'
import { makeSafeStore } from '../../../src/actors/whatsapp/safe-store.ts'
import type { AuthChange, AuthStore, Guard } from '../../../src/actors/whatsapp/socket.ts'
import { makeWire, type SocketClient } from '../../../src/actors/whatsapp/wire.ts'
import type { Fence } from '../../../src/domain/ids.ts'
import { FENCED } from '../../../src/domain/session/disconnect.ts'
import type { Work } from './database.ts'
import type { Switches } from './switches.ts'
import type { OutboxRow } from './tables.ts'
import { sleep } from './timers.ts'
import type { Connection, Login, Stanza, ToClient, ToServer } from './whatsapp.ts'

export interface ConnectionDeps {
  readonly fence: Fence
  readonly guard: Guard
  readonly work: Work
  readonly switches: Switches
  readonly connect: (receive: Login['receive']) => Connection
  /** A frame is taken in, or leaves: what the invariants are about. */
  readonly frame: (direction: 'in' | 'out', what: string, row: number | null, id: string | null) => void
  readonly opened: () => void
  /** Exactly once and last, when no write is under way any more. */
  readonly closed: (code: number) => void
  /** Something new is in the journal. */
  readonly journaled: () => void
  /** What a stock client does: the message is handed on, and only this process knows of it. */
  readonly unjournaled: (stanza: Stanza) => void
  readonly acknowledged: (waMessageId: string) => void
  readonly random: () => number
}

export interface Live {
  send(row: OutboxRow): Promise<void>
  end(): Promise<void>
}

const OPEN = 1
const WRITTEN_MS = 2
const KEY = 'session'

export function openConnection(deps: ConnectionDeps): Live {
  const { fence, guard, work, switches } = deps
  const emitter = new EventEmitter()
  const chains = new Map<string, Promise<unknown>>()
  let ended: Promise<void> | null = null

  const finish = (code: number): Promise<void> => {
    ended ??= safe.settled().then(() => deps.closed(code))
    return ended
  }

  const line = deps.connect((frame) => {
    if (frame.type === 'closed') {
      safe.close()
      void finish(guard.valid() ? frame.code : FENCED)
      return
    }
    void client.emit('frame', frame)
  })

  const socket = {
    readyState: OPEN,
    send(data: Uint8Array) {
      const frame = JSON.parse(Buffer.from(data).toString()) as ToServer
      const message = frame.type === 'message' ? frame : null
      deps.frame('out', frame.type, message?.row ?? null, message?.id ?? null)
      line.send(frame)
    },
    terminate: () => line.terminate(),
    once: () => undefined,
  }
  const client: SocketClient = {
    socket,
    emit: (event, ...args) => emitter.emit(event, ...args),
    rawListeners: (event) => emitter.rawListeners(event),
    close: async () => undefined,
  }

  // The switches take away one check each, and leave the other.
  let taking = false
  let leaving = false
  const wireGuard: Guard = {
    valid: () => (taking && !switches.guardIn) || (leaving && !switches.guardOut) || guard.valid(),
    fence: (cause) => guard.fence(cause),
  }
  const cut = (code: number) => {
    wire.cut()
    safe.close()
    void finish(code)
  }
  const wire = makeWire(client, {
    guard: wireGuard,
    fenced: (where) => {
      guard.fence(`a frame ${where}`)
      cut(FENCED)
    },
    frame: () => undefined,
    failed: () => undefined,
    pending: () => null,
  })
  const guardedEmit = client.emit
  client.emit = (event, ...args) => {
    taking = true
    try {
      return guardedEmit(event, ...args)
    } finally {
      taking = false
    }
  }
  const put = (frame: ToServer) => {
    leaving = true
    try {
      socket.send(Buffer.from(JSON.stringify(frame)))
    } finally {
      leaving = false
    }
  }

  const safe = makeSafeStore(storage(work, fence), guard, (code) => cut(code))
  const keys = makeKeyStore(safe)

  const exclusively = <T>(chat: string, task: () => Promise<T>): Promise<T> => {
    const turn = (chains.get(chat) ?? Promise.resolve()).then(task)
    chains.set(
      chat,
      turn.catch(() => undefined),
    )
    return turn
  }
  const ratchet = async (chat: string) => {
    const bytes = (await keys.get(KEY, [chat]))[chat]
    return bytes === undefined
      ? { received: 0, sent: 0 }
      : (JSON.parse(Buffer.from(bytes).toString()) as { received: number; sent: number })
  }
  const store = (chat: string, state: { received: number; sent: number }) =>
    keys.set({ [KEY]: { [chat]: Buffer.from(JSON.stringify(state)) } })

  const decrypt = (stanza: Stanza) =>
    exclusively(stanza.chat, () =>
      keys.transaction(async () => {
        const state = await ratchet(stanza.chat)
        if (stanza.counter <= state.received) throw new UsedAlready()
        await store(stanza.chat, { ...state, received: stanza.counter })
        const entry = { messageKey: `${stanza.chat}|${stanza.message}`, payload: new Uint8Array() }
        if (switches.journal) keys.journal({ hash: Buffer.from(stanza.hash), ...entry })
      }),
    )

  const takeIn = async (stanza: Stanza) => {
    try {
      await decrypt(stanza)
      if (switches.journal) deps.journaled()
      else deps.unjournaled(stanza)
    } catch (error) {
      if (!(error instanceof UsedAlready)) return
      const known = await safe.journaled(Buffer.from(stanza.hash)).catch(() => undefined)
      if (known === undefined) return
      if (known === null) return put({ type: 'undecryptable', stanza: stanza.id })
    }
    put({ type: 'receipt', stanza: stanza.id })
  }

  emitter.on('frame', (frame: ToClient) => {
    deps.frame('in', frame.type, null, null)
    switch (frame.type) {
      case 'opened':
        return deps.opened()
      case 'stanza':
        return void takeIn(frame.stanza)
      case 'ack':
        return deps.acknowledged(frame.id)
      default:
        return undefined
    }
  })

  return {
    async send(row) {
      const id = switches.storedId ? row.waMessageId : `F${deps.random()}`
      await exclusively(row.chat, async () => {
        const { chat } = row
        const padding = deps.random()
        const frame = (counter: number): ToServer => ({ type: 'message', id, chat, counter, padding, row: row.id })
        if (switches.ownTransaction) {
          const counter = await keys.transaction(async () => {
            const state = await ratchet(row.chat)
            await store(row.chat, { ...state, sent: state.sent + 1 })
            return state.sent + 1
          })
          put(frame(counter))
        } else {
          const state = await ratchet(row.chat)
          put(frame(state.sent + 1))
          // A stock client waits until the frame is written.
          await sleep(WRITTEN_MS)
          await store(row.chat, { ...state, sent: state.sent + 1 })
        }
      })
    },
    async end() {
      wire.cut()
      safe.close()
      await finish(FENCED)
    },
  }
}

/** As libsignal says it of a step it has taken before. */
class UsedAlready extends Error {
  constructor() {
    super('Key used already or never filled')
  }
}

function storage(work: Work, fence: Fence): AuthStore {
  const place = (type: string, id: string) => `${fence.session}|${type}|${id}`
  return {
    loadCreds: async () => null,
    loadKeys: (type, ids) =>
      work.read(({ keys }) => {
        const found = ids.map((id) => [id, keys.get(place(type, id))] as const)
        return new Map(found.flatMap(([id, value]) => (value === undefined ? [] : [[id, value] as const])))
      }),
    commit: (change: AuthChange) =>
      work.write(fence, change.journal === undefined ? 'ratchet' : 'journal', (tables) => {
        for (const { type, id, value } of change.keys ?? [])
          if (value === null) tables.keys.delete(place(type, id))
          else tables.keys.set(place(type, id), value)
        const entry = change.journal
        if (entry === undefined) return
        const hash = Buffer.from(entry.hash).toString()
        if (tables.inbox.some((row) => row.session === fence.session && row.hash === hash)) return
        tables.inbox.push({
          id: tables.inbox.length + 1,
          session: fence.session,
          hash,
          source: entry.messageKey,
          state: 'new',
        })
      }),
    journaled: (hash) =>
      work.read(({ inbox }) => {
        const text = Buffer.from(hash).toString()
        const row = inbox.find((candidate) => candidate.session === fence.session && candidate.hash === text)
        return row === undefined ? null : { state: row.state, payload: null }
      }),
    findSent: async () => null,
  }
}
