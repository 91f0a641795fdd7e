// How long something takes that is done again and again: one after the other, and so many at once. In the process that does it.

export interface Repeat {
  readonly count: number
  /** How many at once. */
  readonly lanes: number
}

export interface Timed {
  /** Of each, in µs, shortest first. */
  readonly micros: readonly number[]
  readonly perSecond: number
  /** CPU time of this process for each, in µs. */
  readonly cpuMicros: number
}

export async function timed({ count, lanes }: Repeat, once: () => Promise<unknown>): Promise<Timed> {
  const micros: number[] = []
  let begun = 0
  const lane = async () => {
    while (begun < count) {
      begun += 1
      const from = performance.now()
      await once()
      micros.push((performance.now() - from) * 1_000)
    }
  }
  const used = process.cpuUsage()
  const from = performance.now()
  await Promise.all(Array.from({ length: lanes }, lane))
  const perSecond = (count * 1_000) / (performance.now() - from)
  const { user, system } = process.cpuUsage(used)
  return { micros: micros.sort((a, b) => a - b), perSecond, cpuMicros: (user + system) / count }
}

/** @param share 0.5 for the median */
export function percentile({ micros }: Timed, share: number): number {
  const found = micros[Math.min(micros.length - 1, Math.floor(micros.length * share))]
  if (found === undefined) throw new Error('nothing was timed')
  return found
}
