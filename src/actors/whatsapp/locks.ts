// One at a time per name. Who asks first goes first; several names are taken in one fixed order, so nobody waits in a circle.

export interface Locks {
  run<T>(names: readonly string[], work: () => Promise<T>): Promise<T>
  /** Whether nobody is at work under any of the names. */
  free(names: readonly string[]): boolean
}

export function makeLocks(): Locks {
  const tails = new Map<string, Promise<void>>()

  async function hold<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
    const [name, ...rest] = names
    if (name === undefined) return work()
    const before = tails.get(name)
    const turn = Promise.withResolvers<void>()
    tails.set(name, turn.promise)
    await before
    try {
      return await hold(rest, work)
    } finally {
      turn.resolve()
      if (tails.get(name) === turn.promise) tails.delete(name)
    }
  }

  return {
    run: (names, work) => hold([...new Set(names)].sort(), work),
    free: (names) => !names.some((name) => tails.has(name)),
  }
}
