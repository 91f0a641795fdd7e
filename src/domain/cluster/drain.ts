// In which order a node that stops gives its sessions away: those that would miss the least first, so that the busy ones stay connected
// longest and find the others settled.

import type { SessionId } from '../ids.ts'

export interface Leaving {
  readonly session: SessionId
  /** Ms since the last frame; null without a connection. */
  readonly idleMs: number | null
}

/** Without a connection first, then the longest silent. */
export function drainOrder(sessions: readonly Leaving[]): readonly SessionId[] {
  const silence = ({ idleMs }: Leaving) => idleMs ?? Number.POSITIVE_INFINITY
  return sessions
    .toSorted((one, other) => (silence(one) === silence(other) ? 0 : silence(other) - silence(one)))
    .map(({ session }) => session)
}
