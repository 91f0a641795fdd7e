// `node scripts/model.ts`: many runs of the simulated cluster (tests/cluster/model), with fresh seeds until told otherwise. Prints the smallest
// list of commands that breaks a promise and how to see it again; ends with 1 then.

import { parseArgs } from 'node:util'
import { type CheckOptions, check, tell } from '../tests/cluster/model/check.ts'
import { MUTANTS } from '../tests/cluster/model/switches.ts'
import { readTyped, wholeNumber } from './typed.ts'

const USAGE = `Usage: npm run model -- [options]

  --runs N       how many runs (10000)
  --seed N       of the commands; a fresh one when left out
  --path P       goes straight to what was found there before
  --length N     commands of one run, at most (12)
  --redis        only faults of Redis, under which no connection may end
  --without TEXT takes the guards away whose name holds this text, one after the other: each must be noticed
  --quick        does not look for the smallest list of commands
`
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

function readSettings() {
  const { values } = parseArgs({
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
  const { help = false, without, path, seed, length } = values
  const options = {
    runs: wholeNumber('runs', values.runs, DEFAULT_RUNS),
    seed: wholeNumber('seed', seed, Math.floor(Math.random() * 2 ** 31), -(2 ** 31)),
    onlyRedis: values.redis ?? false,
    shrink: !(values.quick ?? false),
    ...(path === undefined ? {} : { path }),
    ...(length === undefined ? {} : { length: wholeNumber('length', length, 0) }),
    progress: (runs: number) => {
      if (runs % SAY_EVERY === 0) process.stdout.write(`${runs} runs\n`)
    },
  }
  return { help, without, seedGiven: seed !== undefined, options }
}

async function main(): Promise<number> {
  const { help, without, seedGiven, options } = readTyped(USAGE, readSettings)
  if (help) {
    process.stdout.write(USAGE)
    return 0
  }
  if (without !== undefined) return missing(without, seedGiven ? options.seed : null, options)
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

process.exitCode = await main()
