// What the news of a connection mean for the session: each becomes an event of the machine, a bell for inbox or outbox, or something that
// is known from now on. News of a connection that was given up are dropped, except that what it stored still counts.

import { never } from '../../domain/result.ts'
import type { SessionEvent } from '../../domain/session/state.ts'
import type { SocketEvent, WhatsAppSocket } from '../whatsapp/socket.ts'
import type { ActorState, Owned } from './actor-state.ts'
import type { SessionDeps } from './deps.ts'
import type { Known } from './view.ts'

export interface SocketNews {
  ready(state: ActorState, owned: Owned, generation: number, socket: WhatsAppSocket): void
  event(state: ActorState, owned: Owned, generation: number, event: SocketEvent): void
  /** Ms since the last frame; null without a connection. */
  lastFrameAgoMs(state: ActorState): number | null
  /** What is known of the account, with when it was last heard of. */
  knownNow(state: ActorState): Known
  /** Opens again what was silent for too long. @returns whether it was */
  checkStale(state: ActorState, owned: Owned): boolean
}

export function socketNews(
  deps: Pick<SessionDeps, 'monotonic' | 'now' | 'staleAfterMs'>,
  apply: (state: ActorState, owned: Owned, event: SessionEvent) => unknown,
): SocketNews {
  const lastFrameAgoMs = (state: ActorState): number | null =>
    state.socket === null ? null : Math.max(0, deps.monotonic() - state.socket.lastFrameAt())

  const knownNow = (state: ActorState): Known => {
    const ago = lastFrameAgoMs(state)
    return ago === null ? state.known : { ...state.known, lastSeenAt: new Date(deps.now().getTime() - ago) }
  }

  const ready = (state: ActorState, owned: Owned, generation: number, socket: WhatsAppSocket): void => {
    if (generation !== state.machine.generation) return
    state.socket = socket
    if (state.machine.phase.name === 'open') owned.outbox.tell({ type: 'online', socket })
  }

  const event = (state: ActorState, owned: Owned, generation: number, event: SocketEvent): void => {
    if (generation !== state.machine.generation) {
      // Late news of a connection that was given up; only what it stored still counts.
      if (event.type === 'journaled') owned.inbox.tell({ type: 'bell' })
      return
    }
    switch (event.type) {
      case 'qr':
        apply(state, owned, { type: 'socket.qr', generation, qr: event.qr })
        return
      case 'opened': {
        const account = { phone: event.phone, lid: event.lid, pushName: event.pushName }
        state.known = { ...state.known, phone: account.phone, pushName: account.pushName, connectedAt: deps.now() }
        state.lid = account.lid
        state.linked = true
        apply(state, owned, { type: 'socket.opened', generation, account })
        if (state.socket !== null) owned.outbox.tell({ type: 'online', socket: state.socket })
        return
      }
      case 'closed':
        state.known = knownNow(state)
        state.socket = null
        owned.outbox.tell({ type: 'offline' })
        owned.log.info({ code: event.code, detail: event.detail }, 'connection closed')
        apply(state, owned, { type: 'socket.closed', generation, code: event.code })
        return
      case 'journaled':
        owned.inbox.tell({ type: 'bell' })
        return
      case 'ack':
      case 'receipt':
        owned.outbox.tell({ type: 'news', event })
        return
      case 'pairing-code':
        apply(state, owned, { type: 'socket.code', generation, code: event.code })
        return
      case 'paired':
        state.linked = true
        return
      default:
        never(event)
    }
  }

  const checkStale = (state: ActorState, owned: Owned): boolean => {
    const ago = lastFrameAgoMs(state)
    if (state.machine.phase.name !== 'open' || ago === null || ago < deps.staleAfterMs) return false
    owned.log.warn({ idleMs: Math.round(ago) }, 'the connection is stale and is opened again')
    state.socket = null
    owned.outbox.tell({ type: 'offline' })
    apply(state, owned, { type: 'stale' })
    return true
  }

  return { ready, event, lastFrameAgoMs, knownNow, checkStale }
}
