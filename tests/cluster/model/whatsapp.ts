// WhatsApp in virtual time: one connection per account (a new login ends the old one), what was not acknowledged is delivered again, and
// customers whose phones de-duplicate by message id and notice a ratchet step that is used twice. Its log is the order of things.

import type { SessionId } from '../../../src/domain/ids.ts'
import type { Process, Scheduler, Stream } from './scheduler.ts'

export interface Stanza {
  readonly id: number
  readonly chat: string
  /** The message's own id: the same when the phone encrypts it once more. */
  readonly message: string
  /** The step of the customer's sending ratchet. */
  readonly counter: number
  /** Of the ciphertext. */
  readonly hash: string
}

export type ToClient =
  | { readonly type: 'opened' }
  | { readonly type: 'stanza'; readonly stanza: Stanza }
  | { readonly type: 'ack'; readonly id: string }
  | { readonly type: 'closed'; readonly code: number }

export type ToServer =
  | { readonly type: 'receipt'; readonly stanza: number }
  /** It could not be decrypted, and is never sent again. */
  | { readonly type: 'undecryptable'; readonly stanza: number }
  | {
      readonly type: 'message'
      readonly id: string
      readonly chat: string
      readonly counter: number
      /** Two encryptions of one text differ in their padding: under one step of the ratchet they are two plaintexts. */
      readonly padding: number
      readonly row: number
    }

export interface Connection {
  send(frame: ToServer): void
  /** The process cuts the TCP connection. */
  terminate(): void
}

export interface Login {
  readonly process: Process
  readonly session: SessionId
  readonly epoch: bigint
  /** Frames, in order; `closed` comes at most once, and last. */
  readonly receive: (frame: ToClient) => void
}

export interface Watch {
  /** A message arrived at a customer's phone and was shown. */
  readonly shown: (session: SessionId, chat: string, row: number) => void
  readonly receipt: (session: SessionId, stanza: Stanza) => void
  readonly login: (login: Login) => void
  readonly broken: (invariant: string, says: string) => void
}

interface Chat {
  counter: number
  readonly used: Map<number, number>
  readonly shown: Set<string>
}

interface Account {
  current: Line | null
  readonly queue: Stanza[]
  readonly chats: Map<string, Chat>
  /** What was acknowledged last: a duplicate of it may still come. */
  last: Stanza | null
}

interface Line {
  readonly login: Login
  readonly toClient: Stream
  readonly toServer: Stream
  open: boolean
}

export interface WhatsApp {
  connect(login: Login): Connection
  /** A customer writes. @returns the message's id */
  write(session: SessionId, chat: string): string
  /** Delivers what waits once more, and what was acknowledged last. */
  redeliver(session: SessionId): void
  /** The phone sends its last message once more in a new ciphertext, as after a retry receipt. */
  encryptAgain(session: SessionId, chat: string): void
  /** The server ends the connection. */
  drop(session: SessionId, code: number): void
  /** Its TCP connections end with the process. */
  killed(process: Process): void
  online(session: SessionId): Login | null
  waiting(session: SessionId): number
}

const WIRE_MS = 10
const HANDSHAKE_MS = 300

export function makeWhatsApp(scheduler: Scheduler, watch: Watch): WhatsApp {
  const accounts = new Map<SessionId, Account>()
  const written = new Map<string, string>()
  let stanzas = 0

  const account = (session: SessionId): Account => {
    const known = accounts.get(session) ?? { current: null, queue: [], chats: new Map(), last: null }
    accounts.set(session, known)
    return known
  }
  const chatOf = (session: SessionId, chat: string): Chat => {
    const { chats } = account(session)
    const known = chats.get(chat) ?? { counter: 0, used: new Map(), shown: new Set() }
    chats.set(chat, known)
    return known
  }
  const wire = (label: string) => 1 + scheduler.random(`wire ${label}`) * WIRE_MS

  const tell = (line: Line, frame: ToClient) => {
    const { process, session, receive } = line.login
    scheduler.after(wire(session), process, () => receive(frame), line.toClient)
  }

  const close = (line: Line, code: number) => {
    if (!line.open) return
    line.open = false
    const known = account(line.login.session)
    if (known.current === line) known.current = null
    tell(line, { type: 'closed', code })
  }

  const opened = (line: Line) => {
    const known = account(line.login.session)
    if (known.current !== null) close(known.current, 440)
    known.current = line
    watch.login(line.login)
    tell(line, { type: 'opened' })
    for (const stanza of known.queue) tell(line, { type: 'stanza', stanza })
  }

  const arrived = (line: Line, frame: ToServer) => {
    const { session } = line.login
    const known = account(session)
    if (!line.open || known.current !== line) return
    switch (frame.type) {
      case 'receipt':
      case 'undecryptable': {
        const at = known.queue.findIndex(({ id }) => id === frame.stanza)
        const [stanza] = at < 0 ? [] : known.queue.splice(at, 1)
        if (stanza === undefined) return
        known.last = stanza
        if (frame.type === 'receipt') watch.receipt(session, stanza)
        return
      }
      case 'message': {
        const chat = chatOf(session, frame.chat)
        const before = chat.used.get(frame.counter)
        if (before !== undefined && before !== frame.padding)
          watch.broken('I3', `${session} to ${frame.chat}: two plaintexts under step ${frame.counter} of the ratchet`)
        chat.used.set(frame.counter, frame.padding)
        if (!chat.shown.has(frame.id)) {
          chat.shown.add(frame.id)
          watch.shown(session, frame.chat, frame.row)
        }
        tell(line, { type: 'ack', id: frame.id })
        return
      }
    }
  }

  const send = (session: SessionId, chat: string, message: string) => {
    const known = account(session)
    const peer = chatOf(session, chat)
    peer.counter += 1
    stanzas += 1
    const stanza = { id: stanzas, chat, message, counter: peer.counter, hash: `${session}|${chat}|${peer.counter}` }
    written.set(`${session}|${chat}`, message)
    known.queue.push(stanza)
    if (known.current !== null) tell(known.current, { type: 'stanza', stanza })
  }

  const lines = new Set<Line>()

  return {
    connect(login) {
      const line: Line = { login, toClient: { lastAt: 0 }, toServer: { lastAt: 0 }, open: true }
      lines.add(line)
      scheduler.after(20 + scheduler.random(`handshake ${login.session}`) * HANDSHAKE_MS, null, () => {
        if (line.open && login.process.state !== 'dead') opened(line)
      })
      return {
        send: (frame) => scheduler.after(wire(login.session), null, () => arrived(line, frame), line.toServer),
        terminate() {
          scheduler.after(
            wire(login.session),
            null,
            () => {
              line.open = false
              const known = account(login.session)
              if (known.current === line) known.current = null
            },
            line.toServer,
          )
        },
      }
    },
    write(session, chat) {
      const message = `m${stanzas + 1}`
      send(session, chat, message)
      return message
    },
    redeliver(session) {
      const { current, queue, last } = account(session)
      if (last !== null && !queue.includes(last)) queue.unshift(last)
      if (current !== null) for (const stanza of queue) tell(current, { type: 'stanza', stanza })
    },
    encryptAgain(session, chat) {
      const message = written.get(`${session}|${chat}`)
      if (message !== undefined) send(session, chat, message)
    },
    drop(session, code) {
      const { current } = account(session)
      if (current !== null) close(current, code)
    },
    killed(process) {
      for (const line of lines)
        if (line.login.process === process && line.open) {
          line.open = false
          const known = account(line.login.session)
          if (known.current === line) known.current = null
        }
    },
    online: (session) => account(session).current?.login ?? null,
    waiting: (session) => account(session).queue.length,
  }
}
