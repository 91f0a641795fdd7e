// A map that forgets: at most so many entries, each for at most so long, the least recently used first. No timers, so it keeps nothing alive.

export interface Bounded<V> {
  get(key: string): V | undefined
  set(key: string, value: V): void
  delete(key: string): void
  clear(): void
}

/**
 * @param max entries kept
 * @param ttlMs how long an entry lives after it was set; for ever when not given
 * @param now monotonic milliseconds
 */
export function bounded<V>(max: number, ttlMs = Number.POSITIVE_INFINITY, now = () => performance.now()): Bounded<V> {
  const entries = new Map<string, { readonly value: V; readonly until: number }>()
  return {
    get(key) {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      entries.delete(key)
      if (entry.until <= now()) return undefined
      entries.set(key, entry)
      return entry.value
    },
    set(key, value) {
      entries.delete(key)
      entries.set(key, { value, until: now() + ttlMs })
      for (const oldest of entries.keys()) {
        if (entries.size <= max) break
        entries.delete(oldest)
      }
    },
    delete: (key) => void entries.delete(key),
    clear: () => entries.clear(),
  }
}
