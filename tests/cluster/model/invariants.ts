// What must hold whatever befalls the cluster: I1 to I11 of the design, each checked at the moment it can break or, where it is about the
// end, once everything has become quiet.

import type { Fence, SessionId } from '../../../src/domain/ids.ts'
import type { Database } from './database.ts'
import type { Node } from './node.ts'
import type { Login, Stanza, WhatsApp } from './whatsapp.ts'

export interface Violation {
  readonly invariant: string
  readonly says: string
  /** True time, ms. */
  readonly at: number
}

export interface Invariants {
  /** The first that broke; the run is over then. */
  broken(): Violation | null
  report(invariant: string, says: string): void
  login(login: Login): void
  frame(
    node: Node,
    fence: Fence,
    direction: 'in' | 'out',
    what: string,
    row: number | null,
    waMessageId: string | null,
  ): void
  socket(node: Node, session: SessionId, open: number): void
  receipt(session: SessionId, stanza: Stanza): void
  shown(session: SessionId, chat: string, row: number): void
  /** A customer wrote. */
  wrote(session: SessionId, chat: string, message: string): void
  /** A request was answered with 202. */
  accepted(row: number, key: string): void
  /** The clock of the database was set ahead: its times say nothing of leases any more. */
  clockJumped(): void
  /** Null when all is settled; else what is not, for I9. */
  unsettled(nodes: readonly Node[]): string | null
  /** The end: I2, I4, I5, I6. */
  finish(): void
}

export function makeInvariants(
  sessions: readonly SessionId[],
  database: Database,
  whatsapp: () => WhatsApp,
  now: () => number,
): Invariants {
  const { tables } = database
  const logins = new Map<SessionId, bigint>()
  const written = new Set<string>()
  const accepted = new Set<number>()
  const keys = new Map<string, number>()
  const shown = new Map<number, number>()
  const lastShown = new Map<string, number>()
  const sentUnder = new Map<number, { readonly ids: Set<string>; epoch: bigint }>()
  let first: Violation | null = null
  let jumped = false

  const report = (invariant: string, says: string) => {
    first ??= { invariant, says, at: now() }
  }

  const ordersOf = (source: string) =>
    tables.orders.filter((order) => `${order.session}|${order.source}` === source).length

  return {
    broken: () => first,
    report,
    login({ session, epoch, process }) {
      const before = logins.get(session) ?? 0n
      if (epoch < before) report('I1', `${process.name} logs in to ${session} under ${epoch}, after ${before}`)
      else logins.set(session, epoch)
    },
    frame(node, fence, direction, what, row, waMessageId) {
      const { name } = node.process
      const lease = database.owner(fence.session)
      const owner = tables.nodes.get(fence.owner)
      const frame = `${name} ${direction === 'in' ? 'takes in' : 'sends'} a frame (${what}) for ${fence.session} under ${fence.epoch}`
      if (lease === null || lease.epoch !== fence.epoch || lease.owner !== fence.owner)
        report('I1', `${frame}, which is owned by ${lease?.owner} under ${lease?.epoch}`)
      if (owner === undefined || owner.dead) report('I8', `${frame}, and was declared dead before`)
      else if (!jumped && owner.expiresAt <= database.now()) report('I8', `${frame}, and its lease has run out`)
      if (row === null || waMessageId === null) return
      const known = sentUnder.get(row) ?? { ids: new Set<string>(), epoch: fence.epoch }
      sentUnder.set(row, known)
      known.ids.add(waMessageId)
      if (known.ids.size > 1) report('I7', `message ${row} is sent as ${[...known.ids].join(' and ')}`)
      if (fence.epoch < known.epoch) report('I7', `message ${row} is sent under ${fence.epoch} after ${known.epoch}`)
      known.epoch = fence.epoch
    },
    socket(node, session, open) {
      if (open > 1) report('I11', `${node.process.name} has ${open} connections for ${session}`)
    },
    receipt(session, { hash, message }) {
      if (!tables.inbox.some((row) => row.session === session && row.hash === hash))
        report('I4', `${session}: ${message} was acknowledged and is not in the journal`)
    },
    shown(session, chat, row) {
      const place = `${session}|${chat}`
      const times = (shown.get(row) ?? 0) + 1
      shown.set(row, times)
      if (times > 1) report('I6', `message ${row} is shown ${times} times in ${place}`)
      else if (row < (lastShown.get(place) ?? 0))
        report('I6', `message ${row} is shown after ${lastShown.get(place)} in ${place}`)
      lastShown.set(place, Math.max(row, lastShown.get(place) ?? 0))
    },
    wrote: (session, chat, message) => void written.add(`${session}|${chat}|${message}`),
    accepted(row, key) {
      const before = keys.get(key) ?? row
      if (before !== row) report('I6', `one request (${key}) is stored as message ${before} and ${row}`)
      keys.set(key, row)
      accepted.add(row)
    },
    clockJumped() {
      jumped = true
    },
    unsettled(nodes) {
      for (const session of sessions) {
        const lease = database.owner(session)
        const owners = nodes.filter((node) => node.sessions.get(session)?.isOpen() === true)
        if (owners.length !== 1) return `${session} is open on ${owners.length} nodes`
        if (owners[0]?.sessions.get(session)?.fence.epoch !== lease?.epoch)
          return `${session} is open under an old epoch`
        if (whatsapp().online(session) === null) return `${session} is not connected`
        if (whatsapp().waiting(session) > 0) return `${session} has not taken in what waits for it`
      }
      if (tables.inbox.some(({ state }) => state === 'new')) return 'the journal is not worked off'
      const unsent = tables.outbox.find(({ state }) => state !== 'sent')
      return unsent === undefined ? null : `message ${unsent.id} is ${unsent.state}`
    },
    finish() {
      const epochs = new Map<SessionId, bigint>()
      for (const { session, epoch, what } of tables.audit) {
        const before = epochs.get(session) ?? 0n
        if (epoch < before)
          report('I2', `a write (${what}) for ${session} under ${epoch} commits after one under ${before}`)
        epochs.set(session, epoch)
      }
      for (const source of written) {
        const orders = ordersOf(source)
        if (orders === 0) report('I4', `the order ${source} is lost`)
        if (orders > 1) report('I5', `the order ${source} is placed ${orders} times`)
      }
      for (const row of accepted)
        if (shown.get(row) !== 1) report('I6', `message ${row} was accepted and never arrived`)
    },
  }
}
