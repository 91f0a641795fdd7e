// The living nodes as this node last heard of them: told with every beat, asked of the store when that was too long ago. Being a little old
// is harmless: who is asked in vain is asked nowhere twice.

import type { ClusterStore, Member } from './store.ts'

/** A node that is not in the list is looked for again when the list is older than this, in ms. */
const AGAIN_MS = 250

export interface Members {
  /** The living nodes, by incarnation. @throws what the store throws */
  all(): Promise<ReadonlyMap<string, Member>>
  /** One of them. A node that has just begun is asked for again, so that it need not wait to be known. @throws what the store throws */
  find(incarnation: string): Promise<Member | null>
  /** What a beat answered. */
  update(members: readonly Member[]): void
}

/** @param believedMs how old the list may be */
export function makeMembers(
  store: Pick<ClusterStore, 'members'>,
  believedMs: number,
  monotonic: () => number,
): Members {
  let known: ReadonlyMap<string, Member> = new Map()
  let at = Number.NEGATIVE_INFINITY
  let asking: Promise<ReadonlyMap<string, Member>> | null = null

  const update = (members: readonly Member[]): ReadonlyMap<string, Member> => {
    known = new Map(members.map((member) => [member.incarnation, member]))
    at = monotonic()
    return known
  }
  const ask = (): Promise<ReadonlyMap<string, Member>> => {
    asking ??= store
      .members()
      .then(update)
      .finally(() => {
        asking = null
      })
    return asking
  }
  const all = async () => (monotonic() - at < believedMs ? known : ask())
  return {
    all,
    async find(incarnation) {
      const found = (await all()).get(incarnation)
      if (found !== undefined || monotonic() - at < AGAIN_MS) return found ?? null
      return (await ask()).get(incarnation) ?? null
    },
    update: (members) => void update(members),
  }
}
