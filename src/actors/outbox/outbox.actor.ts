// Sends what is stored, in order within each chat, paced for the account. A message is on its way until WhatsApp acknowledged it: the
// next one of its chat waits for that, the other chats do not. What was under way when a connection ended is sent again under the same
// WhatsApp id. What WhatsApp says about messages is news.ts.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Fence } from '../../domain/ids.ts'
import { never } from '../../domain/result.ts'
import type { Logger } from '../../log.ts'
import { NO_METERS } from '../../meters.ts'
import { isUnavailable } from '../../persistence/database.ts'
import { tendHold } from '../../persistence/holds.ts'
import { FencedError } from '../../persistence/leases.ts'
import {
  anythingWaits,
  contentOf,
  dueOutbox,
  markFailed,
  markSending,
  type OutboxRow,
  retryLater,
} from '../../persistence/outbox.ts'
import type { Behaviour } from '../nact.ts'
import type { SessionDeps } from '../session/deps.ts'
import type { SendOutcome, WhatsAppSocket } from '../whatsapp/socket.ts'
import { makeNews, type News } from './news.ts'
import { retryDelay, waitBeforeNext } from './pace.ts'

export type OutboxMessage =
  | { readonly type: 'bell' }
  | { readonly type: 'online'; readonly socket: WhatsAppSocket }
  | { readonly type: 'offline' }
  | { readonly type: 'news'; readonly event: News }
  /** Takes nothing new to send from now on; `done` once nothing is being sent, or after `limitMs`. */
  | { readonly type: 'quiet'; readonly limitMs: number; readonly done: () => void }
  /** One look at the table is over. */
  | { readonly type: 'pumped'; readonly more: boolean }

/** One try to send a row on this connection. */
interface Try {
  readonly row: OutboxRow
  /** Monotonic ms when it was on the wire; null while it is on its way there. */
  onWireAt: number | null
}

interface State {
  socket: WhatsAppSocket | null
  /** Aborted when the present connection is gone: nothing waits for it any longer. */
  gone: AbortController
  /** Wakes who waits for a try to be on the wire. */
  wake: () => void
  pumping: boolean
  /** Nothing is taken any more: the session is about to leave. */
  quiet: boolean
  /** A row is being taken: it is about to be in flight. */
  taking: boolean
  belled: boolean
  /** Tried on this connection and not settled yet, by WhatsApp id. */
  readonly inFlight: Map<string, Try>
  /** Tries on their way to the wire. */
  readonly sending: Set<Promise<void>>
  lastSentAt: number | null
  /** Messages may be held, or may have to be: the table is asked before anything is sent. */
  holding: boolean
  /** WhatsApp has just refused new chats: what was read before must not be sent. */
  outdated: boolean
  /** Nothing of this session waits, as far as is known: the table is not looked at until somebody rings. */
  idle: boolean
  work: Promise<void>
  poll: NodeJS.Timeout
}

export interface OutboxDeps {
  readonly fence: Fence
  readonly deps: SessionDeps
  readonly log: Logger
}

type Ring = () => void

/** How long the end of the actor waits for messages that are on their way to the wire. */
const SEND_GRACE_MS = 1_000
const SETTLE_LOOK_MS = 10

export function outboxActor({ fence, deps, log }: OutboxDeps): Behaviour<OutboxMessage, State> {
  const { db, sealer } = deps
  const policy = deps.policy.pace
  const meters = deps.meters ?? NO_METERS

  /** The database is away or the fence is gone: the connection's own guard deals with both; the rows stay as they are. */
  const failed = (error: unknown, what: string): void => {
    if (isUnavailable(error) || error instanceof FencedError) log.warn({ err: error }, what)
    else log.error({ err: error }, what)
  }

  const news = makeNews({ fence, deps, log, failed })

  const pumpOnce = async (state: State, socket: WhatsAppSocket, ring: Ring): Promise<boolean> => {
    state.outdated = false
    // Not known any more until this look has ended well.
    state.idle = false
    await expireTries(state, ring)
    await tend(state)
    const limit = policy.batch + state.inFlight.size
    const lifeMs = deps.policy.orders.noticeLifeMs
    const due = await dueOutbox(db, sealer, fence.session, { now: deps.now(), limit, lifeMs })
    const rows = due.filter((row) => !state.inFlight.has(row.waMessageId)).slice(0, policy.batch)
    state.idle = due.length === 0 && !state.holding && !(await anythingWaits(db, fence.session))
    for (const row of rows) {
      const wait = waitBeforeNext(state.lastSentAt, deps.monotonic(), policy, deps.random())
      if (wait > 0) await sleep(wait, undefined, { signal: state.gone.signal }).catch(() => undefined)
      while (state.socket === socket && state.sending.size >= policy.atOnce)
        await new Promise<void>((resolve) => {
          state.wake = resolve
        })
      if (state.socket !== socket || state.quiet) return false
      if (state.outdated || (state.holding && row.cold)) return true
      state.taking = true
      try {
        if (await markSending(db, fence, row.id, deps.now())) begin(state, socket, row, ring)
      } finally {
        state.taking = false
      }
    }
    return rows.length > 0
  }

  const tend = async (state: State): Promise<void> => {
    if (!state.holding) return
    await news.stored()
    state.holding = false
    if ((await tendHold(db, fence, deps.now())) !== null) state.holding = true
  }

  const begin = (state: State, socket: WhatsAppSocket, row: OutboxRow, ring: Ring): void => {
    const attempt: Try = { row, onWireAt: null }
    state.lastSentAt = deps.monotonic()
    // Before the frame leaves: its acknowledgement may be here before `send` returns.
    state.inFlight.set(row.waMessageId, attempt)
    const sending = sendOne(state, socket, attempt, ring)
      .catch((error: unknown) => {
        // The row still says `sending`: it is sent again.
        if (state.inFlight.get(row.waMessageId) === attempt) state.inFlight.delete(row.waMessageId)
        failed(error, 'a message could not be worked on; trying again')
      })
      .finally(() => {
        state.sending.delete(sending)
        state.wake()
      })
    state.sending.add(sending)
  }

  const sendOne = async (state: State, socket: WhatsAppSocket, attempt: Try, ring: Ring): Promise<void> => {
    const { recipient, waMessageId, id, attempts } = attempt.row
    const content = await contentOf(db, sealer, fence.session, attempt.row)
    if (content === null) return giveUp(state, attempt, 'no-content', ring)
    const outcome = await socket.send({ recipient, waMessageId, content })
    // Acknowledged already, or the connection went away under it.
    if (state.inFlight.get(waMessageId) !== attempt) return
    if (outcome.kind === 'on-the-wire') {
      attempt.onWireAt = deps.monotonic()
      meters.count('outboundMessages', { outcome: 'on-the-wire' })
      log.debug({ outboxId: id, attempts }, 'message is on the wire')
    } else await again(state, attempt, reasonOf(outcome), ring)
  }

  /** Puts a row back for another try under the same id, or gives up and says so. */
  const again = async (state: State, attempt: Try, why: SendProblem, ring: Ring): Promise<void> => {
    const { row } = attempt
    const attempts = row.attempts + 1
    log.warn({ outboxId: row.id, attempts, why }, 'a message was not sent')
    if (attempts < policy.attempts) meters.count('outboundMessages', { outcome: 'retried' })
    try {
      if (attempts >= policy.attempts) await giveUp(state, attempt, why, ring)
      else await retryLater(db, fence, row.id, new Date(deps.now().getTime() + retryDelay(row.attempts, policy)), why)
    } finally {
      // Only now: as long as the row says `sending`, it would be sent once more at once.
      if (state.inFlight.get(row.waMessageId) === attempt) state.inFlight.delete(row.waMessageId)
    }
  }

  /** The next message of its chat may go. */
  const giveUp = async (state: State, attempt: Try, why: SendProblem, ring: Ring): Promise<void> => {
    const { row } = attempt
    meters.count('outboundMessages', { outcome: 'failed' })
    try {
      await markFailed(db, fence, row.id, why)
    } finally {
      if (state.inFlight.get(row.waMessageId) === attempt) state.inFlight.delete(row.waMessageId)
      ring()
    }
  }

  const expireTries = async (state: State, ring: Ring): Promise<void> => {
    const limit = deps.monotonic() - deps.policy.session.sendTimeoutMs
    for (const attempt of [...state.inFlight.values()])
      if (attempt.onWireAt !== null && attempt.onWireAt < limit) await again(state, attempt, 'no-acknowledgement', ring)
  }

  const pump = (state: State, self: { tell: (message: OutboxMessage) => unknown }): void => {
    if (state.pumping || state.quiet || state.socket === null) return
    state.pumping = true
    state.belled = false
    state.work = pumpOnce(state, state.socket, () => void self.tell({ type: 'bell' })).then(
      (more) => void self.tell({ type: 'pumped', more }),
      (error: unknown) => {
        failed(error, 'the outbox could not be worked on; trying again')
        self.tell({ type: 'pumped', more: false })
      },
    )
  }

  /** Waits for what is being sent: its acknowledgement is worth a moment, because without it the next owner sends it again. */
  const settle = async (state: State, limitMs: number): Promise<void> => {
    const deadline = deps.monotonic() + limitMs
    while (state.inFlight.size + state.sending.size + Number(state.taking) > 0 && deps.monotonic() < deadline)
      await sleep(SETTLE_LOOK_MS)
  }

  /** What this connection tried stays `sending` in the table, and the next one sends it again. */
  const leave = (state: State): void => {
    state.socket = null
    state.inFlight.clear()
    state.gone.abort('the connection is gone')
    state.wake()
  }

  const onNews = (state: State, event: News, ring: Ring): void => {
    if (event.type === 'ack') meters.count('outboundMessages', { outcome: event.ok ? 'acknowledged' : 'refused' })
    const ids = event.type === 'ack' ? [event.waMessageId] : event.waMessageIds
    const tries = ids.flatMap((id) => state.inFlight.get(id) ?? [])
    const holds = event.type === 'ack' && news.mayHold(event)
    if (holds) {
      state.holding = true
      state.outdated = true
    }
    void news.store(event).then(() => {
      // Until its status was stored the row still looked as if it were on its way.
      for (const attempt of tries) {
        const id = attempt.row.waMessageId
        if (state.inFlight.get(id) === attempt) state.inFlight.delete(id)
      }
      if (tries.length > 0 || holds) ring()
    })
  }

  return {
    name: 'outbox',
    start({ self }) {
      const state: State = {
        socket: null,
        gone: new AbortController(),
        wake: () => undefined,
        pumping: false,
        quiet: false,
        taking: false,
        belled: false,
        inFlight: new Map(),
        sending: new Set(),
        lastSentAt: null,
        holding: true,
        outdated: false,
        idle: false,
        work: Promise.resolve(),
        poll: setInterval(() => void (state.idle || self.tell({ type: 'bell' })), policy.pollMs),
      }
      return state
    },
    handle(state, message, { self }) {
      switch (message.type) {
        case 'online':
          if (state.socket !== message.socket) {
            leave(state)
            state.gone = new AbortController()
          }
          state.socket = message.socket
          // A look for the connection before this one may be under way: it sends nothing here.
          if (!state.idle || state.pumping) state.belled = true
          if (state.belled) pump(state, self)
          return state
        case 'offline':
          leave(state)
          return state
        case 'bell':
          state.belled = true
          pump(state, self)
          return state
        case 'quiet':
          state.quiet = true
          void settle(state, message.limitMs).then(message.done)
          return state
        case 'pumped':
          state.pumping = false
          if (message.more || state.belled) pump(state, self)
          return state
        case 'news':
          onNews(state, message.event, () => void self.tell({ type: 'bell' }))
          return state
        default:
          return never(message)
      }
    },
    async cleanUp(state) {
      clearInterval(state.poll)
      leave(state)
      await state.work
      await Promise.race([Promise.all(state.sending), sleep(SEND_GRACE_MS, undefined, { ref: false })])
      await news.stored()
    },
  }
}

/** Why a try failed, as it is shown. */
export const SEND_PROBLEMS = [
  'no-recipient',
  'no-acknowledgement',
  'timeout',
  'no-address',
  'upload-failed',
  'send-failed',
  'no-content',
] as const
type SendProblem = (typeof SEND_PROBLEMS)[number]

/** What the library said is for its own log. */
function reasonOf(outcome: Exclude<SendOutcome, { kind: 'on-the-wire' }>): SendProblem {
  if (outcome.kind === 'no-recipient') return 'no-recipient'
  return SEND_PROBLEMS.find((problem) => problem === outcome.reason) ?? 'send-failed'
}
