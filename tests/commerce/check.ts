// Runs made-up days of a shop until one breaks a rule, and cuts that one down to the smallest that does.

import fc from 'fast-check'
import type { Ground } from './ground.ts'
import { type Step, step } from './steps.ts'
import { makeWorld } from './world.ts'

export interface CheckOptions {
  readonly runs: number
  readonly seed: number
  /** Steps of one run, at most. */
  readonly length: number
  readonly path?: string
  readonly progress?: (runs: number) => void
  /** False: the first that breaks a rule is told as it is, for a run that has to end soon. */
  readonly shrink?: boolean
}

export interface Checked {
  readonly runs: number
  readonly steps: number
  /** Null: every rule held. */
  readonly found: { readonly steps: readonly Step[]; readonly message: string; readonly again: string } | null
}

export async function check(ground: Ground, options: CheckOptions): Promise<Checked> {
  let runs = 0
  let taken = 0
  // Long enough to come somewhere; what breaks a rule is cut down by leaving steps out.
  const bounds = { minLength: Math.ceil(options.length / 2), maxLength: options.length, size: 'max' } as const
  const days = fc.array(fc.option(step, { freq: 50 }), bounds).map((all) => all.filter((each) => each !== null))
  const property = fc.asyncProperty(days, async (steps) => {
    runs += 1
    const world = await makeWorld(ground)
    for (const each of steps) {
      taken += 1
      await world.run(each)
    }
    options.progress?.(runs)
  })
  const details = await fc.check(property, {
    numRuns: options.runs,
    seed: options.seed,
    ...(options.path === undefined ? {} : { path: options.path }),
    endOnFailure: options.shrink === false,
  })
  if (!details.failed) return { runs, steps: taken, found: null }
  const { counterexample, errorInstance, counterexamplePath } = details
  const message =
    errorInstance instanceof Error ? (errorInstance.stack ?? errorInstance.message) : String(errorInstance)
  const again = `--seed ${options.seed} --path ${counterexamplePath ?? ''} --length ${options.length}`
  return { runs, steps: taken, found: { steps: counterexample?.[0] ?? [], message, again } }
}
