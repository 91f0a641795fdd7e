// The words of the session machine: its states, the events it hears, the effects it asks for. Phases are types of their own, so that a
// field which means nothing in a phase does not exist in it. What follows from what is machine.ts.

import type { BackoffPolicy } from './backoff.ts'
import { DISCONNECTS, type Disconnect } from './disconnect.ts'

/** The states a person sees. */
export const SESSION_STATES = [
  'disconnected',
  'connecting',
  'pairing',
  'open',
  'reconnecting',
  'conflict',
  'logged_out',
  'halted',
] as const
export type SessionStateName = (typeof SESSION_STATES)[number]

export interface MachinePolicy extends BackoffPolicy {
  readonly qrTimeoutMs: number
  readonly codeTimeoutMs: number
  /** An open connection that lasted this long forgets the attempts that led to it. */
  readonly stableMs: number
  readonly conflictRetryMs: number
  readonly conflictWindowMs: number
}

export interface Account {
  /** E.164. */
  readonly phone: string
  readonly lid: string | null
  readonly pushName: string | null
}

export interface LastError {
  readonly code: string
  readonly says: string
  readonly at: Date
}

/** What the person is shown to link the phone: a QR to scan, or a code to type on it. */
export type Invitation = { readonly kind: 'qr'; readonly qr: string } | { readonly kind: 'code'; readonly code: string }

/** One phase with just its own fields. `since` is when it began. */
export type Phase =
  | { readonly name: 'asleep' }
  | { readonly name: 'connecting' }
  | { readonly name: 'pairing'; readonly show: Invitation; readonly shown: number; readonly expiresAt: Date }
  | { readonly name: 'open'; readonly account: Account }
  /** `reclaim`: another connection put ours out; the ownership is claimed afresh before the next. */
  | { readonly name: 'waiting'; readonly until: Date; readonly reclaim?: true }
  | { readonly name: 'replaced' }
  | { readonly name: 'loggedOut' }
  | { readonly name: 'halted'; readonly why: Disconnect }

export interface SessionState {
  readonly phase: Phase
  readonly since: Date
  /** Numbers the connections and timers of this actor: what arrives under an older number is late and is dropped. */
  readonly generation: number
  /** Attempts to connect since the last connection that was stable. */
  readonly attempts: number
  readonly lastError: LastError | null
  readonly lastConflictAt: Date | null
  /** The phone (E.164) that pairs by typing a code; null when a QR is to be scanned. */
  readonly pairingPhone: string | null
}

export type SessionEvent =
  | { readonly type: 'connect'; readonly pairingPhone: string | null }
  | { readonly type: 'disconnect'; readonly unlink: boolean }
  /** The node started (or took over) and the session should be connected. `linked`: it was paired before. */
  /** `handed`: another node gave it up in order, for this one to go on with. */
  | { readonly type: 'resume'; readonly linked: boolean; readonly handed: boolean }
  | { readonly type: 'socket.qr'; readonly generation: number; readonly qr: string }
  | { readonly type: 'socket.code'; readonly generation: number; readonly code: string }
  | { readonly type: 'socket.opened'; readonly generation: number; readonly account: Account }
  | { readonly type: 'socket.closed'; readonly generation: number; readonly code: number }
  | { readonly type: 'timer'; readonly generation: number }
  /** The janitor saw no frame for too long. */
  | { readonly type: 'stale' }

export type Effect =
  | { readonly kind: 'open'; readonly generation: number; readonly pairingPhone: string | null }
  /** `logout` tells WhatsApp to remove this device, then ends; `destroy` cuts at once. */
  | { readonly kind: 'close'; readonly how: 'end' | 'destroy' | 'logout' }
  | { readonly kind: 'wait'; readonly generation: number; readonly delayMs: number }
  | { readonly kind: 'desire'; readonly desired: 'connected' | 'stopped' | 'suspended'; readonly reason: string | null }
  | { readonly kind: 'forget-credentials' }
  | { readonly kind: 'save-account'; readonly account: Account }
  | { readonly kind: 'note-error'; readonly error: LastError }
  /** The owner has to know, even if not looking. */
  | { readonly kind: 'tell-owner'; readonly code: string }
  /** The QRs were not scanned. */
  | { readonly kind: 'expired' }
  /** Ends this actor and claims the session afresh, under a new epoch; only then is it connected again. */
  | { readonly kind: 'reclaim'; readonly conflictAt: Date }
  /** This actor has no business here any more. */
  | { readonly kind: 'leave' }

export interface Step {
  readonly state: SessionState
  readonly effects: readonly Effect[]
}

/** A session that nobody has connected. */
export function asleep(now: Date): SessionState {
  return {
    phase: { name: 'asleep' },
    since: now,
    generation: 0,
    attempts: 0,
    lastError: null,
    lastConflictAt: null,
    pairingPhone: null,
  }
}

const STATE_NAMES: Readonly<Record<Phase['name'], SessionStateName>> = {
  asleep: 'disconnected',
  connecting: 'connecting',
  pairing: 'pairing',
  open: 'open',
  waiting: 'reconnecting',
  replaced: 'conflict',
  loggedOut: 'logged_out',
  halted: 'halted',
}

/** The phase in the words a person sees. */
export function stateName(phase: Phase): SessionStateName {
  return STATE_NAMES[phase.name]
}

/**
 * The state a session begins with, from what is stored of it: a reason for which it was suspended is still shown after a restart.
 * @param stored the columns of the session's row, or null when there is none
 */
export function restored(
  stored: { readonly desired: string; readonly reason: string | null; readonly lastErrorAt: Date | null } | null,
  now: Date,
): SessionState {
  const state = asleep(now)
  if (stored === null || stored.reason === null || stored.desired === 'connected') return state
  const row = Object.values(DISCONNECTS).find((candidate) => candidate.code === stored.reason)
  if (row === undefined) return state
  const lastError: LastError = { code: row.code, says: row.says, at: stored.lastErrorAt ?? now }
  if (row.reaction === 'forget') return { ...state, phase: { name: 'loggedOut' }, lastError }
  if (row.reaction === 'conflict') return { ...state, phase: { name: 'replaced' }, lastError }
  if (row.reaction === 'halt') return { ...state, phase: { name: 'halted', why: row }, lastError }
  return state
}
