// Takes the measurements one after the other. One that fails costs its own figures only: the others took minutes, and stand.

import type { Figure } from './figures.ts'
import type { Measurement } from './plan.ts'
import { table } from './table.ts'

export interface Measured {
  readonly figures: readonly Figure[]
  /** The names of the figures there are none of. */
  readonly missing: readonly string[]
}

/**
 * @param measure takes one
 * @param say progress, for people: what is measured now, and what came of it
 */
export async function measureAll(
  measurements: readonly Measurement[],
  measure: (measurement: Measurement) => Promise<readonly Figure[]>,
  say: (text: string) => void,
): Promise<Measured> {
  const figures: Figure[] = []
  const missing: string[] = []
  for (const measurement of measurements) {
    const { names } = measurement
    say(`Measuring ${names.join(', ')} …`)
    try {
      const found = await measure(measurement)
      figures.push(...found)
      say(table(found))
    } catch (error) {
      missing.push(...names)
      say(`Not measured: ${names.join(', ')}. ${error instanceof Error ? error.stack : String(error)}`)
    }
  }
  return { figures, missing }
}
