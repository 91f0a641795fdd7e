// Does several things at once, but those that share a name one after the other, in their order. How many at once, and what is done, is the
// caller's business.

/**
 * @param namesOf what an item must not be done together with; items that share any of them follow each other
 * @throws what the first one throws, when those that were under way are through; none is begun after it
 */
export async function inTurns<T>(
  items: readonly T[],
  namesOf: (item: T) => readonly string[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const last = new Map<string, Promise<void>>()
  const failures: unknown[] = []
  const doings = items.map((item) => {
    const names = namesOf(item)
    const before = names.flatMap((name) => last.get(name) ?? [])
    const doing = Promise.all(before).then(async () => {
      if (failures.length > 0) return
      try {
        await work(item)
      } catch (error) {
        failures.push(error)
      }
    })
    for (const name of names) last.set(name, doing)
    return doing
  })
  await Promise.all(doings)
  if (failures.length > 0) throw failures[0]
}
