// Does together what is asked for at about the same time: at most so many rounds at once, and what comes meanwhile waits for the next. What a
// round is, is its caller's business.

export interface Rounds<T> {
  /** Rounds under way at a time. */
  readonly atOnce: number
  /** Items of one round. */
  readonly most: number
  /** Two items of one name are never in one round. */
  readonly nameOf: (item: T) => string
  /** Resolves when the round is over; then each item's own promise, in their order, says how it went. Rejects when it failed for all. */
  readonly run: (items: readonly T[]) => Promise<readonly { readonly outcome: Promise<void> }[]>
}

interface Waiting<T> {
  readonly item: T
  readonly settle: PromiseWithResolvers<void>
}

/** @returns a function that resolves when the item was done, in whichever round */
export function gathering<T>({ atOnce, most, nameOf, run }: Rounds<T>): (item: T) => Promise<void> {
  let waiting: readonly Waiting<T>[] = []
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

  function take(): readonly Waiting<T>[] {
    const taken = new Map<string, Waiting<T>>()
    const left: Waiting<T>[] = []
    for (const each of waiting) {
      const name = nameOf(each.item)
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
    const settle = Promise.withResolvers<void>()
    waiting = [...waiting, { item, settle }]
    call()
    return settle.promise
  }
}
