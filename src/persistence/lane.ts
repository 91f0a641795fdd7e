// Takes turns together: while one batch is under way, whatever arrives waits, and goes as the next. Nothing waits for a batch to fill.

/**
 * @param run carries out a batch; what it throws is thrown to every one of the batch
 * @param most how many go at once
 * @returns adds one, and answers when its batch is done
 */
export function makeLane<T, R>(
  run: (batch: readonly T[]) => Promise<readonly PromiseSettledResult<R>[]>,
  most: number,
): (item: T) => Promise<R> {
  interface Waiting {
    readonly item: T
    readonly resolve: (result: R) => void
    readonly reject: (error: unknown) => void
  }
  const waiting: Waiting[] = []
  let busy = false

  const drive = async () => {
    busy = true
    while (waiting.length > 0) {
      const batch = waiting.splice(0, most)
      try {
        const results = await run(batch.map(({ item }) => item))
        for (const [index, { resolve, reject }] of batch.entries()) {
          const result = results[index]
          if (result === undefined) reject(new Error('a batch has fewer results than items'))
          else if (result.status === 'fulfilled') resolve(result.value)
          else reject(result.reason)
        }
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    busy = false
  }

  return (item) =>
    new Promise<R>((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (!busy) void drive()
    })
}
