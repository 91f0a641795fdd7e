// An in-memory twin of the Sessions port: keeps a state for each user, can refuse, time out and play a pairing. Says no as the real one does.

import type { CleanupStats, Sessions } from '../../src/actors/cluster/sessions.ts'
import type {
  ActiveSession,
  CommandBody,
  CommandReply,
  QrStreamEvent,
  SessionCommandName,
  SessionRefusal,
  SessionView,
} from '../../src/actors/session/protocol.ts'
import type { UserId } from '../../src/domain/ids.ts'
import { ok, refuse } from '../../src/domain/result.ts'

export interface Asked {
  readonly user: UserId
  readonly command: SessionCommandName
  readonly body: unknown
}

export interface SessionsTwin extends Sessions {
  /** Everything that was asked, in order. */
  readonly asked: Asked[]
  /** The next command of this name is refused with this code. */
  refuseNext(command: SessionCommandName, code: SessionRefusal): void
  /** Plays an event of the pairing to everybody who watches. */
  play(user: UserId, event: QrStreamEvent): void
  /** Puts a session into a state, as WhatsApp would. */
  put(user: UserId, view: Partial<SessionView>): void
  watchers(user: UserId): number
}

const ASLEEP: SessionView = {
  state: 'disconnected',
  nextStep: 'connect',
  message: 'Not connected. Press connect and scan the QR if one is shown.',
  phoneNumber: null,
  pushName: null,
  connectedAt: null,
  lastSeenAt: null,
  reconnectAttempts: 0,
  maxReconnectAttempts: 5,
  nextRetryAt: null,
  lastError: null,
}

const STATS: CleanupStats = {
  intervalMs: 300_000,
  staleTimeoutMs: 1_800_000,
  running: false,
  runs: 1,
  lastRun: {
    startedAt: '2026-01-31T12:00:00.000Z',
    durationMs: 3,
    checked: 1,
    staleFound: 0,
    closed: 0,
    reconnected: 0,
    errors: 0,
    purged: { inbox: 0 },
  },
  nextRunAt: '2026-01-31T12:05:00.000Z',
  totals: { closed: 0, reconnected: 0, errors: 0 },
}

export function sessionsTwin(newId: () => string): SessionsTwin {
  const views = new Map<UserId, SessionView>()
  const last = new Map<UserId, QrStreamEvent>()
  const listeners = new Map<UserId, Set<(event: QrStreamEvent) => void>>()
  const refusals = new Map<SessionCommandName, SessionRefusal>()
  const asked: Asked[] = []
  const viewOf = (user: UserId) => views.get(user) ?? ASLEEP

  const answers = {
    'session.connect': (user: UserId) => {
      if (viewOf(user).state !== 'open') views.set(user, { ...viewOf(user), state: 'connecting', nextStep: 'wait' })
      return viewOf(user)
    },
    'session.disconnect': (user: UserId) => {
      views.set(user, ASLEEP)
      return ASLEEP
    },
    'session.status': viewOf,
    'message.send': (_user: UserId, body: CommandBody<'message.send'>) => ({
      id: newId(),
      conversationId: 'conversationId' in body.recipient ? body.recipient.conversationId : newId(),
      status: 'queued' as const,
      author: body.author.kind,
      text: body.text,
      createdAt: '2026-01-31T12:00:00.000Z',
    }),
  }

  return {
    asked,
    async ask<N extends SessionCommandName>(user: UserId, command: N, body: CommandBody<N>): Promise<CommandReply<N>> {
      asked.push({ user, command, body })
      const code = refusals.get(command)
      refusals.delete(command)
      if (code !== undefined) return refuse(code, `refused: ${code}`)
      if (command === 'message.send' && !['open', 'connecting', 'reconnecting'].includes(viewOf(user).state))
        return refuse('whatsapp-not-connected', 'WhatsApp is not connected. Connect it first.')
      const answer = answers[command] as unknown as (user: UserId, body: CommandBody<N>) => never
      return ok(answer(user, body)) as CommandReply<N>
    },
    watch(user, listener) {
      const own = listeners.get(user) ?? new Set()
      listeners.set(user, own.add(listener))
      const { state, message } = viewOf(user)
      listener(last.get(user) ?? { type: 'status', state, message })
      return () => own.delete(listener)
    },
    async active() {
      return [...views].map(
        ([userId, view]): ActiveSession => ({
          userId,
          state: view.state,
          instanceId: 'node-1',
          epoch: '7',
          since: '2026-01-31T12:00:00.000Z',
          idleSeconds: 1,
          reconnectAttempts: 0,
          nextRetryAt: null,
          lastError: null,
          mailbox: 0,
          stale: false,
        }),
      )
    },
    cleanupStats: () => STATS,
    runCleanup: () => true,
    refuseNext: (command, code) => void refusals.set(command, code),
    play(user, event) {
      last.set(user, event)
      if (event.type === 'qr') views.set(user, { ...viewOf(user), state: 'pairing', nextStep: 'scan-qr' })
      for (const listener of [...(listeners.get(user) ?? [])]) listener(event)
    },
    put: (user, view) => void views.set(user, { ...viewOf(user), ...view }),
    watchers: (user) => listeners.get(user)?.size ?? 0,
  }
}
