// Sends what is stored, in order within each chat, paced for the account. A message is on its way until WhatsApp acknowledged it: the
// next one of its chat waits for that. What was under way when a connection ended is sent again under the same WhatsApp id.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Fence, OutboxId } from '../../domain/ids.ts'
import { never } from '../../domain/result.ts'
import type { Logger } from '../../log.ts'
import { isUnavailable } from '../../persistence/database.ts'
import { FencedError } from '../../persistence/leases.ts'
import {
  advanceStatus,
  dueOutbox,
  markFailed,
  markSending,
  type OutboxRow,
  retryLater,
} from '../../persistence/outbox.ts'
import type { Behaviour } from '../nact.ts'
import type { SessionDeps } from '../session/deps.ts'
import type { SocketEvent, WhatsAppSocket } from '../whatsapp/socket.ts'
import { retryDelay, waitBeforeNext } from './pace.ts'

export type OutboxMessage =
  | { readonly type: 'bell' }
  | { readonly type: 'online'; readonly socket: WhatsAppSocket }
  | { readonly type: 'offline' }
  | { readonly type: 'news'; readonly event: Extract<SocketEvent, { type: 'ack' | 'receipt' }> }
  /** One look at the table is over. */
  | { readonly type: 'pumped'; readonly more: boolean }

interface InFlight {
  readonly row: OutboxRow
  /** Monotonic ms. */
  readonly sentAt: number
}

interface State {
  socket: WhatsAppSocket | null
  pumping: boolean
  belled: boolean
  /** On the wire of this connection and not acknowledged yet, by WhatsApp id. */
  readonly inFlight: Map<string, InFlight>
  lastSentAt: number | null
  /** Statuses are written one after the other, in the order they arrived. */
  writing: Promise<void>
  work: Promise<void>
  poll: NodeJS.Timeout
}

export interface OutboxDeps {
  readonly fence: Fence
  readonly deps: SessionDeps
  readonly log: Logger
}

export function outboxActor({ fence, deps, log }: OutboxDeps): Behaviour<OutboxMessage, State> {
  const { db, sealer } = deps
  const policy = deps.policy.pace

  const pumpOnce = async (state: State, socket: WhatsAppSocket): Promise<boolean> => {
    await expireInFlight(state)
    const due = await dueOutbox(db, sealer, fence.session, deps.now(), policy.batch + state.inFlight.size)
    const rows = due.filter((row) => !state.inFlight.has(row.waMessageId)).slice(0, policy.batch)
    for (const row of rows) {
      const wait = waitBeforeNext(state.lastSentAt, deps.monotonic(), policy, deps.random())
      if (wait > 0) await sleep(wait)
      if (state.socket !== socket) return false
      await sendOne(state, socket, row)
    }
    return rows.length > 0
  }

  const sendOne = async (state: State, socket: WhatsAppSocket, row: OutboxRow): Promise<void> => {
    if (!(await markSending(db, fence, row.id, deps.now()))) return
    // Before the frame leaves: its acknowledgement may be here before `send` returns.
    state.inFlight.set(row.waMessageId, { row, sentAt: deps.monotonic() })
    const { recipient, waMessageId, content } = row
    const outcome = await socket.send({ recipient, waMessageId, content })
    state.lastSentAt = deps.monotonic()
    switch (outcome.kind) {
      case 'on-the-wire':
        log.debug({ outboxId: row.id, attempts: row.attempts }, 'message is on the wire')
        return
      case 'no-recipient':
        return again(state, row, 'no-recipient')
      case 'failed':
        return again(state, row, outcome.reason)
      default:
        return never(outcome)
    }
  }

  /** Puts a row back for another try under the same id, or gives up and says so. */
  const again = async (state: State, row: OutboxRow, why: string): Promise<void> => {
    state.inFlight.delete(row.waMessageId)
    const attempts = row.attempts + 1
    log.warn({ outboxId: row.id, attempts, why }, 'a message was not sent')
    if (attempts >= policy.attempts) return markFailed(db, fence, row.id, why)
    await retryLater(db, fence, row.id, new Date(deps.now().getTime() + retryDelay(row.attempts, policy)), why)
  }

  const expireInFlight = async (state: State): Promise<void> => {
    const limit = deps.monotonic() - deps.policy.session.sendTimeoutMs
    for (const { row, sentAt } of [...state.inFlight.values()])
      if (sentAt < limit) await again(state, row, 'no-acknowledgement')
  }

  const pump = (state: State, self: { tell: (message: OutboxMessage) => unknown }): void => {
    if (state.pumping || state.socket === null) return
    state.pumping = true
    state.belled = false
    const socket = state.socket
    state.work = pumpOnce(state, socket).then(
      (more) => void self.tell({ type: 'pumped', more }),
      (error: unknown) => {
        failed(error, 'the outbox could not be worked on; trying again')
        self.tell({ type: 'pumped', more: false })
      },
    )
  }

  /** The database is away or the fence is gone: the connection's own guard deals with both; the rows stay as they are. */
  const failed = (error: unknown, what: string): void => {
    if (isUnavailable(error) || error instanceof FencedError) log.warn({ err: error }, what)
    else log.error({ err: error }, what)
  }

  const write = (
    state: State,
    ids: readonly string[],
    status: 'sent' | 'delivered' | 'read' | 'failed',
    error?: string,
  ) => {
    state.writing = state.writing.then(async () => {
      for (const id of ids)
        try {
          await advanceStatus(db, fence, id, status, error)
        } catch (problem) {
          failed(problem, 'a status could not be stored')
        }
    })
    return state.writing
  }

  const idOf = (state: State, waMessageId: string): OutboxId | null => state.inFlight.get(waMessageId)?.row.id ?? null

  const onNews = (state: State, event: Extract<OutboxMessage, { type: 'news' }>['event'], ring: () => void): void => {
    if (event.type === 'receipt') {
      void write(state, event.waMessageIds, event.status)
      return
    }
    const { waMessageId } = event
    const outboxId = idOf(state, waMessageId)
    if (!event.ok) log.warn({ outboxId, code: event.error }, 'WhatsApp refused a message')
    const stored = event.ok
      ? write(state, [waMessageId], 'sent')
      : write(state, [waMessageId], 'failed', `whatsapp-${event.error}`)
    // Until the status is stored the row still looks as if it were on its way.
    void stored.then(() => {
      state.inFlight.delete(waMessageId)
      ring()
    })
  }

  return {
    name: 'outbox',
    start: ({ self }) => ({
      socket: null,
      pumping: false,
      belled: false,
      inFlight: new Map(),
      lastSentAt: null,
      writing: Promise.resolve(),
      work: Promise.resolve(),
      poll: setInterval(() => void self.tell({ type: 'bell' }), policy.pollMs),
    }),
    handle(state, message, { self }) {
      switch (message.type) {
        case 'online':
          state.socket = message.socket
          // Whatever the last connection left unanswered goes again, under its own id.
          state.inFlight.clear()
          pump(state, self)
          return state
        case 'offline':
          state.socket = null
          return state
        case 'bell':
          state.belled = true
          pump(state, self)
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
      state.socket = null
      await state.work
      await state.writing
    },
  }
}
