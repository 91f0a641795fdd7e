// Bounds how many may do something at once, first come first served: handshakes after a restart with hundreds of accounts, messages that are
// worked on. What it is that they do is not its business.

export interface Gate {
  /**
   * Waits for a place, or until the signal is aborted.
   * @returns gives the place back (safe to call twice); null when aborted
   */
  enter(signal: AbortSignal): Promise<(() => void) | null>
  /** A place without waiting. @returns gives it back (safe to call twice); null when there is none free */
  enterNow(): (() => void) | null
}

/**
 * @param places how many may be inside at once, at least 1; a function is asked whenever somebody comes or leaves
 * @param refillAt once all places were taken, nobody comes in until no more than this share of them still is, from 0 to below 1: who comes in
 *   together can go on together. Left out: whoever leaves is followed at once
 */
export function makeGate(places: number | (() => number), refillAt?: number): Gate {
  const most = typeof places === 'number' ? () => places : places
  let inside = 0
  let full = false
  const waiting: (() => void)[] = []
  const room = () => {
    const limit = most()
    if (inside >= limit) full = true
    else if (refillAt === undefined || inside <= limit * refillAt) full = false
    return !full
  }
  const leave = () => {
    inside -= 1
    while (room()) {
      const next = waiting.shift()
      if (next === undefined) return
      inside += 1
      next()
    }
  }
  const place = (signal: AbortSignal) =>
    new Promise<boolean>((resolve) => {
      const take = () => {
        signal.removeEventListener('abort', giveUp)
        resolve(true)
      }
      const giveUp = () => {
        waiting.splice(waiting.indexOf(take), 1)
        resolve(false)
      }
      waiting.push(take)
      signal.addEventListener('abort', giveUp, { once: true })
    })
  return {
    async enter(signal) {
      if (signal.aborted) return null
      if (waiting.length === 0 && room()) inside += 1
      else if (!(await place(signal))) return null
      return once(leave)
    },
    enterNow() {
      if (!room()) return null
      inside += 1
      return once(leave)
    },
  }
}

function once(leave: () => void): () => void {
  let left = false
  return () => {
    if (left) return
    left = true
    leave()
  }
}
