// The session actor's state in the words of its protocol: the status view, the QR stream's events and the admin's row.

import type { UserId } from '../../domain/ids.ts'
import type { MachinePolicy, SessionState } from '../../domain/session/state.ts'
import { stateName } from '../../domain/session/state.ts'
import { advice } from '../../domain/session/view.ts'
import type { ActiveSession, QrStreamEvent, SessionView } from './protocol.ts'

/** What is known of the account beside the machine's state. */
export interface Known {
  readonly phone: string | null
  readonly pushName: string | null
  readonly connectedAt: Date | null
  readonly lastSeenAt: Date | null
}

const iso = (at: Date | null): string | null => at?.toISOString() ?? null

function nextRetryAt(state: SessionState): Date | null {
  return state.phase.name === 'waiting' ? state.phase.until : null
}

/** Attempts as a person counts them: a connection that is open or was never tried has none. */
function shownAttempts(state: SessionState): number {
  return state.phase.name === 'waiting' || state.phase.name === 'connecting' ? state.attempts : 0
}

function lastErrorView(state: SessionState): { code: string; message: string } | null {
  return state.lastError === null ? null : { code: state.lastError.code, message: state.lastError.says }
}

/** GET /api/whatsapp/status */
export function sessionViewOf(state: SessionState, known: Known, policy: MachinePolicy): SessionView {
  const account = state.phase.name === 'open' ? state.phase.account : known
  return {
    state: stateName(state.phase),
    ...advice(state, policy.quickAttempts),
    phoneNumber: account.phone,
    pushName: account.pushName,
    connectedAt: state.phase.name === 'open' ? state.since.toISOString() : iso(known.connectedAt),
    lastSeenAt: iso(known.lastSeenAt),
    reconnectAttempts: shownAttempts(state),
    maxReconnectAttempts: policy.quickAttempts,
    nextRetryAt: iso(nextRetryAt(state)),
    lastError: lastErrorView(state),
  }
}

/** The present state as an event of the QR stream: what a listener is told when it arrives, and at every change. */
export function streamEventOf(state: SessionState, policy: MachinePolicy): QrStreamEvent {
  const { message } = advice(state, policy.quickAttempts)
  const phase = state.phase
  switch (phase.name) {
    case 'pairing':
      return phase.show.kind === 'qr'
        ? { type: 'qr', qr: phase.show.qr, expiresAt: phase.expiresAt.toISOString(), attempt: phase.shown }
        : { type: 'code', code: phase.show.code, expiresAt: phase.expiresAt.toISOString() }
    case 'open':
      return { type: 'connected', phoneNumber: phase.account.phone, pushName: phase.account.pushName }
    case 'loggedOut':
    case 'replaced':
    case 'halted':
      return { type: 'error', code: state.lastError?.code ?? stateName(phase), message }
    case 'asleep':
    case 'connecting':
    case 'waiting':
      return {
        type: 'status',
        state: stateName(phase),
        message,
        ...(phase.name === 'asleep' ? {} : { attempt: state.attempts }),
        ...(phase.name === 'waiting' ? { nextRetryAt: phase.until.toISOString() } : {}),
      }
  }
}

/** One row of the admin's list. `idleMs`: since the last frame, null without a connection. */
export function activeSessionOf(
  state: SessionState,
  more: {
    readonly user: UserId
    readonly instanceId: string
    readonly epoch: bigint
    readonly idleMs: number | null
    readonly mailbox: number
    readonly staleAfterMs: number
  },
): ActiveSession {
  return {
    userId: more.user,
    state: stateName(state.phase),
    instanceId: more.instanceId,
    epoch: more.epoch.toString(),
    since: state.since.toISOString(),
    idleSeconds: more.idleMs === null ? null : Math.floor(more.idleMs / 1000),
    reconnectAttempts: shownAttempts(state),
    nextRetryAt: iso(nextRetryAt(state)),
    lastError: lastErrorView(state),
    mailbox: more.mailbox,
    stale: state.phase.name === 'open' && more.idleMs !== null && more.idleMs >= more.staleAfterMs,
  }
}
