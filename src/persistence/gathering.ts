// Does together what is asked for at about the same time: at most so many rounds at once, and what comes meanwhile waits for the next. What a
// round is, is its caller's business.

export interface Rounds<T, R> {
  /** Rounds under way at a time. */
  readonly atOnce: number
  /** Items of one round. */
  readonly most: number
  /** Two items of one name are never in one round. Left out: any may be. */
  readonly nameOf?: (item: T) => string
  /** Resolves when the round is over; then each item's own promise, in their order, says how it went. Rejects when it failed for all. */
  readonly run: (items: readonly T[]) => Promise<readonly { readonly outcome: Promise<R> }[]>
}

interface Waiting<T, R> {
  readonly item: T
  readonly settle: PromiseWithResolvers<R>
}

/** @returns a function that resolves when the item was done, in whichever round, with what came of it */
export function gathering<T, R = void>({ atOnce, most, nameOf, run }: Rounds<T, R>): (item: T) => Promise<R> {
  let waiting: readonly Waiting<T, R>[] = []
  let running = 0
  let called = false

  /** At the end of this turn of the event loop, so that what the turn brings goes together. */
  function call(): void {
    if (called || running >= atOnce || waiting.length === 0) return
    called = true
    setImmediate(() => {
      called = false
      void round()
    })
  }

  function take(): readonly Waiting<T, R>[] {
    const taken = new Map<unknown, Waiting<T, R>>()
    const left: Waiting<T, R>[] = []
    for (const each of waiting) {
      const name = nameOf === undefined ? each : nameOf(each.item)
      if (taken.size < most && !taken.has(name)) taken.set(name, each)
      else left.push(each)
    }
    waiting = left
    return [...taken.values()]
  }

  async function round(): Promise<void> {
    const together = take()
    running += 1
    call()
    try {
      const outcomes = await run(together.map(({ item }) => item))
      together.forEach(({ settle }, n) => {
        settle.resolve(outcomes[n]?.outcome ?? Promise.reject(new Error('a round left an item out')))
      })
    } catch (error) {
      for (const { settle } of together) settle.reject(error)
    }
    running -= 1
    call()
  }

  return (item) => {
    const settle = Promise.withResolvers<R>()
    waiting = [...waiting, { item, settle }]
    call()
    return settle.promise
  }
}
