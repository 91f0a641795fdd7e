// Rendezvous hashing (highest random weight): every node that knows the same nodes finds the same home for a session, in proportion to their
// capacity, and a node that comes or goes moves only the sessions it gets or had. Which nodes may be asked is placement.ts.

import type { Candidate } from './placement.ts'

/** @returns the incarnation where the session belongs; null when there is no node */
export function rendezvous(
  session: string,
  nodes: readonly Pick<Candidate, 'incarnation' | 'capacity'>[],
): string | null {
  let best: string | null = null
  let bestScore = Number.NEGATIVE_INFINITY
  for (const { incarnation, capacity } of nodes) {
    // -w / ln(h) of "Weighted Distributed Hash Tables" (Schindelhauer, Schomaker 2005); h lies between 0 and 1, both excluded.
    const score = -Math.max(1, capacity) / Math.log(unitHash(`${incarnation}/${session}`))
    if (score > bestScore || (score === bestScore && incarnation < (best ?? ''))) {
      best = incarnation
      bestScore = score
    }
  }
  return best
}

/** FNV-1a with the finish of MurmurHash3, whose last bits depend on all of the text. @returns a number between 0 and 1, both excluded */
function unitHash(text: string): number {
  let hash = 0x811c9dc5
  for (let n = 0; n < text.length; n += 1) hash = Math.imul(hash ^ text.charCodeAt(n), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  hash ^= hash >>> 16
  return ((hash >>> 0) + 0.5) / 2 ** 32
}
