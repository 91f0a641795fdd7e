// What a session actor keeps between two messages, and how it begins.

import type { Fence } from '../../domain/ids.ts'
import { restored, type SessionState } from '../../domain/session/state.ts'
import type { Logger } from '../../log.ts'
import type { InboxMessage } from '../inbox/inbox.actor.ts'
import type { ActorRef } from '../nact.ts'
import type { OutboxMessage } from '../outbox/outbox.actor.ts'
import type { Guard, WhatsAppSocket } from '../whatsapp/socket.ts'
import type { EffectRunner } from './effects.ts'
import type { SessionMessage } from './messages.ts'
import type { Known } from './view.ts'

/** What exists once the session is ours. */
export interface Owned {
  readonly fence: Fence
  readonly guard: Guard
  readonly effects: EffectRunner
  readonly inbox: ActorRef<InboxMessage>
  readonly outbox: ActorRef<OutboxMessage>
  /** Says with every line under which ownership it was written. */
  readonly log: Logger
}

export interface ActorState {
  machine: SessionState
  known: Known
  lid: string | null
  /** There are credentials: this account was paired and not logged out since. */
  linked: boolean
  owned: Owned | null
  socket: WhatsAppSocket | null
  /** What came before the claim was decided. */
  early: SessionMessage[]
  claimTimer: NodeJS.Timeout | null
}

/** How an actor comes to be. */
export interface Beginning {
  /** Numbers the actors of one session on this node, from 1. */
  readonly generation: number
  /** The ownership is being seen to already: the actor claims by itself only when this brings none. Null: it claims at once. */
  readonly given: Promise<Fence | null> | null
  /** Another node gave it up in order: what it was in the middle of goes on here, a pairing too. */
  readonly handed: boolean
  /** When the actor before it was put out by another connection (440) and this one is its one retry. */
  readonly lastConflictAt: Date | null
}

export function unclaimed(now: Date): ActorState {
  return {
    machine: restored(null, now),
    known: { phone: null, pushName: null, connectedAt: null, lastSeenAt: null },
    lid: null,
    linked: false,
    owned: null,
    socket: null,
    early: [],
    claimTimer: null,
  }
}
