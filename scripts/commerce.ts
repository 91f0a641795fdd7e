// `npm run commerce`: many made-up days of a shop on a real PostgreSQL (tests/commerce), with fresh seeds until told otherwise. Prints the
// smallest list of steps that breaks a rule and how to see it again; ends with 1 then.

import { check } from '../tests/commerce/check.ts'
import { layGround } from '../tests/commerce/ground.ts'
import { misuse } from './proof/misuse.ts'
import { parsed, whole } from './proof/options.ts'

const USAGE = `Usage: npm run commerce -- [options]

  --runs N     how many days (500)
  --seed N     of the steps; a fresh one when left out
  --length N   steps of one day, at most (40)
  --path P     goes straight to what was found there before
  --quick      does not look for the smallest list of steps

A day takes a second or two: 500 some quarter of an hour. It needs no database: one is started if DATABASE_URL names none.
The last line: "every rule held", or how to see again what did not.
Status 0: every rule held. Status 1: one did not. Status 2: an option cannot be used.`
/** Days on one database: looking at all of it takes longer the more there is. */
const TOGETHER = 25

async function part(runs: number, seed: number, length: number, path: string | undefined, shrink: boolean) {
  const undo: (() => unknown)[] = []
  try {
    const ground = await layGround({ teardown: (after: () => unknown) => void undo.unshift(after) })
    return await check(ground, { runs, seed, length, shrink, ...(path === undefined ? {} : { path }) })
  } finally {
    for (const each of undo) await each()
  }
}

/** @returns the exit code */
async function main(): Promise<number> {
  const { values } = parsed({
    options: {
      runs: { type: 'string' },
      seed: { type: 'string' },
      length: { type: 'string' },
      path: { type: 'string' },
      quick: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) {
    process.stdout.write(`${USAGE}\n`)
    return 0
  }
  const wanted = whole(values, 'runs', { otherwise: 500 })
  const first = whole(values, 'seed', { otherwise: Math.floor(Math.random() * 2 ** 31) })
  const length = whole(values, 'length', { otherwise: 40 })
  process.stdout.write(`seed ${first}\n`)
  const started = performance.now()
  let [runs, steps] = [0, 0]
  for (let seed = first; runs < wanted; seed += 1) {
    const done = await part(Math.min(TOGETHER, wanted - runs), seed, length, values.path, values.quick !== true)
    runs += done.runs
    steps += done.steps
    if (done.found !== null) {
      const { message, steps: list, again } = done.found
      process.stdout.write(`${message}\n${list.map((each) => `  ${JSON.stringify(each)}\n`).join('')}again: ${again}\n`)
      return 1
    }
    process.stdout.write(`${runs} runs, ${steps} steps in ${((performance.now() - started) / 1_000).toFixed(0)} s\n`)
  }
  process.stdout.write('every rule held\n')
  return 0
}

process.exitCode = await main().catch(misuse(USAGE))
