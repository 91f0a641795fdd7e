// One user's WhatsApp connection as an actor. It owns the order of things: commands, socket events and timers go through the machine
// one at a time, effects go to the runner. What the machine decides is in domain/session, what a command answers in commands.ts, what the
// news of a connection mean in socket-events.ts.

import type { UserId } from '../../domain/ids.ts'
import { never, refuse } from '../../domain/result.ts'
import { FENCED } from '../../domain/session/disconnect.ts'
import { step } from '../../domain/session/machine.ts'
import { type Effect, restored, type SessionEvent, stateName } from '../../domain/session/state.ts'
import { codeLabel, NO_METERS } from '../../meters.ts'
import { inboxActor } from '../inbox/inbox.actor.ts'
import type { ActorContext, Behaviour } from '../nact.ts'
import { outboxActor } from '../outbox/outbox.actor.ts'
import { type ActorState, type Beginning, type Owned, unclaimed } from './actor-state.ts'
import { answerCommand } from './commands.ts'
import type { SessionDeps } from './deps.ts'
import { effectRunner } from './effects.ts'
import type { SessionMessage } from './messages.ts'
import { claimSession, makeGuard } from './ownership.ts'
import { socketNews } from './socket-events.ts'
import { activeSessionOf, sessionViewOf, streamEventOf } from './view.ts'

const CLAIM_RETRY_MS = 1_000

/** The behaviour of the session actor of a user. It connects by itself when the session should be connected. */
export function sessionActor(
  user: UserId,
  { generation, given, handed, lastConflictAt }: Beginning,
  deps: SessionDeps,
): Behaviour<SessionMessage, ActorState> {
  const log = deps.log.child({ userId: user })
  const meters = deps.meters ?? NO_METERS
  /** When it was handed over to us; null when it was not, or was open since. */
  let handedAt: number | null = null

  const start = ({ self }: ActorContext<SessionMessage>): ActorState => {
    void (given ?? Promise.resolve(null)).then((fence) => self.tell({ type: 'claim', given: fence }))
    return unclaimed(deps.now())
  }

  const handle = (state: ActorState, message: SessionMessage, context: ActorContext<SessionMessage>): ActorState => {
    const { self } = context
    switch (message.type) {
      case 'claim':
        void claimSession(user, message.given, deps).then(self.tell, (error: unknown) =>
          self.tell({ type: 'crash', error }),
        )
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
          view: () => sessionViewOf(state.machine, news.knownNow(state), deps.machine),
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
            idleMs: news.lastFrameAgoMs(state),
            mailbox: self.waiting(),
            staleAfterMs: deps.staleAfterMs,
          }),
        )
        return state
      case 'check':
        message.reply(news.checkStale(state, owned))
        return state
      case 'event':
        void apply(state, owned, message.event)
        return state
      case 'socket.ready':
        news.ready(state, owned, message.generation, message.socket)
        return state
      case 'socket':
        news.event(state, owned, message.generation, message.event)
        return state
      case 'outbox.filled':
        owned.outbox.tell({ type: 'bell' })
        return state
      case 'quiet':
        owned.outbox.tell({ type: 'quiet', limitMs: deps.policy.cluster.inFlightMs, done: message.reply })
        return state
      case 'fenced':
        // Not in order: nothing more may be said for it.
        owned.effects.cut('deadline')
        void apply(state, owned, { type: 'socket.closed', generation: state.machine.generation, code: FENCED })
        context.stop()
        return state
      default:
        return never(message)
    }
  }

  const onClaimed = (
    state: ActorState,
    { fence, row, linked }: Extract<SessionMessage, { type: 'claimed' }>,
    context: ActorContext<SessionMessage>,
  ): ActorState => {
    const { self } = context
    const mine = log.child({ owner: fence.owner, epoch: fence.epoch.toString() })
    const guard = makeGuard(deps.lease, mine, meters)
    const account = () => ({ phone: state.known.phone, lid: state.lid, name: state.known.pushName ?? '' })
    const outbox = context.spawn(outboxActor({ fence, deps, log: mine }))
    const inbox = context.spawn(
      inboxActor({ fence, deps, log: mine, account, replied: () => void outbox.tell({ type: 'bell' }) }),
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
      log: mine,
    })
    const owned: Owned = { fence, guard, effects, inbox, outbox, log: mine }
    state.owned = owned
    state.machine = { ...restored(row, deps.now()), lastConflictAt }
    deps.gained(fence, effects.cut)
    state.lid = row?.lid ?? null
    state.linked = linked
    if (row !== null)
      state.known = {
        phone: row.phone,
        pushName: row.pushName,
        connectedAt: row.connectedAt,
        lastSeenAt: row.lastSeenAt,
      }
    handedAt = handed ? deps.now().getTime() : null
    mine.info({ generation }, 'session is ours')
    inbox.tell({ type: 'bell' })
    if (row?.desired === 'connected') void apply(state, owned, { type: 'resume', linked, handed })
    for (const early of state.early.splice(0)) handle(state, early, context)
    return state
  }

  const onNotClaimed = (
    state: ActorState,
    why: 'owner-moved' | 'database-unavailable',
    context: ActorContext<SessionMessage>,
  ): ActorState => {
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
    else state.claimTimer = setTimeout(() => void context.self.tell({ type: 'claim', given: null }), CLAIM_RETRY_MS)
    return state
  }

  /** One step of the machine, its effects, and what listeners are told. Resolves as the runner's `run` does. */
  const apply = (state: ActorState, owned: Owned, event: SessionEvent): Promise<'done' | 'storage-away'> => {
    const before = state.machine
    const next = step(before, event, deps.machine, deps.now(), deps.random())
    state.machine = next.state
    countClosed(event, next.effects)
    if (next.effects.some((effect) => effect.kind === 'forget-credentials')) {
      state.linked = false
      state.known = { ...state.known, phone: null, pushName: null, connectedAt: null }
    }
    if (handedAt !== null && next.state.phase.name === 'open') {
      meters.observe('handOffGap', {}, (deps.now().getTime() - handedAt) / 1_000)
      handedAt = null
    }
    if (next.state.phase.name !== before.phase.name) {
      deps.entered(user, stateName(next.state.phase))
      owned.log.info(
        {
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

  const countClosed = (event: SessionEvent, effects: readonly Effect[]): void => {
    if (event.type !== 'socket.closed') return
    const code = codeLabel(event.code)
    meters.count('connectionsClosed', { code })
    if (effects.some(({ kind }) => kind === 'wait' || kind === 'open')) meters.count('reconnects', { code })
  }

  const news = socketNews(deps, (state, owned, event) => void apply(state, owned, event))

  return {
    name: `session-${user}-${generation}`,
    mailbox: deps.policy.session.mailbox,
    start,
    handle,
    async cleanUp(state) {
      if (state.claimTimer !== null) clearTimeout(state.claimTimer)
      if (state.owned === null) return
      await state.owned.effects.finish()
      deps.left(state.owned.fence)
    },
  }
}

function waitOf(effects: readonly Effect[]): { waitMs?: number } {
  for (const effect of effects) if (effect.kind === 'wait') return { waitMs: effect.delayMs }
  return {}
}
