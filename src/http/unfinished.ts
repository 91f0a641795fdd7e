// What has to be said to the database about a request that is over, and could not be said because the database was away: said again until it
// is. What is said, and to whom, is decided by the caller.

const AGAIN_MS = 500

export interface Unfinished {
  /** Does it now, or as soon as it can be done. Resolves after the first try. Never rejects. */
  say(what: string, work: () => Promise<void>, failed: (error: unknown) => void): Promise<void>
  /** What waits to be said about it is said now, before anything new begins. Never rejects. */
  settle(what: string): Promise<void>
  /** Resolves when nothing is being said about it at this moment; what could not be said yet is forgotten. */
  over(what: string): Promise<void>
  /** Settles it for what is left to the other rules: this node ends. */
  stop(): void
}

export function makeUnfinished(): Unfinished {
  const waiting = new Map<string, { readonly timer: NodeJS.Timeout; readonly again: () => Promise<void> }>()
  const saying = new Map<string, Promise<void>>()
  let stopped = false

  const attempt = (what: string, work: () => Promise<void>, failed: (error: unknown) => void): Promise<void> => {
    waiting.delete(what)
    const said = work()
      .catch((error: unknown) => {
        failed(error)
        if (stopped || saying.get(what) !== said) return
        const again = () => attempt(what, work, () => undefined)
        const timer = setTimeout(() => void again(), AGAIN_MS)
        timer.unref()
        waiting.set(what, { timer, again })
      })
      .finally(() => {
        if (saying.get(what) === said) saying.delete(what)
      })
    saying.set(what, said)
    return said
  }

  return {
    say: attempt,
    async settle(what) {
      await saying.get(what)
      const left = waiting.get(what)
      if (left === undefined) return
      clearTimeout(left.timer)
      await left.again()
    },
    async over(what) {
      await saying.get(what)
      clearTimeout(waiting.get(what)?.timer)
      waiting.delete(what)
    },
    stop() {
      stopped = true
      for (const { timer } of waiting.values()) clearTimeout(timer)
      waiting.clear()
    },
  }
}
