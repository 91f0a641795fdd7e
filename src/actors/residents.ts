// Which sessions have an actor on this node, and under which fence. At most one actor per session: while one is being claimed or is
// leaving, whoever asks for it waits for that. Why a session comes or goes is decided by others.

import type { Fence, UserId } from '../domain/ids.ts'
import type { Logger } from '../log.ts'
import type { SessionPolicy } from '../policy.ts'
import type { Lapse } from './cluster/lease.ts'
import type { Residence } from './cluster/reconcile.ts'
import { type ActorContext, type ActorRef, type ActorSystem, superviseOne } from './nact.ts'
import type { Beginning } from './session/actor-state.ts'
import type { Cut } from './session/deps.ts'
import type { SessionMessage } from './session/messages.ts'

const SHARDS = 64
/** A session actor that ran this long before it crashed is started again at once. */
const STABLE_MS = 60_000

type Kept = ReturnType<typeof superviseOne<SessionMessage>>
type ShardMessage = { readonly type: 'none' }
export type SpawnSession = (
  under: ActorContext<ShardMessage>,
  user: UserId,
  beginning: Beginning,
) => ActorRef<SessionMessage>

export interface Residents extends Residence {
  /** The actor of this user, started when there is none; null while it waits to be started again after a crash, or is leaving. */
  ensure(user: UserId): ActorRef<SessionMessage> | null
  /** The actor that is here, if one is. */
  find(user: UserId): ActorRef<SessionMessage> | null
  all(): readonly (readonly [UserId, ActorRef<SessionMessage>])[]
  fenceOf(user: UserId): Fence | null
  fences(): Iterable<Fence>
  /** Settles when a session that is leaving has left; null when it is not leaving. */
  leaving(user: UserId): Promise<unknown> | null
  /** Settles when a session that is being claimed is here or is not; null when it is not being claimed. */
  coming(user: UserId): Promise<unknown> | null
  /** Ends actor and connection in order and carries out `then` before another may begin here. */
  leave<T>(user: UserId, then: () => Promise<T>): Promise<T>
  /** It may be ours without an actor: to be looked at in the next round. */
  keep(user: UserId): void
  /** For the actors: what they gained and left. */
  gained(fence: Fence, cut: Cut): void
  left(fence: Fence): void
  /** The next actor of this session is the one retry after a conflict. */
  remember(user: UserId, conflictAt: Date): void
  /** Cuts every connection at once: this node may not act any more. */
  cutAll(why: Lapse): void
  stop(): Promise<void>
}

export interface ResidentsDeps {
  readonly actors: ActorSystem
  readonly spawn: SpawnSession
  readonly policy: Pick<SessionPolicy, 'restartDelayMs' | 'longestRestartDelayMs'>
  readonly log: Logger
  /** Its last actor here has ended; `fence` under which it was held, if it was. */
  readonly ended: (user: UserId, fence: Fence | null) => void
}

export function makeResidents(deps: ResidentsDeps): Residents {
  const { log, policy } = deps
  const sessions = new Map<UserId, Kept>()
  const held = new Map<UserId, { readonly fence: Fence; readonly cut: Cut }>()
  const lastFence = new Map<UserId, Fence>()
  const coming = new Map<UserId, Promise<Fence | null>>()
  /** Of those coming: handed over by another node. */
  const handing = new Set<UserId>()
  const leaving = new Map<UserId, Promise<unknown>>()
  const lost = new Set<UserId>()
  /** The last epoch that an actor here has finished with. */
  const past = new Map<UserId, bigint>()
  const conflicts = new Map<UserId, Date>()
  let stopping = false
  const shards = Array.from({ length: SHARDS }, (_, index) => startShard(deps.actors, index))

  function shardOf(user: UserId): ActorContext<ShardMessage> {
    // The last hex digits of a UUIDv7 are random.
    const shard = shards[Number.parseInt(user.slice(-4), 16) % SHARDS]
    if (shard === undefined) throw new Error(`no supervisor for ${user}`)
    return shard
  }

  function begin(user: UserId, given: Promise<Fence | null> | null, handed = false): Kept {
    lost.delete(user)
    const spawn = (generation: number) => {
      const lastConflictAt = conflicts.get(user) ?? null
      conflicts.delete(user)
      const first = generation === 1
      const from = { given: first ? given : null, handed: first && handed }
      return deps.spawn(shardOf(user), user, { generation, lastConflictAt, ...from })
    }
    const kept = superviseOne<SessionMessage>(
      spawn,
      { firstDelayMs: policy.restartDelayMs, longestDelayMs: policy.longestRestartDelayMs, stableMs: STABLE_MS },
      (error, restartInMs) =>
        log.error({ err: error, userId: user, restartInMs }, 'session crashed and is started again'),
    )
    sessions.set(user, kept)
    void kept.ended.then(() => {
      sessions.delete(user)
      const fence = lastFence.get(user) ?? null
      lastFence.delete(user)
      // It ended by itself: its fence was an old one, or this node's lease ran out. Whether it is still ours is for the next round.
      if (fence !== null && !stopping && !leaving.has(user)) lost.add(user)
      deps.ended(user, fence)
    })
    return kept
  }

  /** A fence that an actor here had once may still be in the hands of what it left behind: it is claimed afresh instead. */
  function unused({ session, epoch }: Fence): boolean {
    const fresh = epoch > (past.get(session) ?? -1n)
    if (!fresh) lost.add(session)
    return fresh
  }

  const here = (user: UserId) => sessions.has(user) || coming.has(user) || leaving.has(user)

  return {
    here,
    lost: () => lost,
    async adopt(users, get, handed) {
      const free = [...new Set(users)].filter((user) => !here(user))
      if (free.length === 0 || stopping) return 0
      const got = Promise.withResolvers<ReadonlyMap<UserId, Fence>>()
      for (const user of free)
        coming.set(
          user,
          got.promise.then((fences) => fences.get(user) ?? null),
        )
      if (handed === 'handed') for (const user of free) handing.add(user)
      let fences: readonly Fence[] = []
      try {
        const gotten = await get(free)
        for (const user of free) lost.delete(user)
        fences = gotten.filter(unused)
      } catch (error) {
        // The answer is lost, not necessarily the claim.
        for (const user of free) lost.add(user)
        throw error
      } finally {
        got.resolve(new Map(fences.map((fence) => [fence.session, fence])))
        for (const user of free) {
          coming.delete(user)
          handing.delete(user)
        }
        if (!stopping)
          for (const fence of fences)
            if (!sessions.has(fence.session)) begin(fence.session, Promise.resolve(fence), handed === 'handed')
      }
      return fences.length
    },
    ensure(user) {
      if (leaving.has(user)) return null
      return (sessions.get(user) ?? begin(user, coming.get(user) ?? null, handing.has(user))).current()
    },
    find: (user) => sessions.get(user)?.current() ?? null,
    all: () =>
      [...sessions].flatMap(([user, kept]) => {
        const ref = kept.current()
        return ref === null ? [] : [[user, ref] as const]
      }),
    fenceOf: (user) => held.get(user)?.fence ?? null,
    *fences() {
      for (const { fence } of held.values()) yield fence
    },
    leaving: (user) => leaving.get(user) ?? null,
    coming: (user) => coming.get(user) ?? null,
    async leave(user, then) {
      const before = leaving.get(user)
      const left = Promise.withResolvers<void>()
      leaving.set(user, left.promise)
      try {
        await before
        await sessions.get(user)?.stop()
        return await then()
      } finally {
        if (leaving.get(user) === left.promise) leaving.delete(user)
        left.resolve()
      }
    },
    keep: (user) => void lost.add(user),
    gained(fence, cut) {
      held.set(fence.session, { fence, cut })
      lastFence.set(fence.session, fence)
    },
    left(fence) {
      past.set(fence.session, fence.epoch)
      if (held.get(fence.session)?.fence.epoch === fence.epoch) held.delete(fence.session)
    },
    remember: (user, conflictAt) => void conflicts.set(user, conflictAt),
    cutAll(why) {
      for (const { fence, cut } of [...held.values()]) {
        cut(why)
        sessions.get(fence.session)?.current()?.tell({ type: 'fenced' })
      }
    },
    async stop() {
      stopping = true
      await Promise.all([...leaving.values()])
      await Promise.all([...sessions.values()].map((kept) => kept.stop()))
    },
  }
}

function startShard(actors: ActorSystem, index: number): ActorContext<ShardMessage> {
  const started: ActorContext<ShardMessage>[] = []
  actors.spawn<ShardMessage, null>({
    name: `sessions-${index}`,
    start(context) {
      started.push(context)
      return null
    },
    handle: (state) => state,
  })
  const [context] = started
  if (context === undefined) throw new Error('a supervisor did not start')
  return context
}
