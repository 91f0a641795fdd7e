// Which nodes may be given a session: those that keep sessions and are not on their way out, with room before full, the newest version first.
// Which of them it is follows the load (actors/cluster/lua/place.lua) or the session's id (hrw.ts).

import type { Member } from './member.ts'
import { sortableVersion } from './version.ts'

export type Candidate = Pick<Member, 'incarnation' | 'role' | 'draining' | 'version' | 'sessions' | 'capacity'>

/** May be given a session at all. */
export function takesSessions(node: Pick<Member, 'role' | 'draining'>): boolean {
  return node.role !== 'edge' && !node.draining
}

/** Sessions as a share of what the node should own at most. */
export function loadOf(node: Pick<Member, 'sessions' | 'capacity'>): number {
  return node.sessions / Math.max(1, node.capacity)
}

/**
 * The nodes among which a session is placed: of those that take sessions the ones with room (all of them when none has), and of these
 * the newest version. Empty when no node takes sessions.
 * @param not an incarnation that is left out
 */
export function candidates<Node extends Candidate>(nodes: readonly Node[], not?: string): readonly Node[] {
  const takers = nodes.filter((node) => takesSessions(node) && node.incarnation !== not)
  const roomy = takers.filter((node) => loadOf(node) < 1)
  const open = roomy.length > 0 ? roomy : takers
  const newest = open.map((node) => sortableVersion(node.version)).reduce((a, b) => (a > b ? a : b), '')
  return open.filter((node) => sortableVersion(node.version) === newest)
}
