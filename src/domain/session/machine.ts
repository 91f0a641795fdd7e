// The heart: what a session does about every command and every fact. step() is pure; the actor carries out the effects it returns.
// The states, events and effects themselves are in state.ts.

import { never } from '../result.ts'
import { delayBefore } from './backoff.ts'
import { type Disconnect, disconnectFor } from './disconnect.ts'
import type {
  Account,
  Effect,
  Invitation,
  LastError,
  MachinePolicy,
  Phase,
  SessionEvent,
  SessionState,
  Step,
} from './state.ts'

/**
 * Decides what a session does next.
 * @param random in [0, 1), for the jitter
 */
export function step(state: SessionState, event: SessionEvent, policy: MachinePolicy, now: Date, random: number): Step {
  if ('generation' in event && event.generation !== state.generation) return { state, effects: [] }
  switch (event.type) {
    case 'connect':
      return onConnect(state, event.pairingPhone, now)
    case 'disconnect':
      return onDisconnect(state, event.unlink, now)
    case 'resume':
      return onResume(state, event.linked || event.handed, now)
    case 'socket.qr':
      return onInvitation(state, { kind: 'qr', qr: event.qr }, policy.qrTimeoutMs, now)
    case 'socket.code':
      return onInvitation(state, { kind: 'code', code: event.code }, policy.codeTimeoutMs, now)
    case 'socket.opened':
      return onOpened(state, event.account, now)
    case 'socket.closed':
      return onClosed(state, event.code, policy, now, random)
    case 'timer':
      return onTimer(state, now)
    case 'stale':
      return state.phase.name === 'open'
        ? open(state, state.attempts, now, [{ kind: 'close', how: 'destroy' }])
        : { state, effects: [] }
    default:
      return never(event)
  }
}

function enter(state: SessionState, phase: Phase, now: Date, more: Partial<SessionState> = {}): SessionState {
  return { ...state, ...more, phase, since: now }
}

/** A new connection under a new number; `before` is carried out first. */
function open(state: SessionState, attempts: number, now: Date, before: readonly Effect[] = []): Step {
  const generation = state.generation + 1
  return {
    state: enter(state, { name: 'connecting' }, now, { generation, attempts }),
    effects: [...before, { kind: 'open', generation, pairingPhone: state.pairingPhone }],
  }
}

function onConnect(state: SessionState, pairingPhone: string | null, now: Date): Step {
  switch (state.phase.name) {
    case 'connecting':
    case 'pairing':
    case 'open':
      return { state, effects: [] }
    case 'asleep':
    case 'waiting':
    case 'replaced':
    case 'loggedOut':
    case 'halted':
      return open({ ...state, pairingPhone, lastConflictAt: null }, 0, now, [
        { kind: 'desire', desired: 'connected', reason: null },
      ])
    default:
      return never(state.phase)
  }
}

function onDisconnect(state: SessionState, unlink: boolean, now: Date): Step {
  const connected = state.phase.name === 'open' || state.phase.name === 'connecting' || state.phase.name === 'pairing'
  const how = unlink && state.phase.name === 'open' ? 'logout' : 'end'
  return {
    state: enter(state, { name: 'asleep' }, now, { generation: state.generation + 1, attempts: 0, lastError: null }),
    effects: [
      { kind: 'desire', desired: 'stopped', reason: unlink ? 'unlinked' : 'disconnected' },
      ...(connected ? [{ kind: 'close', how } as const] : []),
      ...(unlink ? [{ kind: 'forget-credentials' } as const] : []),
    ],
  }
}

/**
 * A restart brings back every account that was linked; a pairing nobody finished is not shown again to nobody. One that is handed over is:
 * whoever looks at its QR gets a new one on the same stream.
 */
function onResume(state: SessionState, goesOn: boolean, now: Date): Step {
  if (state.phase.name !== 'asleep') return { state, effects: [] }
  if (goesOn) return open(state, 0, now)
  return { state, effects: [{ kind: 'desire', desired: 'stopped', reason: 'pairing-interrupted' }] }
}

function onTimer(state: SessionState, now: Date): Step {
  if (state.phase.name !== 'waiting') return { state, effects: [] }
  if (state.phase.reclaim === undefined) return open(state, state.attempts, now)
  return { state, effects: [{ kind: 'reclaim', conflictAt: state.lastConflictAt ?? now }] }
}

function onInvitation(state: SessionState, show: Invitation, validMs: number, now: Date): Step {
  const shown = state.phase.name === 'pairing' ? state.phase.shown + 1 : 1
  if (state.phase.name !== 'connecting' && state.phase.name !== 'pairing') return { state, effects: [] }
  const expiresAt = new Date(now.getTime() + validMs)
  return { state: enter(state, { name: 'pairing', show, shown, expiresAt }, now), effects: [] }
}

function onOpened(state: SessionState, account: Account, now: Date): Step {
  if (state.phase.name !== 'connecting' && state.phase.name !== 'pairing') return { state, effects: [] }
  return {
    state: enter(state, { name: 'open', account }, now, { lastError: null, pairingPhone: null }),
    effects: [{ kind: 'save-account', account }],
  }
}

function onClosed(state: SessionState, code: number, policy: MachinePolicy, now: Date, random: number): Step {
  const phase = state.phase
  if (phase.name !== 'connecting' && phase.name !== 'pairing' && phase.name !== 'open') return { state, effects: [] }
  if (phase.name === 'pairing' && code === 408) return unscanned(state, now)
  const meaning = disconnectFor(code)
  const error: LastError = { code: meaning.code, says: meaning.says, at: now }
  const failed: SessionState = { ...state, lastError: error }
  const noted: Effect = { kind: 'note-error', error }
  switch (meaning.reaction) {
    case 'restart':
      return restart(failed, policy, now, random)
    case 'retry':
      return retry(failed, meaning, policy, now, random, noted)
    case 'retry-uncounted':
      return wait(failed, state.attempts, delayBefore(1, policy, random), now)
    case 'conflict':
      return conflict(failed, policy, now, random, noted)
    case 'forget':
      return {
        state: enter(failed, { name: 'loggedOut' }, now, { attempts: 0 }),
        effects: [
          { kind: 'desire', desired: 'suspended', reason: meaning.code },
          { kind: 'forget-credentials' },
          noted,
          { kind: 'tell-owner', code: meaning.code },
        ],
      }
    case 'halt':
      return {
        state: enter(failed, { name: 'halted', why: meaning }, now, { attempts: 0 }),
        effects: [
          { kind: 'desire', desired: meaning.halts?.desired ?? 'suspended', reason: meaning.code },
          noted,
          { kind: 'tell-owner', code: meaning.code },
        ],
      }
    case 'yield':
      return { state: enter(failed, { name: 'asleep' }, now), effects: [{ kind: 'leave' }] }
    default:
      return never(meaning.reaction)
  }
}

function unscanned(state: SessionState, now: Date): Step {
  return {
    state: enter(state, { name: 'asleep' }, now, { attempts: 0 }),
    effects: [
      { kind: 'desire', desired: 'stopped', reason: 'qr-expired' },
      { kind: 'forget-credentials' },
      { kind: 'expired' },
    ],
  }
}

/** Attempts used up so far; a connection that held forgets them. */
function attemptsSoFar(state: SessionState, policy: MachinePolicy, now: Date): number {
  const held = state.phase.name === 'open' && now.getTime() - state.since.getTime() >= policy.stableMs
  return held ? 0 : state.attempts
}

function restart(state: SessionState, policy: MachinePolicy, now: Date, random: number): Step {
  const attempt = attemptsSoFar(state, policy, now) + 1
  // Once at once, as asked; a server that asks again and again is not followed at its own speed.
  if (attempt === 1) return open({ ...state, lastError: null }, attempt, now)
  return wait(state, attempt, delayBefore(attempt, policy, random), now)
}

function wait(
  state: SessionState,
  attempts: number,
  delayMs: number,
  now: Date,
  effects: readonly Effect[] = [],
): Step {
  const generation = state.generation + 1
  const until = new Date(now.getTime() + delayMs)
  return {
    state: enter(state, { name: 'waiting', until }, now, { generation, attempts }),
    effects: [...effects, { kind: 'wait', generation, delayMs }],
  }
}

function retry(
  state: SessionState,
  meaning: Disconnect,
  policy: MachinePolicy,
  now: Date,
  random: number,
  noted: Effect,
): Step {
  const attempt = attemptsSoFar(state, policy, now) + 1
  const tell: readonly Effect[] =
    attempt === policy.quickAttempts + 1 ? [{ kind: 'tell-owner', code: meaning.code }] : []
  return wait(state, attempt, delayBefore(attempt, policy, random), now, [noted, ...tell])
}

/**
 * 440: never by itself into a fight. Noting the error is refused when another node owns the session, and ends it here. When it is ours, one
 * retry under a new epoch, because a restart of ours can look like another place; then a person decides.
 */
function conflict(state: SessionState, policy: MachinePolicy, now: Date, random: number, noted: Effect): Step {
  const last = state.lastConflictAt
  if (last === null || now.getTime() - last.getTime() > policy.conflictWindowMs + policy.conflictRetryMs) {
    const delayMs = Math.round(policy.conflictRetryMs * (0.5 + random))
    const next = wait({ ...state, lastConflictAt: now }, state.attempts, delayMs, now, [noted])
    const until = new Date(now.getTime() + delayMs)
    return { ...next, state: { ...next.state, phase: { name: 'waiting', until, reclaim: true } } }
  }
  return {
    state: enter(state, { name: 'replaced' }, now, { attempts: 0 }),
    effects: [
      { kind: 'desire', desired: 'suspended', reason: 'conflict' },
      noted,
      { kind: 'tell-owner', code: 'conflict' },
    ],
  }
}
