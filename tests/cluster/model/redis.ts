// Redis as the planner sees it, in virtual time: it may be wiped, lag, or be gone, and nothing may depend on it. What it cannot answer in
// time is answered from the node rows, as in src.

import type { Bell, Home, Planner, PlannerEvents } from '../../../src/actors/cluster/planner.ts'
import type { ClusterStore, Member } from '../../../src/actors/cluster/store.ts'
import type { SessionId } from '../../../src/domain/ids.ts'
import { ask, makeServer, type Server } from './network.ts'
import type { Process, Scheduler } from './scheduler.ts'

const LATENCY_MS = 1
/** Longer than this nobody waits for a plan. */
const ANSWER_MS = 50
const BEAT_LIFE_MS = 8_000
/** Permissions to connect a second, of the whole cluster. */
const CONNECTS = 50

interface Seen {
  member: Member
  until: number
}

export interface Redis {
  readonly server: Server
  planner(process: Process, store: ClusterStore): Planner
  wipe(): void
}

export function makeRedis(scheduler: Scheduler): Redis {
  const server = makeServer('redis', LATENCY_MS)
  const nodes = new Map<string, Seen>()
  const homes = new Map<SessionId, Home>()
  const listeners = new Map<string, { readonly process: Process; readonly events: PlannerEvents }>()
  let tokens = CONNECTS
  let filledAt = 0

  const living = () => [...nodes.values()].filter(({ until }) => until > scheduler.now()).map(({ member }) => member)

  const least = (members: readonly Member[], not: string | undefined, load: (m: Member) => number): Member | null => {
    const able = members.filter((m) => m.role !== 'edge' && !m.draining && m.incarnation !== not)
    const newest = able.reduce((version, m) => (m.version > version ? m.version : version), '')
    const rank = (m: Member) => load(m) / m.capacity
    return (
      able
        .filter(({ version }) => version === newest)
        .toSorted((a, b) => rank(a) - rank(b) || (a.incarnation < b.incarnation ? -1 : 1))[0] ?? null
    )
  }

  const place = (session: SessionId, not: string | undefined): Home | null => {
    const members = living()
    const present = homes.get(session)
    if (present !== undefined && present.incarnation !== not) {
      const there = members.find(({ incarnation }) => incarnation === present.incarnation)
      if (there !== undefined && !there.draining) return present
    }
    const planned = (m: Member) => [...homes.values()].filter(({ incarnation }) => incarnation === m.incarnation).length
    const node = least(members, not, (m) => Math.max(m.sessions, planned(m)))
    if (node === null) return null
    const home = { incarnation: node.incarnation, epoch: present?.epoch ?? 0n }
    homes.set(session, { incarnation: node.incarnation, epoch: 0n })
    return { ...home, epoch: 0n }
  }

  const tell = (process: Process, run: () => void) => {
    if (!server.cut.has(process)) scheduler.after(server.lagMs + scheduler.random('bell') * LATENCY_MS, process, run)
  }

  const planner = (process: Process, store: ClusterStore): Planner => {
    let me: string | null = null
    const call = <T>(work: () => T) =>
      ask<T>(scheduler, { from: process, to: server, timeoutMs: ANSWER_MS, changes: false, work })
    return {
      async beat(self, mine) {
        me = self.incarnation
        const known = await call(() => {
          const forgotten = !nodes.has(self.incarnation)
          nodes.set(self.incarnation, { member: self, until: scheduler.now() + BEAT_LIFE_MS })
          return { forgotten, members: living() }
        })
        if (known.forgotten)
          await call(() => {
            for (const [session, epoch] of mine()) homes.set(session, { incarnation: self.incarnation, epoch })
          })
        return known.members
      },
      async place(session, not) {
        try {
          return await call(() => place(session, not))
        } catch {
          const members = await store.members()
          // The same answer everywhere without talking to anybody.
          const node = least(members, not, (m) => weight(session, m.incarnation))
          return node === null ? null : { incarnation: node.incarnation, epoch: 0n }
        }
      },
      async home(session) {
        return call(() => homes.get(session) ?? null)
      },
      publish: (session, home) =>
        call(() => {
          const present = homes.get(session)
          if (present !== undefined && present.epoch > home.epoch) return
          homes.set(session, home)
          for (const { process: other, events } of listeners.values()) tell(other, () => events.moved(session, home))
        }),
      forget: (session, epoch) =>
        call(() => {
          if (homes.get(session)?.epoch === epoch) homes.delete(session)
        }),
      async take(count) {
        try {
          return await call(() => {
            tokens = Math.min(CONNECTS, tokens + ((scheduler.now() - filledAt) / 1_000) * CONNECTS)
            filledAt = scheduler.now()
            const given = Math.min(count, Math.floor(tokens))
            tokens -= given
            return given
          })
        } catch {
          return count
        }
      },
      ring: (incarnation: string, bell: Bell) =>
        call(() => {
          const target = listeners.get(incarnation)
          if (target !== undefined) tell(target.process, () => target.events.bell(bell))
        }),
      listen(events) {
        const key = me ?? process.name
        listeners.set(key, { process, events })
        return () => listeners.delete(key)
      },
      async close() {
        if (me !== null) listeners.delete(me)
      },
    }
  }

  return {
    server,
    planner,
    wipe() {
      nodes.clear()
      homes.clear()
      tokens = CONNECTS
    },
  }
}

function weight(session: string, incarnation: string): number {
  let h = 7
  for (const c of session + incarnation) h = (Math.imul(h, 31) + c.charCodeAt(0)) >>> 0
  return h
}
