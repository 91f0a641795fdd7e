// The in-memory twin of the cluster's store: the same answers as PostgreSQL, with row locks that wait as PostgreSQL's do, on any clock. Every
// effect happens in one go; between effects it waits only at `at` (before an operation, and before its answer arrives) and for locks.

import { setTimeout as delay } from 'node:timers/promises'
import type { ClusterStore, Member, NodeStatus } from '../../src/actors/cluster/store.ts'
import type { Fence, SessionId } from '../../src/domain/ids.ts'
import { FencedError } from '../../src/persistence/leases.ts'

/** As in persistence/leases.ts: how long a claim waits for one lock before it leaves the locked sessions out. */
const CLAIM_WAIT_MS = 3_000

export interface MemoryStoreOptions {
  /** The database's clock, in ms. */
  readonly now: () => number
  /**
   * A scheduling point. `before`: the request is on its way; one that throws never arrives. `after`: it is done and the answer is on its way;
   * one that throws leaves the asker not knowing.
   */
  readonly at?: (operation: string, when: 'before' | 'after') => Promise<void> | void
  readonly sleep?: (ms: number) => Promise<void>
  /** For tests that must fail: a write then holds no lock while it works, or is not even compared with the lease. */
  readonly without?: 'share-lock' | 'fence'
}

export interface Wish {
  readonly desired: 'connected' | 'stopped' | 'suspended'
  /** It has messages to send. */
  readonly unsettled?: boolean
  /** In ms; later is more active. */
  readonly lastActive?: number
}

export interface MemoryStore extends ClusterStore {
  /** A transaction of a session's owner: while it works no claim and no transfer of the session succeeds. @throws FencedError */
  write<T>(fence: Fence, work: () => Promise<T> | T): Promise<T>
  want(session: SessionId, wish: Wish): void
  /** How many wait for a lock. */
  waiting(): number
  /** Every lease with an owner, as committed. */
  owners(): ReadonlyMap<SessionId, { readonly owner: string; readonly epoch: bigint }>
}

interface NodeRow {
  readonly node: Omit<Member, keyof NodeStatus | 'startedAt'>
  readonly startedAt: number
  status: NodeStatus
  expiresAt: number
  dead: boolean
}

interface Lease {
  owner: string | null
  epoch: bigint
}

const NOTHING: NodeStatus = { draining: false, sessions: 0, loopLagMs: 0, rssMb: 0, leaseSlackMs: 0 }

export function memoryStore(options: MemoryStoreOptions): MemoryStore {
  const { now, without } = options
  const nodes = new Map<string, NodeRow>()
  const leases = new Map<SessionId, Lease>()
  const wishes = new Map<SessionId, Wish>()
  const locks = rowLocks(options.sleep ?? ((ms) => delay(ms)))
  let lastEpoch = 0n

  const isAlive = (incarnation: string) => nodes.get(incarnation)?.dead === false
  const isFree = ({ owner }: Lease) => owner === null || !isAlive(owner)
  const leaseOf = (session: SessionId): Lease => {
    const lease = leases.get(session) ?? { owner: null, epoch: 0n }
    leases.set(session, lease)
    return lease
  }
  const holds = ({ session, owner, epoch }: Fence) => {
    const lease = leases.get(session)
    return lease?.owner === owner && lease.epoch === epoch
  }
  const hand = (session: SessionId, owner: string): Fence => {
    lastEpoch += 1n
    leases.set(session, { owner, epoch: lastEpoch })
    return { session, owner, epoch: lastEpoch }
  }

  /** One operation with its journey there and back. */
  const operation = async <T>(name: string, work: () => Promise<T> | T): Promise<T> => {
    await options.at?.(name, 'before')
    const result = await work()
    await options.at?.(name, 'after')
    return result
  }

  const claimLocked = (sessions: readonly SessionId[], owner: string): Fence[] => {
    if (!isAlive(owner)) return []
    return sessions
      .filter((session) => isFree(leaseOf(session)) || leaseOf(session).owner === owner)
      .map((session) => hand(session, owner))
  }

  const claim = async (sessions: readonly SessionId[], owner: string): Promise<Fence[]> => {
    const wanted = [...new Set(sessions)].sort()
    for (const session of wanted) leaseOf(session)
    const held: SessionId[] = []
    try {
      for (const session of wanted) {
        if (!(await locks.exclusive(session, CLAIM_WAIT_MS))) break
        held.push(session)
      }
      if (held.length === wanted.length) return claimLocked(held, owner)
    } finally {
      for (const session of held) locks.releaseExclusive(session)
    }
    return claimLocked(
      wanted.filter((session) => locks.isFree(session)),
      owner,
    )
  }

  const alone = async <T>(session: SessionId, work: () => T): Promise<T> => {
    await locks.exclusive(session, null)
    try {
      return work()
    } finally {
      locks.releaseExclusive(session)
    }
  }

  return {
    register: (node, ttlMs) =>
      operation('register', () => {
        if (nodes.has(node.incarnation)) throw new Error(`${node.incarnation} is registered already`)
        nodes.set(node.incarnation, {
          node,
          startedAt: now(),
          status: NOTHING,
          expiresAt: now() + ttlMs,
          dead: false,
        })
      }),
    renew: (incarnation, ttlMs, status) =>
      operation('renew', () => {
        const row = nodes.get(incarnation)
        if (row === undefined || row.dead) return null
        row.expiresAt = now() + ttlMs
        row.status = status
        return now()
      }),
    declareDead: (notAfter) =>
      operation('declareDead', () => {
        if (now() > notAfter) return []
        const late = [...nodes.values()].filter((row) => !row.dead && row.expiresAt < now())
        for (const row of late) row.dead = true
        return late.map(({ node }) => node.incarnation)
      }),
    markDead: (incarnation) =>
      operation('markDead', () => {
        const row = nodes.get(incarnation)
        if (row !== undefined) row.dead = true
      }),
    members: () =>
      operation('members', () =>
        [...nodes.values()]
          .filter((row) => !row.dead && row.expiresAt > now())
          .map(({ node, status, startedAt }) => ({ ...node, ...status, startedAt: new Date(startedAt) }))
          .sort((a, b) => (a.incarnation < b.incarnation ? -1 : 1)),
      ),
    orphans: (limit) =>
      operation('orphans', () =>
        [...wishes]
          .filter(([session, { desired }]) => desired === 'connected' && isFree(leaseOf(session)))
          .sort(([a, one], [b, other]) => byUrgency(one, other) || (a < b ? -1 : 1))
          .slice(0, limit)
          .map(([session]) => session),
      ),
    claim: (sessions, owner) => operation('claim', () => claim(sessions, owner)),
    transfer: (fence, to) =>
      operation('transfer', () =>
        alone(fence.session, () => {
          const lives = isAlive(to) && (nodes.get(to)?.expiresAt ?? 0) > now()
          return holds(fence) && lives ? hand(fence.session, to) : null
        }),
      ),
    release: (fence) =>
      operation('release', () =>
        alone(fence.session, () => {
          if (holds(fence)) leaseOf(fence.session).owner = null
        }),
      ),
    ownedAfter: (owner, epoch) =>
      operation('ownedAfter', () =>
        [...leases]
          .filter(([, lease]) => lease.owner === owner && lease.epoch > epoch)
          .map(([session, lease]) => ({ session, owner, epoch: lease.epoch }))
          .sort((one, other) => (one.epoch < other.epoch ? -1 : 1)),
      ),
    ownerOf: (session) =>
      operation('ownerOf', () => {
        const { owner, epoch } = leaseOf(session)
        if (owner === null) return null
        return { incarnation: owner, epoch, alive: isAlive(owner), url: nodes.get(owner)?.node.url ?? null }
      }),
    write: (fence, work) =>
      operation('write', async () => {
        await locks.shared(fence.session)
        if (without === 'share-lock') locks.releaseShared(fence.session)
        try {
          if (!holds(fence) && without !== 'fence') throw new FencedError(fence)
          return await work()
        } finally {
          if (without !== 'share-lock') locks.releaseShared(fence.session)
        }
      }),
    want: (session, wish) => void wishes.set(session, wish),
    waiting: locks.waiting,
    owners: () =>
      new Map(
        [...leases].flatMap(([session, { owner, epoch }]) =>
          owner === null ? [] : [[session, { owner, epoch }] as const],
        ),
      ),
  }
}

function byUrgency(one: Wish, other: Wish): number {
  return (
    Number(other.unsettled ?? false) - Number(one.unsettled ?? false) || (other.lastActive ?? 0) - (one.lastActive ?? 0)
  )
}

/** Row locks of two strengths, as PostgreSQL's FOR SHARE and FOR UPDATE: many share, one excludes; a newcomer may share past one who waits. */
function rowLocks(sleep: (ms: number) => Promise<void>) {
  const rows = new Map<string, { shared: number; exclusive: boolean; readonly queue: (() => void)[] }>()
  let waiters = 0
  const rowOf = (key: string) => {
    const row = rows.get(key) ?? { shared: 0, exclusive: false, queue: [] }
    rows.set(key, row)
    return row
  }
  const wake = (key: string) => {
    for (const next of rowOf(key).queue.splice(0)) next()
  }
  /** @returns false when the lock did not come within the time */
  const wait = async (key: string, free: () => boolean, limitMs: number | null): Promise<boolean> => {
    let late = false
    const expire = () => {
      late = true
    }
    const limit = limitMs === null || free() ? null : sleep(limitMs).then(expire)
    while (!free() && !late) {
      waiters += 1
      const changed = new Promise<void>((next) => rowOf(key).queue.push(next))
      await (limit === null ? changed : Promise.race([changed, limit]))
      waiters -= 1
    }
    return free()
  }
  return {
    isFree: (key: string) => rowOf(key).shared === 0 && !rowOf(key).exclusive,
    async shared(key: string) {
      await wait(key, () => !rowOf(key).exclusive, null)
      rowOf(key).shared += 1
    },
    async exclusive(key: string, limitMs: number | null) {
      const free = () => rowOf(key).shared === 0 && !rowOf(key).exclusive
      if (!(await wait(key, free, limitMs))) return false
      rowOf(key).exclusive = true
      return true
    },
    releaseShared(key: string) {
      rowOf(key).shared -= 1
      wake(key)
    },
    releaseExclusive(key: string) {
      rowOf(key).exclusive = false
      wake(key)
    },
    waiting: () => waiters,
  }
}
