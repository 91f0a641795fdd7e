// One user's WhatsApp connection as an actor. It owns the order of things: commands, socket events and timers go through the machine
// one at a time, effects go to the runner. What the machine decides is in domain/session; what a command answers is in commands.ts.

import type { Fence, UserId } from '../../domain/ids.ts'
import { never, refuse } from '../../domain/result.ts'
import { FENCED } from '../../domain/session/disconnect.ts'
import { step } from '../../domain/session/machine.ts'
import { type Effect, restored, type SessionEvent, type SessionState, stateName } from '../../domain/session/state.ts'
import { type InboxMessage, inboxActor } from '../inbox/inbox.actor.ts'
import type { ActorContext, ActorRef, Behaviour } from '../nact.ts'
import { type OutboxMessage, outboxActor } from '../outbox/outbox.actor.ts'
import type { Guard, SocketEvent, WhatsAppSocket } from '../whatsapp/socket.ts'
import { answerCommand } from './commands.ts'
import type { SessionDeps } from './deps.ts'
import { type EffectRunner, effectRunner } from './effects.ts'
import type { SessionMessage } from './messages.ts'
import { claimSession, makeGuard } from './ownership.ts'
import { activeSessionOf, type Known, sessionViewOf, streamEventOf } from './view.ts'

const CLAIM_RETRY_MS = 1_000

/** What exists once the session is ours. */
interface Owned {
  readonly fence: Fence
  readonly guard: Guard
  readonly effects: EffectRunner
  readonly inbox: ActorRef<InboxMessage>
  readonly outbox: ActorRef<OutboxMessage>
}

interface State {
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

/**
 * The behaviour of the session actor of a user.
 * @param resume connect at once if the session should be connected (a start of the node, a take-over, a restart after a crash)
 */
export function sessionActor(
  user: UserId,
  generation: number,
  resume: boolean,
  deps: SessionDeps,
): Behaviour<SessionMessage, State> {
  const log = deps.log.child({ userId: user })

  const start = ({ self }: ActorContext<SessionMessage>): State => {
    self.tell({ type: 'claim' })
    return {
      machine: restored(null, deps.now()),
      known: { phone: null, pushName: null, connectedAt: null, lastSeenAt: null },
      lid: null,
      linked: false,
      owned: null,
      socket: null,
      early: [],
      claimTimer: null,
    }
  }

  const handle = (state: State, message: SessionMessage, context: ActorContext<SessionMessage>): State => {
    const { self } = context
    switch (message.type) {
      case 'claim':
        void claimSession(user, deps).then(self.tell, (error: unknown) => self.tell({ type: 'crash', error }))
        return state
      case 'claimed':
        return onClaimed(state, message, context)
      case 'not-claimed':
        return onNotClaimed(state, message.why, context)
      case 'crash':
        throw message.error
      default:
        break
    }
    if (state.owned === null) {
      if (state.early.length < deps.policy.session.mailbox) state.early.push(message)
      return state
    }
    const owned = state.owned
    switch (message.type) {
      case 'command':
        answerCommand(message, {
          user,
          deps,
          state: () => state.machine,
          linked: () => state.linked,
          view: () => sessionViewOf(state.machine, knownNow(state), deps.machine),
          apply: (event) => apply(state, owned, event),
          filled: () => void self.tell({ type: 'outbox.filled' }),
        })
        return state
      case 'look':
        message.reply(streamEventOf(state.machine, deps.machine))
        return state
      case 'inspect':
        message.reply(
          activeSessionOf(state.machine, {
            user,
            instanceId: deps.lease.incarnation,
            epoch: owned.fence.epoch,
            idleMs: lastFrameAgoMs(state),
            mailbox: self.waiting(),
            staleAfterMs: deps.staleAfterMs,
          }),
        )
        return state
      case 'check':
        message.reply(checkStale(state, owned))
        return state
      case 'event':
        void apply(state, owned, message.event)
        return state
      case 'socket.ready':
        onSocketReady(state, owned, message.generation, message.socket)
        return state
      case 'socket':
        onSocketEvent(state, owned, message.generation, message.event)
        return state
      case 'outbox.filled':
        owned.outbox.tell({ type: 'bell' })
        return state
      case 'fenced':
        void apply(state, owned, { type: 'socket.closed', generation: state.machine.generation, code: FENCED })
        context.stop()
        return state
      default:
        return never(message)
    }
  }

  const onClaimed = (
    state: State,
    { fence, row, linked }: Extract<SessionMessage, { type: 'claimed' }>,
    context: ActorContext<SessionMessage>,
  ): State => {
    const { self } = context
    const guard = makeGuard(deps.lease, log)
    const account = () => ({ phone: state.known.phone, lid: state.lid, name: state.known.pushName ?? '' })
    const outbox = context.spawn(outboxActor({ fence, deps, log }))
    const inbox = context.spawn(
      inboxActor({ fence, deps, log, account, replied: () => void outbox.tell({ type: 'bell' }) }),
    )
    const effects = effectRunner(user, deps, {
      fence,
      guard,
      tell: self.tell,
      generation: () => state.machine.generation,
      expired: () =>
        deps.announce(user, {
          type: 'expired',
          reason: 'qr_attempts_exhausted',
          message: 'The QR expired. Press connect for a new one and scan it within a minute.',
        }),
      leave: context.stop,
    })
    const owned: Owned = { fence, guard, effects, inbox, outbox }
    state.owned = owned
    state.machine = restored(row, deps.now())
    state.lid = row?.lid ?? null
    state.linked = linked
    if (row !== null)
      state.known = {
        phone: row.phone,
        pushName: row.pushName,
        connectedAt: row.connectedAt,
        lastSeenAt: row.lastSeenAt,
      }
    log.info({ epoch: fence.epoch.toString(), generation }, 'session is ours')
    inbox.tell({ type: 'bell' })
    if (resume && row?.desired === 'connected') void apply(state, owned, { type: 'resume', linked })
    for (const early of state.early.splice(0)) handle(state, early, context)
    return state
  }

  const onNotClaimed = (
    state: State,
    why: 'owner-moved' | 'database-unavailable',
    context: ActorContext<SessionMessage>,
  ): State => {
    const says =
      why === 'owner-moved'
        ? 'Another node looks after this account. Try again in a moment.'
        : 'The database is not available. Try again in a moment.'
    const kept: SessionMessage[] = []
    for (const early of state.early)
      if (early.type === 'command') early.reply(refuse(why, says, { retryAfterSeconds: 2 }))
      else kept.push(early)
    state.early = kept
    if (why === 'owner-moved') context.stop()
    else state.claimTimer = setTimeout(() => void context.self.tell({ type: 'claim' }), CLAIM_RETRY_MS)
    return state
  }

  /** One step of the machine, its effects, and what listeners are told. Resolves as the runner's `run` does. */
  const apply = (state: State, owned: Owned, event: SessionEvent): Promise<'done' | 'storage-away'> => {
    const before = state.machine
    const next = step(before, event, deps.machine, deps.now(), deps.random())
    state.machine = next.state
    if (next.effects.some((effect) => effect.kind === 'forget-credentials')) {
      state.linked = false
      state.known = { ...state.known, phone: null, pushName: null, connectedAt: null }
    }
    if (next.state.phase.name !== before.phase.name) {
      deps.entered(user, stateName(next.state.phase))
      log.info(
        {
          epoch: owned.fence.epoch.toString(),
          state: stateName(next.state.phase),
          attempts: next.state.attempts,
          ...(event.type === 'socket.closed' ? { code: event.code } : {}),
          ...waitOf(next.effects),
        },
        'session',
      )
    }
    if (next.state !== before && !next.effects.some((effect) => effect.kind === 'expired'))
      deps.announce(user, streamEventOf(next.state, deps.machine))
    return owned.effects.run(next.effects)
  }

  const onSocketReady = (state: State, owned: Owned, generation: number, socket: WhatsAppSocket) => {
    if (generation !== state.machine.generation) return
    state.socket = socket
    if (state.machine.phase.name === 'open') owned.outbox.tell({ type: 'online', socket })
  }

  const onSocketEvent = (state: State, owned: Owned, generation: number, event: SocketEvent) => {
    if (generation !== state.machine.generation) {
      // Late news of a connection that was given up; only what it stored still counts.
      if (event.type === 'journaled') owned.inbox.tell({ type: 'bell' })
      return
    }
    switch (event.type) {
      case 'qr':
        void apply(state, owned, { type: 'socket.qr', generation, qr: event.qr })
        return
      case 'opened': {
        const account = { phone: event.phone, lid: event.lid, pushName: event.pushName }
        state.known = { ...state.known, phone: account.phone, pushName: account.pushName, connectedAt: deps.now() }
        state.lid = account.lid
        state.linked = true
        void apply(state, owned, { type: 'socket.opened', generation, account })
        if (state.socket !== null) owned.outbox.tell({ type: 'online', socket: state.socket })
        return
      }
      case 'closed':
        state.known = knownNow(state)
        state.socket = null
        owned.outbox.tell({ type: 'offline' })
        log.info({ code: event.code, detail: event.detail }, 'connection closed')
        void apply(state, owned, { type: 'socket.closed', generation, code: event.code })
        return
      case 'journaled':
        owned.inbox.tell({ type: 'bell' })
        return
      case 'ack':
      case 'receipt':
        owned.outbox.tell({ type: 'news', event })
        return
      case 'pairing-code':
        void apply(state, owned, { type: 'socket.code', generation, code: event.code })
        return
      case 'paired':
        state.linked = true
        return
      default:
        never(event)
    }
  }

  const lastFrameAgoMs = (state: State): number | null =>
    state.socket === null ? null : Math.max(0, deps.monotonic() - state.socket.lastFrameAt())

  const knownNow = (state: State): Known => {
    const ago = lastFrameAgoMs(state)
    return ago === null ? state.known : { ...state.known, lastSeenAt: new Date(deps.now().getTime() - ago) }
  }

  const checkStale = (state: State, owned: Owned): boolean => {
    const ago = lastFrameAgoMs(state)
    if (state.machine.phase.name !== 'open' || ago === null || ago < deps.staleAfterMs) return false
    log.warn({ idleMs: Math.round(ago) }, 'the connection is stale and is opened again')
    state.socket = null
    owned.outbox.tell({ type: 'offline' })
    void apply(state, owned, { type: 'stale' })
    return true
  }

  return {
    name: `session-${user}-${generation}`,
    mailbox: deps.policy.session.mailbox,
    start,
    handle,
    async cleanUp(state) {
      if (state.claimTimer !== null) clearTimeout(state.claimTimer)
      await state.owned?.effects.finish()
    },
  }
}

function waitOf(effects: readonly Effect[]): { waitMs?: number } {
  for (const effect of effects) if (effect.kind === 'wait') return { waitMs: effect.delayMs }
  return {}
}
