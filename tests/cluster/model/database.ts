// PostgreSQL in virtual time: the in-memory twin of the store (which answers to the same contract tests as the real one), reached over a
// network, with fenced transactions that take their time, idle, are cut off and leave their outcome unknown. With `forShare` off the fence
// is only looked at, as a plain WHERE under READ COMMITTED does.

import type { ClusterStore } from '../../../src/actors/cluster/store.ts'
import type { Fence, SessionId } from '../../../src/domain/ids.ts'
import { memoryStore } from '../../support/memory-store.ts'
import { ask, makeServer, type Server, Unreachable } from './network.ts'
import type { Process, Scheduler } from './scheduler.ts'
import { emptyTables, type Tables } from './tables.ts'

/** As persistence/orm.ts has them. */
const IDLE_TRANSACTION_MS = 30_000
const STATEMENT_TIMEOUT_MS = 15_000
/** The control pool's. */
const CONTROL_TIMEOUT_MS = 1_000
const LATENCY_MS = 6
/** At the server, at most. */
const STATEMENT_MS = 2
/** The clock of the database, at true time 0. */
const EPOCH_MS = 1_700_000_000_000

/** A write within a transaction. All of it happens at commit. */
export type Body<T> = (tables: Tables) => T

export interface Work {
  /** One statement behind the fence: the auth state, the journal. */
  write<T>(fence: Fence, what: string, body: Body<T>): Promise<T>
  /** Lock, think, commit: two round trips with the process in between. */
  transaction<T>(fence: Fence, what: string, body: Body<T>): Promise<T>
  /** Without a fence: a request that is stored by whoever took it. */
  change<T>(body: Body<T>): Promise<T>
  read<T>(body: Body<T>): Promise<T>
}

export interface Database {
  readonly server: Server
  readonly tables: Tables
  now(): number
  store(process: Process): ClusterStore
  work(process: Process): Work
  /** This session should be connected. */
  want(session: SessionId): void
  owner(session: SessionId): { readonly owner: string; readonly epoch: bigint } | null
  /** Whoever started the process saw it end. */
  proveDead(incarnation: string): Promise<void>
  /** Every connection and transaction of a process that was killed ends. */
  hangUp(process: Process): void
  /** Goes away for so long; the one that comes back has a clock that is so much ahead. */
  restart(downMs: number, clockAheadMs: number): void
  /** The next fenced statement takes so long at the server, holding its lock. */
  stallNext(ms: number): void
}

export interface DatabaseOptions {
  readonly scheduler: Scheduler
  readonly forShare: boolean
  /** Reached by a process between two steps of a fenced write. */
  readonly reached: (process: Process, point: 'renewed' | 'locked' | 'committed') => void
}

/** A fenced write at the server. While it is open no claim of its session succeeds. */
interface Write {
  readonly process: Process
  /** Its client has to say something before it ends. */
  readonly idle: boolean
  /** Ends it, with what is to be done at commit, or without anything. */
  end(commit: (() => void) | null): void
}

export function makeDatabase({ scheduler, forShare, reached }: DatabaseOptions): Database {
  const server = makeServer('database', LATENCY_MS)
  const tables = emptyTables()
  const writes = new Set<Write>()
  let ahead = 0
  let stallMs = 0

  const now = () => EPOCH_MS + scheduler.now() + ahead
  const twin = memoryStore({
    now,
    sleep: (ms) => new Promise((resolve) => void scheduler.after(ms, null, resolve)),
    ...(forShare ? {} : { without: 'share-lock' as const }),
  })

  const note = ({ session, epoch }: Fence, what: string) =>
    void tables.audit.push({ session, epoch, what, at: scheduler.now() })

  /** Locks the fence and holds it until the write is ended. @returns once it is locked. @throws FencedError */
  const begin = (process: Process, fence: Fence, idle: boolean): Promise<Write> => {
    const begun = Promise.withResolvers<Write>()
    const over = Promise.withResolvers<(() => void) | null>()
    const write: Write = {
      process,
      idle,
      end(commit) {
        writes.delete(write)
        over.resolve(commit)
      },
    }
    const work = async () => {
      writes.add(write)
      begun.resolve(write)
      const commit = await over.promise
      commit?.()
    }
    twin.write(fence, work).catch(begun.reject)
    return begun.promise
  }

  /** Commits a write that is still open. */
  const commit = <T>(write: Write, fence: Fence, what: string, body: Body<T>): Promise<T> => {
    if (!writes.has(write)) return Promise.reject(new Unreachable('the transaction was ended'))
    const { process } = write
    return new Promise((resolve) => {
      write.end(() => {
        note(fence, what)
        resolve(body(tables))
        reached(process, 'committed')
      })
    })
  }

  const work = (process: Process): Work => {
    const call = <T>(changes: boolean, run: () => T | Promise<T>, abandoned?: () => void) =>
      ask<T>(scheduler, {
        from: process,
        to: server,
        timeoutMs: STATEMENT_TIMEOUT_MS,
        changes,
        work: run,
        ...(abandoned === undefined ? {} : { abandoned }),
      })
    return {
      write: (fence, what, body) =>
        call(true, async () => {
          const write = await begin(process, fence, false)
          const delay = stallMs > 0 ? stallMs : scheduler.random('statement') * STATEMENT_MS
          stallMs = 0
          await new Promise<void>((resolve) => void scheduler.after(delay, null, resolve))
          return commit(write, fence, what, body)
        }),
      async transaction(fence, what, body) {
        const write = await call(false, async () => {
          const begun = await begin(process, fence, true)
          scheduler.after(IDLE_TRANSACTION_MS, null, () => begun.end(null))
          reached(process, 'locked')
          return begun
        })
        // A server that hears nothing of its client waits for the limit of an idle transaction.
        const abort = () => {
          if (!server.cut.has(process)) write.end(null)
        }
        try {
          return await call(true, () => commit(write, fence, what, body), abort)
        } finally {
          scheduler.after(1, null, abort)
        }
      },
      change: (body) => call(true, () => body(tables)),
      read: (body) => call(false, () => body(tables)),
    }
  }

  /** The rows of nodes as the invariants read them: what the twin was told, and answered. */
  const seen = (incarnation: string, ttlMs: number) => {
    const row = tables.nodes.get(incarnation)
    tables.nodes.set(incarnation, { expiresAt: now() + ttlMs, dead: row?.dead ?? false })
  }
  const buried = (incarnations: readonly string[]) => {
    for (const incarnation of incarnations) {
      const row = tables.nodes.get(incarnation)
      if (row !== undefined) row.dead = true
    }
  }

  const store = (process: Process): ClusterStore => {
    const call = <T>(changes: boolean, timeoutMs: number, work: () => Promise<T>) =>
      ask<T>(scheduler, { from: process, to: server, timeoutMs, changes, work })
    const taken = (fences: readonly Fence[]) => {
      for (const fence of fences) note(fence, 'claim')
    }
    return {
      register: (node, ttlMs) =>
        call(true, CONTROL_TIMEOUT_MS, async () => {
          await twin.register(node, ttlMs)
          seen(node.incarnation, ttlMs)
        }),
      renew: (incarnation, ttlMs, status) =>
        call(true, CONTROL_TIMEOUT_MS, async () => {
          const time = await twin.renew(incarnation, ttlMs, status)
          if (time !== null) seen(incarnation, ttlMs)
          reached(process, 'renewed')
          return time
        }),
      declareDead: (notAfter) =>
        call(true, CONTROL_TIMEOUT_MS, async () => {
          const dead = await twin.declareDead(notAfter)
          buried(dead)
          return dead
        }),
      markDead: (incarnation) =>
        call(true, CONTROL_TIMEOUT_MS, async () => {
          await twin.markDead(incarnation)
          buried([incarnation])
        }),
      members: () => call(false, CONTROL_TIMEOUT_MS, twin.members),
      orphans: (limit) => call(false, CONTROL_TIMEOUT_MS, () => twin.orphans(limit)),
      claim: (sessions, owner) =>
        call(true, STATEMENT_TIMEOUT_MS, async () => {
          const fences = await twin.claim(sessions, owner)
          taken(fences)
          return fences
        }),
      transfer: (fence, to) =>
        call(true, STATEMENT_TIMEOUT_MS, async () => {
          const given = await twin.transfer(fence, to)
          if (given !== null) taken([given])
          return given
        }),
      release: (fence) => call(true, STATEMENT_TIMEOUT_MS, () => twin.release(fence)),
      ownedAfter: (owner, epoch) =>
        call(false, CONTROL_TIMEOUT_MS, async () =>
          [...twin.owners()]
            .filter(([, lease]) => lease.owner === owner && lease.epoch > epoch)
            .map(([session, lease]) => ({ session, owner, epoch: lease.epoch }))
            .sort((a, b) => (a.epoch < b.epoch ? -1 : 1)),
        ),
      ownerOf: (session) => call(false, CONTROL_TIMEOUT_MS, () => twin.ownerOf(session)),
    }
  }

  return {
    server,
    tables,
    now,
    store,
    work,
    want: (session) => twin.want(session, { desired: 'connected' }),
    owner: (session) => twin.owners().get(session) ?? null,
    async proveDead(incarnation) {
      buried([incarnation])
      await twin.markDead(incarnation)
    },
    hangUp(process) {
      for (const write of [...writes]) if (write.process === process && write.idle) write.end(null)
    },
    restart(downMs, clockAheadMs) {
      server.down = true
      server.starts += 1
      ahead += clockAheadMs
      for (const write of [...writes]) write.end(null)
      scheduler.after(downMs, null, () => {
        server.down = false
      })
    },
    stallNext(ms) {
      stallMs = ms
    },
  }
}
