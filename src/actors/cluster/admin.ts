// What an admin may see and do of the cluster: its nodes, and moving or restarting a session. It finds the node and gives the command; how a
// session leaves and comes is the owner's business.

import type { UserId } from '../../domain/ids.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import type { Policy } from '../../policy.ts'
import type { ListedSession, SessionRefusal } from '../session/protocol.ts'
import type { Directory } from './directory.ts'
import type { LocalSessions } from './local.ts'
import type { Members } from './members.ts'
import type { Planner } from './planner.ts'
import type { RoutedSessions } from './routed-sessions.ts'
import type { ClusterStore, Member } from './store.ts'
import type { Transport } from './transport.ts'

export interface Moved {
  /** Incarnations; `from` is null when nobody had it. */
  readonly from: string | null
  readonly to: string
}

export interface ClusterAdmin {
  /** Incarnation of this node. */
  readonly self: string
  /** The living nodes as the store has them. */
  nodes(): Promise<readonly Member[]>
  /** The sessions of all nodes, those of nodes that do not answer included. */
  sessions(): Promise<readonly ListedSession[]>
  /** @param wanted id or incarnation of a node; null: the one with the most room */
  move(user: UserId, wanted: string | null): Promise<Result<Moved, SessionRefusal | 'unknown-node' | 'nowhere-to-move'>>
  restart(user: UserId): Promise<Result<null, SessionRefusal>>
}

export interface AdminDeps {
  readonly self: string
  /** Null on an edge. */
  readonly local: Pick<LocalSessions, 'take'> | null
  readonly store: Pick<ClusterStore, 'members' | 'ownerOf'>
  readonly members: Members
  readonly planner: Pick<Planner, 'place'>
  readonly directory: Pick<Directory, 'forget'>
  readonly sessions: Pick<RoutedSessions, 'command' | 'listed'>
  readonly transport: Pick<Transport, 'own'>
  readonly policy: Pick<Policy, 'session'>
}

const NOT_NOW = refuse(
  'owner-moved',
  'The session moves already, or is being started again. Look where it is, then try again.',
  {
    retryAfterSeconds: 2,
  },
)

export function clusterAdmin(deps: AdminDeps): ClusterAdmin {
  const { self, local, store, members } = deps

  const takesSessions = ({ role, draining }: Member) => role !== 'edge' && !draining

  /** The newest node of this name that takes sessions. */
  const named = async (wanted: string): Promise<Member | null> => {
    const fitting = (await store.members()).filter(
      (node) => (node.id === wanted || node.incarnation === wanted) && takesSessions(node),
    )
    return fitting.sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime())[0] ?? null
  }

  const target = async (user: UserId, wanted: string | null, from: string | null) => {
    if (wanted !== null) {
      const node = await named(wanted)
      return node === null ? refuse('unknown-node', 'No living node has this id and takes sessions.') : ok(node)
    }
    const place = await deps.planner.place(user, from ?? undefined)
    const node = place === null || place.incarnation === from ? null : await members.find(place.incarnation)
    return node === null ? refuse('nowhere-to-move', 'There is no other node that takes sessions.') : ok(node)
  }

  /** Nobody has it: it begins there. */
  const begin = async (user: UserId, { incarnation, url }: Member): Promise<boolean> => {
    if (incarnation === self) return local !== null && (await local.take(user))
    return url !== null && (await deps.transport.own({ incarnation, url }, user, deps.policy.session.askTimeoutMs))
  }

  return {
    self,
    nodes: () => store.members(),
    sessions: () => deps.sessions.listed(),
    async move(user, wanted) {
      const owner = await store.ownerOf(user)
      const from = owner?.alive === true ? owner.incarnation : null
      const found = await target(user, wanted, from)
      if (!found.ok) return found
      const to = found.value.incarnation
      if (from === to) return ok({ from, to })
      if (from === null) return (await begin(user, found.value)) ? ok({ from, to }) : NOT_NOW
      const answer = await deps.sessions.command(user, 'session.release-to', { to })
      if (!answer.ok) return answer
      deps.directory.forget(user, from)
      return answer.value.done ? ok({ from, to }) : NOT_NOW
    },
    async restart(user) {
      const answer = await deps.sessions.command(user, 'session.restart', {})
      if (!answer.ok) return answer
      return answer.value.done ? ok(null) : NOT_NOW
    },
  }
}
