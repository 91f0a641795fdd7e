// Works the journal off, oldest first: at the start what a crash left, then whatever the doorbell announces. Of a chat one message at a time, of
// several chats some at once. What a message means and does is process.ts; this file keeps the order and tries again when the database was away.

import type { Translated } from '../../domain/conversation/message.ts'
import { identitiesOf } from '../../domain/identity.ts'
import type { Fence } from '../../domain/ids.ts'
import { never } from '../../domain/result.ts'
import type { Logger } from '../../log.ts'
import { NO_METERS } from '../../meters.ts'
import { isUnavailable } from '../../persistence/database.ts'
import { type InboxRow, nextInbox } from '../../persistence/inbox.ts'
import { FencedError } from '../../persistence/leases.ts'
import { makeGate } from '../gate.ts'
import { inTurns } from '../in-turns.ts'
import type { Behaviour } from '../nact.ts'
import type { SessionDeps } from '../session/deps.ts'
import { loadTranslate } from '../whatsapp/late.ts'
import { type ProcessOutcome, processInbound } from './process.ts'

type Translate = Awaited<ReturnType<typeof loadTranslate>>

const BATCH = 50
const RETRY_MS = 1_000
/** A message that cannot be processed is tried again ever more rarely, and never stands in the way of the others. */
const LONGEST_RETRY_MS = 300_000

export type InboxMessage =
  | { readonly type: 'bell' }
  | { readonly type: 'drained'; readonly more: boolean }
  | { readonly type: 'away' }

interface Work {
  readonly row: InboxRow
  /** Every name its chat has in this message. */
  readonly chats: readonly string[]
  readonly process: () => Promise<ProcessOutcome>
}

interface Trouble {
  readonly attempts: number
  /** Monotonic ms. */
  readonly until: number
}

interface State {
  draining: boolean
  belled: boolean
  readonly stopping: AbortController
  work: Promise<void>
  timer: NodeJS.Timeout | null
  /** Messages that failed for a reason of ours, by inbox id. */
  readonly troubled: Map<string, Trouble>
}

export interface InboxDeps {
  readonly fence: Fence
  readonly deps: SessionDeps
  readonly log: Logger
  /** Who we are on WhatsApp at this moment. */
  readonly account: () => { readonly phone: string | null; readonly lid: string | null; readonly name: string }
  /** A reply was put into the outbox. */
  readonly replied: () => void
}

export function inboxActor(options: InboxDeps): Behaviour<InboxMessage, State> {
  const { fence, deps, log } = options
  const meters = deps.meters ?? NO_METERS
  const chatsAtOnce = makeGate(deps.policy.session.chatsAtOnce)

  const drain = async (state: State): Promise<boolean> => {
    const rows = await nextInbox(deps.db, deps.sealer, fence.session, BATCH + state.troubled.size)
    const now = deps.monotonic()
    const ready = rows.filter((row) => (state.troubled.get(row.id)?.until ?? 0) <= now).slice(0, BATCH)
    const translate = await loadTranslate()
    const work = ready.map((row) => workOf(row, translate))
    await inTurns(
      work,
      ({ chats }) => chats,
      (each) => inside(state, () => processOne(state, each)),
    )
    return ready.length === BATCH && !state.stopping.signal.aborted
  }

  const workOf = (row: InboxRow, translate: Translate): Work => {
    try {
      const translated = translate(row.payload, options.account())
      const process = () => processInbound(deps, fence, row, translated, deps.now(), options.account())
      return { row, chats: chatsOf(translated), process }
    } catch (error) {
      return { row, chats: [], process: () => Promise.reject(error) }
    }
  }

  /** Nothing is begun any more when the session is coming down. */
  const inside = async (state: State, work: () => Promise<void>): Promise<void> => {
    const { signal } = state.stopping
    const leaves = [await chatsAtOnce.enter(signal), await deps.processing.enter(signal)]
    try {
      if (!leaves.includes(null)) await work()
    } finally {
      for (const leave of leaves) leave?.()
    }
  }

  const processOne = async (state: State, { row, process }: Work): Promise<void> => {
    try {
      const outcome = await process()
      state.troubled.delete(row.id)
      meters.count('inboundMessages', { outcome: outcome.kind })
      log.debug({ inboxId: row.id, outcome: outcome.kind, ...idsOf(outcome) }, 'message processed')
      if ('error' in outcome)
        log.error({ err: outcome.error, inboxId: row.id }, 'the bot could not decide: the message is left to a person')
      if ('replied' in outcome && outcome.replied) options.replied()
    } catch (error) {
      if (isUnavailable(error) || error instanceof FencedError) throw error
      meters.count('inboundMessages', { outcome: 'failed' })
      const attempts = (state.troubled.get(row.id)?.attempts ?? 0) + 1
      const delay = Math.min(LONGEST_RETRY_MS, RETRY_MS * 2 ** attempts)
      state.troubled.set(row.id, { attempts, until: deps.monotonic() + delay })
      log.error(
        { err: error, inboxId: row.id, attempts, retryMs: delay },
        'a message could not be processed; it is kept',
      )
    }
  }

  const start = (state: State, self: { tell: (message: InboxMessage) => unknown }): void => {
    if (state.draining) return
    state.draining = true
    state.belled = false
    state.work = drain(state).then(
      (more) => void self.tell({ type: 'drained', more }),
      (error: unknown) => {
        log.warn({ err: error }, 'the inbox could not be worked on; trying again')
        self.tell({ type: 'away' })
      },
    )
  }

  const ringLater = (state: State, self: { tell: (message: InboxMessage) => unknown }, ms: number): void => {
    if (state.timer !== null) clearTimeout(state.timer)
    state.timer = setTimeout(() => void self.tell({ type: 'bell' }), ms)
  }

  return {
    name: 'inbox',
    start: () => ({
      draining: false,
      belled: false,
      stopping: new AbortController(),
      work: Promise.resolve(),
      timer: null,
      troubled: new Map(),
    }),
    handle(state, message, { self }) {
      switch (message.type) {
        case 'bell':
          state.belled = true
          start(state, self)
          return state
        case 'drained':
          state.draining = false
          if (message.more || state.belled) start(state, self)
          else if (state.troubled.size > 0) ringLater(state, self, RETRY_MS)
          return state
        case 'away':
          state.draining = false
          ringLater(state, self, RETRY_MS)
          return state
        default:
          return never(message)
      }
    },
    async cleanUp(state) {
      state.stopping.abort()
      if (state.timer !== null) clearTimeout(state.timer)
      await state.work
    },
  }
}

function chatsOf(translated: Translated): readonly string[] {
  if (translated.kind === 'ignored') return []
  return identitiesOf(translated.message.chat).map(({ kind, value }) => `${kind}:${value}`)
}

function idsOf(outcome: object): object {
  const { conversationId, messageId, orderId, command, reason } = outcome as Record<string, unknown>
  return { conversationId, messageId, orderId, command, reason }
}
