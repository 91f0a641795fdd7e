// PostgreSQL as the cluster sees it, in virtual time: the port ClusterStore, and fenced transactions which hold a share lock on the lease
// row, so that no claim gets in between. With `forShare` off the fence is only looked at, as a plain WHERE under READ COMMITTED does.

import type { ClusterStore, Member, NodeStatus, Owner } from '../../../src/actors/cluster/store.ts'
import type { Fence, SessionId } from '../../../src/domain/ids.ts'
import { FencedError } from '../../../src/persistence/leases.ts'
import { ask, makeServer, type Server, Unreachable } from './network.ts'
import type { Process, Scheduler } from './scheduler.ts'
import { emptyTables, type Tables } from './tables.ts'

/** As persistence/leases.ts and persistence/orm.ts have them. */
const CLAIM_WAIT_MS = 3_000
const IDLE_TRANSACTION_MS = 30_000
const STATEMENT_TIMEOUT_MS = 15_000
/** The control pool's. */
const CONTROL_TIMEOUT_MS = 1_000
const LATENCY_MS = 6
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

interface Lock {
  readonly process: Process
  readonly session: SessionId
  /** Its client has to say something before it ends. */
  readonly idle: boolean
  open: boolean
}

export function makeDatabase({ scheduler, forShare, reached }: DatabaseOptions): Database {
  const server = makeServer('database', LATENCY_MS)
  const tables = emptyTables()
  const locks = new Set<Lock>()
  const waiting = new Set<() => void>()
  let ahead = 0
  let stallMs = 0

  const now = () => EPOCH_MS + scheduler.now() + ahead

  const unlock = (lock: Lock) => {
    lock.open = false
    if (!locks.delete(lock)) return
    for (const wake of [...waiting]) wake()
  }

  const lock = (process: Process, fence: Fence, idle: boolean): Lock => {
    if (!holds(fence)) throw new FencedError(fence)
    const taken: Lock = { process, session: fence.session, idle, open: true }
    locks.add(taken)
    return taken
  }

  const holds = (fence: Fence) => {
    const row = tables.leases.get(fence.session)
    return row !== undefined && row.owner === fence.owner && row.epoch === fence.epoch
  }

  const locked = (session: SessionId) => forShare && [...locks].some((held) => held.session === session)

  /** Waits until nobody writes for these sessions, but no longer than a claim does. */
  const free = (sessions: readonly SessionId[]): Promise<void> => {
    if (!sessions.some(locked)) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        waiting.delete(look)
        cancel()
        resolve()
      }
      const look = () => {
        if (!sessions.some(locked)) done()
      }
      const cancel = scheduler.after(CLAIM_WAIT_MS, null, done)
      waiting.add(look)
    })
  }

  const commit = <T>(fence: Fence, what: string, body: Body<T>): T => {
    const value = body(tables)
    tables.audit.push({ session: fence.session, epoch: fence.epoch, what, at: scheduler.now() })
    return value
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
        call(true, () => {
          const held = lock(process, fence, false)
          const { promise, resolve, reject } = Promise.withResolvers<ReturnType<typeof body>>()
          const starts = server.starts
          const finish = () => {
            if (!held.open || server.starts !== starts) return reject(new Unreachable('the statement was cut off'))
            resolve(commit(fence, what, body))
            unlock(held)
            reached(process, 'committed')
          }
          const delay = stallMs > 0 ? stallMs : scheduler.random('statement') * 2
          stallMs = 0
          scheduler.after(delay, null, finish)
          return promise
        }),
      async transaction(fence, what, body) {
        const held = await call(false, () => {
          const taken = lock(process, fence, true)
          scheduler.after(IDLE_TRANSACTION_MS, null, () => unlock(taken))
          reached(process, 'locked')
          return taken
        })
        // A server that hears nothing of its client waits for the limit of an idle transaction.
        const abort = () => {
          if (!server.cut.has(process)) unlock(held)
        }
        try {
          return await call(
            true,
            () => {
              if (!held.open) throw new Unreachable('the transaction was ended')
              const value = commit(fence, what, body)
              unlock(held)
              reached(process, 'committed')
              return value
            },
            abort,
          )
        } finally {
          scheduler.after(1, null, abort)
        }
      },
      change: (body) => call(true, () => body(tables)),
      read: (body) => call(false, () => body(tables)),
    }
  }

  const store = (process: Process): ClusterStore => {
    const call = <T>(changes: boolean, run: () => T | Promise<T>, timeoutMs = CONTROL_TIMEOUT_MS) =>
      ask<T>(scheduler, { from: process, to: server, timeoutMs, changes, work: run })
    const alive = (incarnation: string) => tables.nodes.get(incarnation)?.deadAt === null
    const mint = (session: SessionId, owner: string): Fence => {
      tables.epochs += 1n
      tables.leases.set(session, { owner, epoch: tables.epochs })
      tables.audit.push({ session, epoch: tables.epochs, what: 'claim', at: scheduler.now() })
      return { session, owner, epoch: tables.epochs }
    }
    return {
      register: (node, ttlMs) =>
        call(true, () => {
          const member: Member = { ...node, ...IDLE, startedAt: new Date(now()) }
          tables.nodes.set(node.incarnation, { member, expiresAt: now() + ttlMs, deadAt: null })
        }),
      renew: (incarnation, ttlMs, status) =>
        call(true, () => {
          const row = tables.nodes.get(incarnation)
          if (row === undefined || row.deadAt !== null) return false
          row.expiresAt = now() + ttlMs
          row.member = { ...row.member, ...status }
          reached(process, 'renewed')
          return true
        }),
      declareDead: () =>
        call(true, () => {
          const dead = [...tables.nodes].filter(([, row]) => row.deadAt === null && row.expiresAt < now())
          for (const [, row] of dead) row.deadAt = now()
          return dead.map(([incarnation]) => incarnation)
        }),
      markDead: (incarnation) =>
        call(true, () => {
          const row = tables.nodes.get(incarnation)
          if (row !== undefined) row.deadAt ??= now()
        }),
      members: () =>
        call(false, () =>
          [...tables.nodes.values()]
            .filter((row) => row.deadAt === null && row.expiresAt >= now())
            .map(({ member }) => member),
        ),
      orphans: (limit) =>
        call(false, () =>
          [...tables.desired]
            .filter((session) => {
              const owner = tables.leases.get(session)?.owner ?? null
              return owner === null || !alive(owner)
            })
            .slice(0, limit),
        ),
      claim: (sessions, owner) =>
        call(
          true,
          async () => {
            const starts = server.starts
            const wanted = [...new Set(sessions)].sort()
            await free(wanted)
            if (server.starts !== starts) throw new Unreachable('the statement was cut off')
            return wanted.flatMap((session) => {
              const present = tables.leases.get(session)?.owner ?? null
              const takeable = present === null || present === owner || !alive(present)
              return takeable && !locked(session) ? [mint(session, owner)] : []
            })
          },
          STATEMENT_TIMEOUT_MS,
        ),
      transfer: (fence, to) =>
        call(
          true,
          async () => {
            await free([fence.session])
            return holds(fence) && alive(to) && !locked(fence.session) ? mint(fence.session, to) : null
          },
          STATEMENT_TIMEOUT_MS,
        ),
      release: (fence) =>
        call(
          true,
          async () => {
            await free([fence.session])
            const row = tables.leases.get(fence.session)
            if (row !== undefined && holds(fence)) row.owner = null
          },
          STATEMENT_TIMEOUT_MS,
        ),
      ownedAfter: (owner, epoch) =>
        call(false, () =>
          [...tables.leases]
            .filter(([, row]) => row.owner === owner && row.epoch > epoch)
            .map(([session, row]) => ({ session, owner, epoch: row.epoch }))
            .sort((a, b) => (a.epoch < b.epoch ? -1 : 1)),
        ),
      ownerOf: (session) =>
        call(false, (): Owner | null => {
          const row = tables.leases.get(session)
          if (row === undefined || row.owner === null) return null
          const node = tables.nodes.get(row.owner)
          return { incarnation: row.owner, epoch: row.epoch, alive: alive(row.owner), url: node?.member.url ?? null }
        }),
    }
  }

  return {
    server,
    tables,
    now,
    store,
    work,
    hangUp(process) {
      for (const held of [...locks]) if (held.process === process && held.idle) unlock(held)
    },
    restart(downMs, clockAheadMs) {
      server.down = true
      server.starts += 1
      ahead += clockAheadMs
      for (const held of [...locks]) unlock(held)
      scheduler.after(downMs, null, () => {
        server.down = false
      })
    },
    stallNext(ms) {
      stallMs = ms
    },
  }
}

const IDLE: NodeStatus = { draining: false, sessions: 0, loopLagMs: 0, rssMb: 0, leaseSlackMs: 0 }
