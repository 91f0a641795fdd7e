// Many runs of the simulated cluster, and the smallest that breaks a promise: fast-check makes the commands and the seed of the schedule,
// shrinks the commands, and can replay what it found.

import fc from 'fast-check'
import { anyCommand, type Command, redisCommand, type Timed, timeline } from './commands.ts'
import type { Violation } from './invariants.ts'
import type { Mutant } from './switches.ts'
import { type Outcome, run } from './world.ts'

export interface CheckOptions {
  readonly runs: number
  readonly seed: number
  readonly mutant?: Mutant
  /** Where fast-check found it, to go there at once. */
  readonly path?: string
  /** How many commands a run has at most. */
  readonly length?: number
  readonly shrink?: boolean
  /** Only faults of Redis, under which no connection may end. */
  readonly onlyRedis?: boolean
  readonly progress?: (runs: number) => void
}

export interface Found {
  readonly violation: Violation
  readonly timeline: readonly Timed[]
  /** Of the schedule. */
  readonly schedule: number
  readonly seed: number
  readonly path: string
  readonly shrinks: number
}

export interface Checked {
  readonly runs: number
  readonly events: number
  readonly found: Found | null
}

const DEFAULT_LENGTH = 12

function judge({ violation, closed }: Outcome, onlyRedis: boolean): Violation | null {
  if (violation !== null || !onlyRedis || closed === 0) return violation
  return { invariant: 'I10', says: `${closed} connections ended for Redis`, at: 0 }
}

export async function check(options: CheckOptions): Promise<Checked> {
  const { mutant = null, onlyRedis = false } = options
  let runs = 0
  let events = 0
  const arbitrary = timeline(onlyRedis ? redisCommand : anyCommand, options.length ?? DEFAULT_LENGTH)
  const schedule = fc.noShrink(fc.integer({ min: 1, max: 2 ** 31 - 1 }))
  const property = fc.asyncProperty(arbitrary, schedule, async (commands, seed) => {
    const outcome = await run({ timeline: commands, seed, mutant })
    runs += 1
    events += outcome.events
    options.progress?.(runs)
    return judge(outcome, onlyRedis) === null
  })
  const details = await fc.check(property, {
    numRuns: options.runs,
    seed: options.seed,
    ...(options.path === undefined ? {} : { path: options.path }),
    endOnFailure: options.shrink === false,
  })
  const counterexample = details.counterexample
  if (!details.failed || counterexample === null) return { runs, events, found: null }
  const [commands, seed] = counterexample
  const again = judge(await run({ timeline: commands, seed, mutant }), onlyRedis)
  if (again === null) throw new Error('what was found does not happen again: the simulation is not deterministic')
  const least = options.shrink === false ? null : await fewest(commands, seed, mutant, again.invariant)
  const found: Found = {
    violation: least?.violation ?? again,
    timeline: least?.timeline ?? commands,
    schedule: seed,
    seed: details.seed,
    path: details.counterexamplePath ?? '',
    shrinks: details.numShrinks,
  }
  return { runs, events, found }
}

/** fast-check shortens a list from its beginning; this leaves out every command that is not needed for the same promise to break. */
async function fewest(
  timeline: readonly Timed[],
  seed: number,
  mutant: Mutant | null,
  invariant: string,
): Promise<{ readonly timeline: readonly Timed[]; readonly violation: Violation } | null> {
  for (let left = 0; left < timeline.length; left += 1) {
    const fewer = timeline.toSpliced(left, 1)
    const { violation } = await run({ timeline: fewer, seed, mutant })
    if (violation?.invariant === invariant)
      return (await fewest(fewer, seed, mutant, invariant)) ?? { timeline: fewer, violation }
  }
  return null
}

/** The smallest failing list of commands, as a person reads it, with what it takes to see it again. */
export function tell({ violation, timeline: commands, schedule, seed, path, shrinks }: Found): string {
  const line = ({ after, command }: Timed) => `  after ${after} ms: ${sentence(command)}`
  return [
    `${violation.invariant} broke: ${violation.says} (at ${Math.round(violation.at)} ms)`,
    ...commands.map(line),
    `schedule ${schedule}; ${shrinks} times made smaller; again with: node scripts/model.ts --seed ${seed} --path ${path}`,
  ].join('\n')
}

function sentence({ type, ...rest }: Command): string {
  const details = Object.entries(rest).map(([name, value]) => `${name} ${value}`)
  return [type, ...details].join(' ')
}
