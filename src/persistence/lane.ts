// Takes turns together: what is asked for in one turn of the event loop goes at once, and while a batch is under way whatever arrives waits, and
// goes as the next. Nothing waits for a batch to fill.

import { setImmediate as turn } from 'node:timers/promises'
import { errorCode, isUnavailable } from './unavailable.ts'

/** How a lane makes up its batches. */
export interface LaneOptions<T, R> {
  /** Carries out a batch; what it throws is thrown to every one of the batch. */
  readonly run: (batch: readonly T[]) => Promise<readonly PromiseSettledResult<R>[]>
  /** How many go at once. */
  readonly most: number
  /** Two of one name never go together, and go in their order. Without it, all may. */
  readonly nameOf?: (item: T) => string
}

/** @returns adds one, and answers when its batch is done */
export function makeLane<T, R>({ run, most, nameOf }: LaneOptions<T, R>): (item: T) => Promise<R> {
  interface Waiting {
    readonly item: T
    readonly resolve: (result: R) => void
    readonly reject: (error: unknown) => void
  }
  let waiting: Waiting[] = []
  let busy = false

  const next = (): readonly Waiting[] => {
    const names = new Set<string>()
    const batch: Waiting[] = []
    const left: Waiting[] = []
    for (const each of waiting) {
      const name = nameOf?.(each.item)
      const goes = batch.length < most && (name === undefined || !names.has(name))
      if (goes) batch.push(each)
      else left.push(each)
      if (name !== undefined) names.add(name)
    }
    waiting = left
    return batch
  }

  const drive = async () => {
    busy = true
    while (waiting.length > 0) {
      // Those who waited for the same answer go on one after the other, in this turn.
      await turn()
      const batch = next()
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

/**
 * A batch in one statement. When the server refuses it, nothing of it was done, and one of the batch has a reason of its own, which must not be
 * that of the others: then each is done by itself. What it throws otherwise (the database is away) is thrown.
 */
export async function togetherOrAlone<T, R>(
  batch: readonly T[],
  together: (batch: readonly T[]) => Promise<readonly PromiseSettledResult<R>[]>,
  alone: (item: T) => Promise<R>,
): Promise<readonly PromiseSettledResult<R>[]> {
  if (batch.length > 1) {
    try {
      return await together(batch)
    } catch (error) {
      if (isUnavailable(error) || !SQL_STATE.test(errorCode(error) ?? '')) throw error
    }
  }
  // At once, so that nobody waits for what only one of them waits for.
  return Promise.allSettled(batch.map(alone))
}

const SQL_STATE = /^[0-9A-Z]{5}$/
