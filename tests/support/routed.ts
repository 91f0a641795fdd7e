// Routed nodes in one process: each with a real internal listener on loopback and a real transport; sessions, store and planner are twins in
// memory that say no as the real ones do. Torn down with the test.

import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { uuidv7 } from 'uuidv7'
import type { ClusterAdmin } from '../../src/actors/cluster/admin.ts'
import { type CallContext, callContext } from '../../src/actors/cluster/context.ts'
import type { DirectoryWithNews } from '../../src/actors/cluster/directory.ts'
import type { LocalSessions } from '../../src/actors/cluster/local.ts'
import type { Bell, Home, Planner } from '../../src/actors/cluster/planner.ts'
import type { RoutedSessions } from '../../src/actors/cluster/routed-sessions.ts'
import { openRouting } from '../../src/actors/cluster/routing.ts'
import type { SendWhileDown } from '../../src/actors/cluster/send-while-down.ts'
import type { ClusterStore, Member, NodeRole, Owner } from '../../src/actors/cluster/store.ts'
import type { Peer, Transport } from '../../src/actors/cluster/transport.ts'
import type { QrStreamEvent } from '../../src/actors/session/protocol.ts'
import { asId, type Fence, type SessionId, type UserId } from '../../src/domain/ids.ts'
import { buildInternal } from '../../src/http/internal/listener.ts'
import { makeLog } from '../../src/log.ts'
import { makePolicy, type PolicyOverride } from '../../src/policy.ts'
import { type SessionsTwin, sessionsTwin } from './sessions.ts'

export const SECRET = 'a secret of the cluster for tests, long enough'

type Store = Pick<ClusterStore, 'members' | 'claim' | 'transfer' | 'release' | 'ownerOf'>

/** The lease table in memory. */
export interface StoreTwin extends Store {
  readonly nodes: Map<string, Member & { alive: boolean }>
  readonly owners: Map<SessionId, { incarnation: string; epoch: bigint }>
  asked: number
}

function storeTwin(): StoreTwin {
  let epoch = 100n
  const twin: StoreTwin = {
    nodes: new Map(),
    owners: new Map(),
    asked: 0,
    members: async () => [...twin.nodes.values()].filter(({ alive }) => alive),
    async claim(sessions, owner) {
      return sessions.flatMap((session): Fence[] => {
        const has = twin.owners.get(session)
        if (has !== undefined && has.incarnation !== owner && twin.nodes.get(has.incarnation)?.alive === true) return []
        epoch += 1n
        twin.owners.set(session, { incarnation: owner, epoch })
        return [{ session, owner, epoch }]
      })
    },
    async transfer(fence, to) {
      const has = twin.owners.get(fence.session)
      if (has?.incarnation !== fence.owner || has.epoch !== fence.epoch) return null
      if (twin.nodes.get(to)?.alive !== true) return null
      epoch += 1n
      twin.owners.set(fence.session, { incarnation: to, epoch })
      return { session: fence.session, owner: to, epoch }
    },
    async release(fence) {
      if (twin.owners.get(fence.session)?.epoch === fence.epoch) twin.owners.delete(fence.session)
    },
    async ownerOf(session): Promise<Owner | null> {
      twin.asked += 1
      const has = twin.owners.get(session)
      if (has === undefined) return null
      const node = twin.nodes.get(has.incarnation)
      return { ...has, alive: node?.alive === true, url: node?.url ?? null }
    },
  }
  return twin
}

export interface PlannerTwin extends Pick<Planner, 'home' | 'place' | 'ring'> {
  /** What it believes, right or wrong. */
  readonly homes: Map<SessionId, Home>
  readonly rung: { readonly to: string; readonly bell: Bell }[]
  /** Where new sessions are put; null: nowhere. */
  best: string | null
}

function plannerTwin(): PlannerTwin {
  const twin: PlannerTwin = {
    homes: new Map(),
    rung: [],
    best: null,
    home: async (session) => twin.homes.get(session) ?? null,
    async place(session, not) {
      const known = twin.homes.get(session)
      if (known !== undefined && known.incarnation !== not) return known
      return twin.best === null || twin.best === not ? null : { incarnation: twin.best, epoch: 0n }
    },
    async ring(to, bell) {
      twin.rung.push({ to, bell })
    },
  }
  return twin
}

export interface LocalTwin extends LocalSessions, Omit<SessionsTwin, keyof LocalSessions> {
  readonly fences: Map<UserId, Fence>
  /** In what context each command ran. */
  readonly contexts: (CallContext | null)[]
  /** Until it is resolved, commands wait. */
  hold: Promise<void> | null
  readonly restarted: UserId[]
}

/** @param given called when a session was handed to another node */
function localTwin(self: string, store: Store, given: (user: UserId, to: string) => Promise<unknown>): LocalTwin {
  const twin = sessionsTwin(uuidv7)
  const fences = new Map<UserId, Fence>()
  const local: LocalTwin = {
    ...twin,
    fences,
    contexts: [],
    restarted: [],
    hold: null,
    fenceOf: (user) => fences.get(user) ?? null,
    async take(user) {
      const [fence] = await store.claim([user], self)
      if (fence !== undefined) fences.set(user, fence)
      return fence !== undefined
    },
    async handOver(user, to) {
      const fence = fences.get(user)
      if (fence === undefined) return false
      fences.delete(user)
      const moved = await store.transfer(fence, to)
      if (moved === null) {
        fences.set(user, fence)
        return false
      }
      await given(user, to)
      return true
    },
    async restart(user) {
      if (fences.has(user)) local.restarted.push(user)
      return fences.has(user)
    },
    async ask(user, command, body) {
      local.contexts.push(callContext())
      await local.hold
      return twin.ask(user, command, body)
    },
    async active() {
      const rows = await twin.active()
      return rows.flatMap((row) => {
        const fence = fences.get(asId<UserId>(row.userId))
        return fence === undefined ? [] : [{ ...row, instanceId: self, epoch: fence.epoch.toString() }]
      })
    },
  }
  return local
}

export interface RoutedNode extends Peer {
  readonly name: string
  readonly local: LocalTwin
  readonly directory: DirectoryWithNews
  readonly transport: Transport
  readonly sessions: RoutedSessions
  readonly admin: ClusterAdmin
  readonly internal: FastifyInstance
  /** Set `starting`, and it has no sessions yet. */
  readonly state: { starting: boolean }
  /** Ends its listener; its lease goes on until `bury`. */
  kill(): Promise<void>
}

export interface Cluster {
  readonly store: StoreTwin
  readonly planner: PlannerTwin
  node(name: string, options?: NodeOptions): Promise<RoutedNode>
  /** A session of this user, owned there, in this state. */
  owned(node: RoutedNode, state?: 'open' | 'disconnected'): Promise<UserId>
  /** Gives the session to another node as a hand-off does, without telling anybody. */
  move(user: UserId, from: RoutedNode, to: RoutedNode): Promise<void>
  /** Declared dead: anybody may claim. */
  bury(node: RoutedNode): void
}

export interface NodeOptions {
  readonly role?: NodeRole
  readonly policy?: PolicyOverride
  readonly secret?: string
  readonly sendWhileDown?: SendWhileDown
  readonly monotonic?: () => number
}

export function cluster(t: Pick<Test, 'teardown'>): Cluster {
  const store = storeTwin()
  const planner = plannerTwin()
  const nodes: RoutedNode[] = []

  return {
    store,
    planner,
    async node(name, options = {}) {
      const { role = 'all' } = options
      const incarnation = uuidv7()
      const policy = makePolicy({
        session: { askTimeoutMs: 2_000, ...options.policy?.session },
        routing: { lookMs: 50, followMs: 10, longestFollowMs: 100, membersMs: 0, ...options.policy?.routing },
      })
      const log = makeLog('silent')
      const monotonic = options.monotonic ?? (() => performance.now())
      const wall = () => Date.now()
      const secret = options.secret ?? SECRET
      const local = localTwin(incarnation, store, async (user, to) => {
        const target = nodes.find((node) => node.incarnation === to)
        if (target !== undefined) await routing.transport.own(target, user, 1_000)
      })
      const routing = openRouting({
        self: incarnation,
        secret,
        local: role === 'edge' ? null : local,
        store,
        planner,
        sendWhileDown: options.sendWhileDown ?? (async () => null),
        leaseTable: async () =>
          [...store.owners].map(([session, { incarnation, epoch }]) => ({
            session,
            owner: incarnation,
            epoch,
            wanted: true,
          })),
        policy,
        now: () => new Date(),
        monotonic,
        random: () => 0.5,
        newId: uuidv7,
        log,
      })
      const { directory, transport, sessions, admin } = routing
      const state = { starting: false }
      const internal = await buildInternal({
        self: incarnation,
        secret,
        serving: () => (state.starting ? null : { local, store, directory }),
        policy,
        log,
        maxBodyBytes: 1_000_000,
        wall,
        monotonic: () => performance.now(),
        newId: uuidv7,
      })
      const url = role === 'edge' ? '' : await internal.listen({ host: '127.0.0.1', port: 0 })
      store.nodes.set(incarnation, {
        incarnation,
        id: name,
        url: role === 'edge' ? null : url,
        version: '0.0.0-test',
        role,
        capacity: 100,
        startedAt: new Date(),
        draining: false,
        sessions: 0,
        loopLagMs: 0,
        rssMb: 1,
        leaseSlackMs: 6_000,
        alive: true,
      })
      const kill = async () => {
        internal.server.closeAllConnections()
        await internal.close()
      }
      t.teardown(async () => {
        await routing.close()
        await kill()
      })
      const node = { name, incarnation, url, local, directory, transport, sessions, admin, internal, kill, state }
      nodes.push(node)
      return node
    },
    async owned(node, state = 'open') {
      const user = asId<UserId>(uuidv7())
      await node.local.take(user)
      // Who answers is seen by the name.
      node.local.put(user, { state, pushName: node.name })
      return user
    },
    async move(user, from, to) {
      const fence = from.local.fences.get(user)
      if (fence === undefined) throw new Error('not owned there')
      const moved = await store.transfer(fence, to.incarnation)
      if (moved === null) throw new Error('not moved')
      from.local.fences.delete(user)
      to.local.fences.set(user, moved)
      to.local.put(user, { state: 'open', pushName: to.name })
    },
    bury(node) {
      const row = store.nodes.get(node.incarnation)
      if (row !== undefined) row.alive = false
    },
  }
}

/** Keeps what a watch told. */
export function listener(): { readonly seen: QrStreamEvent[]; readonly hear: (event: QrStreamEvent) => void } {
  const seen: QrStreamEvent[] = []
  return { seen, hear: (event) => void seen.push(event) }
}
