// Waiting with an end: what a piece of work gives, unless its time is over first. The work itself goes on.

/** How often those that wait are looked at, in ms: an end may come so much later. */
const LOOK_MS = 5

interface Waiting {
  readonly deadline: number
  readonly monotonic: () => number
  readonly late: () => void
}

// One timer for all: nearly every piece of work is done in time, and a timer for each would cost more than many of them.
const waiting = new Set<Waiting>()
let look: NodeJS.Timeout | null = null

function watch(): void {
  for (const each of waiting)
    if (each.monotonic() >= each.deadline) {
      waiting.delete(each)
      each.late()
    }
  if (waiting.size > 0 || look === null) return
  clearInterval(look)
  look = null
}

/** Calls back when the time is over. @returns calls it off; safe to call twice */
export function atDeadline(deadline: number, monotonic: () => number, late: () => void): () => void {
  const mine = { deadline, monotonic, late }
  waiting.add(mine)
  look ??= setInterval(watch, LOOK_MS)
  return () => void waiting.delete(mine)
}

/** What the work gives in time; null when its time is over first. */
export function before<T>(deadline: number, monotonic: () => number, work: Promise<T>): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const inTime = atDeadline(deadline, monotonic, () => resolve(null))
    work.then(
      (value) => {
        inTime()
        resolve(value)
      },
      (error: unknown) => {
        inTime()
        reject(error)
      },
    )
  })
}
