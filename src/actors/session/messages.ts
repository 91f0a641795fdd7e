// What the mailbox of a session actor may hold: commands from outside, facts from its connection and timers, results of its own work.

import type { Fence } from '../../domain/ids.ts'
import type { SessionEvent } from '../../domain/session/state.ts'
import type { SessionRow } from '../../persistence/sessions.ts'
import type { SocketEvent, WhatsAppSocket } from '../whatsapp/socket.ts'
import type { ActiveSession, CommandBody, CommandReply, QrStreamEvent, SessionCommandName } from './protocol.ts'

/** A command with the function that answers it; one shape per name, so that body and reply belong together. */
export type SessionCommand = {
  readonly [N in SessionCommandName]: {
    readonly type: 'command'
    readonly name: N
    readonly body: CommandBody<N>
    readonly reply: (answer: CommandReply<N>) => void
  }
}[SessionCommandName]

export type SessionMessage =
  | SessionCommand
  | { readonly type: 'look'; readonly reply: (event: QrStreamEvent) => void }
  | { readonly type: 'inspect'; readonly reply: (row: ActiveSession) => void }
  /** The janitor: reopen if nothing was heard for too long. Answers whether it was stale. */
  | { readonly type: 'check'; readonly reply: (stale: boolean) => void }
  /** `linked`: there are credentials, so connecting needs no pairing. */
  | { readonly type: 'claimed'; readonly fence: Fence; readonly row: SessionRow | null; readonly linked: boolean }
  | { readonly type: 'not-claimed'; readonly why: 'owner-moved' | 'database-unavailable' }
  /** `given`: it is ours already, under this fence. */
  | { readonly type: 'claim'; readonly given: Fence | null }
  /** Sends nothing new from now on. Answers once nothing is being sent, or after a while. */
  | { readonly type: 'quiet'; readonly reply: () => void }
  | { readonly type: 'event'; readonly event: SessionEvent }
  | { readonly type: 'socket.ready'; readonly generation: number; readonly socket: WhatsAppSocket }
  | { readonly type: 'socket'; readonly generation: number; readonly event: SocketEvent }
  | { readonly type: 'outbox.filled' }
  | { readonly type: 'fenced' }
  /** Something that should never happen, brought into the mailbox so that supervision deals with it. */
  | { readonly type: 'crash'; readonly error: unknown }
