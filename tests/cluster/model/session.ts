// A session of a simulated node: the real session machine over a simulated connection, the inbox that turns the journal into orders, and
// the outbox that sends in order per chat. Stands in for the actors, with their order of work.

import type { NodeLease } from '../../../src/actors/cluster/lease.ts'
import { makeGuard } from '../../../src/actors/session/ownership.ts'
import type { Fence } from '../../../src/domain/ids.ts'
import { FENCED } from '../../../src/domain/session/disconnect.ts'
import { step } from '../../../src/domain/session/machine.ts'
import { asleep, type Effect, type MachinePolicy, type SessionEvent } from '../../../src/domain/session/state.ts'
import type { Logger } from '../../../src/log.ts'
import { NO_METERS } from '../../../src/meters.ts'
import { type ConnectionDeps, type Live, openConnection } from './connection.ts'
import type { Work } from './database.ts'
import type { Switches } from './switches.ts'
import type { OutboxRow, Tables } from './tables.ts'
import { clearInterval, setInterval, setTimeout } from './timers.ts'
import type { Stanza } from './whatsapp.ts'

export interface SessionDeps {
  readonly fence: Fence
  readonly lease: NodeLease
  readonly work: Work
  readonly switches: Switches
  readonly log: Logger
  readonly now: () => Date
  readonly random: () => number
  readonly connect: ConnectionDeps['connect']
  readonly frame: ConnectionDeps['frame']
  /** A socket was opened or is gone. */
  readonly sockets: (change: 1 | -1) => void
  /** It has no business here any more: another owner has it, or the lease ran out. */
  readonly left: () => void
}

export interface Session {
  readonly fence: Fence
  isOpen(): boolean
  ring(): void
  fenced(cause: string): void
  /** Sends nothing new, and waits for what is being sent. */
  quiet(limitMs: number): Promise<void>
  /** Ends the connection, then resolves when nothing is under way any more. */
  stop(): Promise<void>
}

const POLICY: MachinePolicy = {
  firstDelayMs: 1_000,
  longestDelayMs: 5_000,
  quickAttempts: 10,
  slowRetryMs: 10_000,
  qrTimeoutMs: 60_000,
  codeTimeoutMs: 60_000,
  stableMs: 10_000,
  conflictRetryMs: 5_000,
  conflictWindowMs: 60_000,
}
const ACCOUNT = { phone: '+4930100000', lid: null, pushName: null }
const POLL_MS = 2_000
const ACKNOWLEDGED_WITHIN_MS = 8_000

export function startSession(deps: SessionDeps): Session {
  const { fence, work, switches } = deps
  const guard = makeGuard(deps.lease, deps.log, NO_METERS)
  const inFlight = new Map<string, OutboxRow>()
  const busy = new Set<Promise<unknown>>()
  let state = asleep(deps.now())
  let live: Live | null = null
  let stopped = false
  let quietly = false
  let pumping = false
  let again = false

  const track = <T>(task: Promise<T>): Promise<T> => {
    const settled = task.catch(() => undefined).finally(() => busy.delete(settled))
    busy.add(settled)
    return task
  }

  const tell = (event: SessionEvent) => {
    if (stopped) return
    const next = step(state, event, POLICY, deps.now(), deps.random())
    state = next.state
    for (const effect of next.effects) carryOut(effect)
  }

  const carryOut = (effect: Effect) => {
    switch (effect.kind) {
      case 'open':
        return open(effect.generation)
      case 'close':
        return void live?.end()
      case 'wait':
        return void setTimeout(() => tell({ type: 'timer', generation: effect.generation }), effect.delayMs)
      // A new epoch is for a new actor.
      case 'reclaim':
      case 'leave':
        return deps.left()
      default:
        return undefined
    }
  }

  const open = (generation: number) => {
    if (!guard.valid()) return tell({ type: 'socket.closed', generation, code: FENCED })
    deps.sockets(1)
    live = openConnection({
      fence,
      guard,
      work,
      switches,
      connect: deps.connect,
      frame: deps.frame,
      random: deps.random,
      opened() {
        tell({ type: 'socket.opened', generation, account: ACCOUNT })
        ring()
      },
      closed(code) {
        deps.sockets(-1)
        live = null
        inFlight.clear()
        tell({ type: 'socket.closed', generation, code })
      },
      journaled: () => ring(),
      unjournaled: (stanza) => void track(handOn(stanza)).catch(() => undefined),
      acknowledged: (id) => void track(sent(id)).catch(() => undefined),
    })
  }

  /** Without a journal: the message is in memory, and its order comes when it comes. */
  const handOn = (stanza: Stanza) =>
    work.transaction(fence, 'order', (tables) => {
      const source = `${stanza.chat}|${stanza.message}`
      placeOrder(tables, source, 0)
    })

  const placeOrder = ({ orders, outbox }: Tables, source: string, inboxId: number) => {
    const { session } = fence
    if (switches.uniqueOrder && orders.some((order) => order.session === session && order.source === source)) return
    orders.push({ session, source, inboxId })
    const id = outbox.length + 1
    outbox.push({
      id,
      session,
      chat: source.split('|')[0] ?? '',
      idem: `reply:${source}:${inboxId}`,
      waMessageId: `W${id}`,
      state: 'queued',
    })
  }

  const sent = async (waMessageId: string) => {
    const row = inFlight.get(waMessageId) ?? [...inFlight.values()][0]
    if (row === undefined) return
    await work.write(fence, 'sent', () => {
      row.state = 'sent'
    })
    inFlight.delete(row.waMessageId)
    ring()
  }

  const inbox = async () => {
    const rows = await work.read((tables) =>
      tables.inbox.filter((row) => row.session === fence.session && row.state === 'new'),
    )
    for (const row of rows)
      await work.transaction(fence, 'order', (tables) => {
        if (row.state !== 'new') return
        row.state = 'done'
        placeOrder(tables, row.source, row.id)
      })
  }

  const outbox = async () => {
    const rows = await work.read((tables) =>
      tables.outbox.filter((row) => row.session === fence.session && row.state !== 'sent'),
    )
    const chats = new Set([...inFlight.values()].map(({ chat }) => chat))
    for (const row of rows) {
      const connection = live
      if (quietly || stopped || connection === null || state.phase.name !== 'open') return
      if (chats.has(row.chat)) continue
      chats.add(row.chat)
      inFlight.set(row.waMessageId, row)
      try {
        await work.transaction(fence, 'sending', () => {
          row.state = 'sending'
        })
        await connection.send(row)
      } catch (error) {
        inFlight.delete(row.waMessageId)
        throw error
      }
      setTimeout(() => {
        if (live === connection && inFlight.get(row.waMessageId) === row) inFlight.delete(row.waMessageId)
      }, ACKNOWLEDGED_WITHIN_MS)
    }
  }

  const ring = () => {
    if (stopped) return
    again = true
    if (pumping) return
    pumping = true
    void track(pump())
  }
  const pump = async () => {
    while (again && !stopped) {
      again = false
      await inbox().catch(() => undefined)
      await outbox().catch(() => undefined)
    }
    pumping = false
  }
  const poll = setInterval(ring, POLL_MS)

  tell({ type: 'resume', linked: true, handed: false })

  return {
    fence,
    isOpen: () => state.phase.name === 'open',
    ring,
    fenced: (cause) => guard.fence(cause),
    async quiet(limitMs) {
      quietly = true
      let over = false
      setTimeout(() => {
        over = true
      }, limitMs)
      while (inFlight.size > 0 && !over) await new Promise<void>((resolve) => void setTimeout(resolve, 50))
    },
    async stop() {
      stopped = true
      clearInterval(poll)
      await live?.end()
      while (busy.size > 0) await Promise.allSettled(busy)
    },
  }
}
