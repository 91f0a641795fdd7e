// Remembers which signed requests were taken, so that none is taken twice: each sender counts its requests, and of each the latest counts are
// kept in a ring. What is older than the ring is refused rather than believed; a sender nobody heard of for long is forgotten, because
// its signatures have expired.

/** How many later requests of a sender may overtake one that is still to be believed. */
const WINDOW = 32_768
/** Only nodes can sign; more processes than this within a minute are no cluster. */
const MOST_SENDERS = 1_000

interface Ring {
  /** By count modulo its length: the latest count that was taken. */
  readonly taken: Float64Array
  heard: number
}

export interface Nonces {
  /** @returns true the first time; false when it was taken before, or when that is not known any more */
  fresh(sender: string, count: number, now: number): boolean
}

/** @param spanMs how long a sender is remembered at least after its last request: as long as a signature may count */
export function makeNonces(spanMs: number, window = WINDOW, most = MOST_SENDERS): Nonces {
  const senders = new Map<string, Ring>()

  const ringOf = (sender: string, now: number): Ring | null => {
    const known = senders.get(sender)
    if (known !== undefined) return known
    for (const [other, { heard }] of senders) if (now - heard >= spanMs) senders.delete(other)
    if (senders.size >= most) return null
    const made = { taken: new Float64Array(window), heard: now }
    senders.set(sender, made)
    return made
  }

  return {
    fresh(sender, count, now) {
      const ring = ringOf(sender, now)
      if (ring === null) return false
      ring.heard = Math.max(ring.heard, now)
      const slot = count % window
      if ((ring.taken[slot] ?? 0) >= count) return false
      ring.taken[slot] = count
      return true
    },
  }
}
