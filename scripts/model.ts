// `node scripts/model.ts`: many runs of the simulated cluster (tests/cluster/model), with fresh seeds until told otherwise. Prints the smallest
// list of commands that breaks a promise and how to see it again; ends with 1 then.

import { type CheckOptions, check, tell } from '../tests/cluster/model/check.ts'
import { MUTANTS } from '../tests/cluster/model/switches.ts'
import { misuse } from './proof/misuse.ts'
import { parsed, whole } from './proof/options.ts'

const USAGE = `Usage: npm run model -- [options]

  --runs N       how many runs (10000)
  --seed N       of the commands; a fresh one when left out
  --path P       goes straight to what was found there before
  --length N     commands of one run, at most (12)
  --redis        only faults of Redis, under which no connection may end
  --without TEXT takes the guards away whose name holds this text, one after the other: each must be noticed
  --quick        does not look for the smallest list of commands

10000 runs take a minute or a few, and longer when there is something to make smaller.
The last line: "every promise held", or how to see again what did not.
Status 0: every promise held, or with --without: each guard was missed. Status 1: not so. Status 2: an option cannot be used.`
const DEFAULT_RUNS = 10_000
const SAY_EVERY = 1_000

/** Takes guards away. @param seed null: of each the one under which it is noticed early */
async function missing(text: string, seed: number | null, options: CheckOptions): Promise<number> {
  const mutants = MUTANTS.filter(({ name }) => name.includes(text))
  let unnoticed = 0
  for (const mutant of mutants) {
    const { runs, found } = await check({ ...options, seed: seed ?? mutant.seed, mutant })
    const noticed = found !== null && mutant.breaks.includes(found.violation.invariant)
    if (!noticed) unnoticed += 1
    process.stdout.write(`${noticed ? 'noticed' : 'NOT NOTICED'} in run ${runs}: ${mutant.name}\n`)
    if (found !== null) process.stdout.write(`${tell(found)}\n\n`)
  }
  return unnoticed === 0 && mutants.length > 0 ? 0 : 1
}

async function main(): Promise<number> {
  const { values } = parsed({
    options: {
      runs: { type: 'string' },
      seed: { type: 'string' },
      path: { type: 'string' },
      length: { type: 'string' },
      redis: { type: 'boolean' },
      without: { type: 'string' },
      quick: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) {
    process.stdout.write(`${USAGE}\n`)
    return 0
  }
  const { without, path } = values
  const options = {
    runs: whole(values, 'runs', { otherwise: DEFAULT_RUNS }),
    seed: whole(values, 'seed', { otherwise: Math.floor(Math.random() * 2 ** 31) }),
    onlyRedis: values.redis ?? false,
    shrink: !(values.quick ?? false),
    ...(path === undefined ? {} : { path }),
    ...(values.length === undefined ? {} : { length: whole(values, 'length', { otherwise: 0 }) }),
    progress: (runs: number) => {
      if (runs % SAY_EVERY === 0) process.stdout.write(`${runs} runs\n`)
    },
  }
  if (without !== undefined) return missing(without, values.seed === undefined ? null : options.seed, options)
  process.stdout.write(`seed ${options.seed}\n`)
  const started = performance.now()
  const { runs, events, found } = await check(options)
  const seconds = (performance.now() - started) / 1_000
  process.stdout.write(
    `${runs} runs, ${events} events in ${seconds.toFixed(1)} s: ${(runs / seconds).toFixed(0)} runs a second\n`,
  )
  process.stdout.write(found === null ? 'every promise held\n' : `${tell(found)}\n`)
  return found === null ? 0 : 1
}

process.exitCode = await main().catch(misuse(USAGE))
