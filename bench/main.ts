// `npm run bench`: our server beside Baileys as it comes, in turns, against one simulator in a third process. Prints a table, or with --json
// the figures alone as an array.

import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { type Measured, measureAll } from './measure.ts'
import { openBench } from './parts.ts'
import { chosen, type Measurement, NoSuchFigure } from './plan.ts'
import { RELAXED } from './relaxed.ts'
import { table } from './table.ts'

const USAGE = `Usage: npm run bench -- [--json] [--quick] [--only "name of a figure"] [--profile folder]

  --quick     few and small: shows that it works, the figures say little
  --profile   writes a CPU profile of our server there`

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean' },
      quick: { type: 'boolean' },
      help: { type: 'boolean' },
      only: { type: 'string' },
      profile: { type: 'string' },
    },
  })
  const { json = false, quick = false, help = false, only, profile } = values
  if (help) return console.log(USAGE)
  const measurements = chosen(only)
  const say = (line: string) => void process.stderr.write(`${line}\n`)
  say(`Node ${process.versions.node}, ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)} at the start.`)
  for (const limit of RELAXED) say(`Relaxed: ${limit}.`)
  const bench = await openBench({ flags: profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`] })
  let measured: Measured
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void bench.close().finally(() => process.exit(1)))
  try {
    const measure = async ({ run }: Measurement) => {
      try {
        return await run(bench, quick)
      } finally {
        await bench.shop.rest()
      }
    }
    measured = await measureAll(measurements, measure, say)
  } finally {
    await bench.close()
  }
  const { figures, missing } = measured
  const named = figures.filter(({ name }) => only === undefined || name === only || name.startsWith(`${only} on `))
  // Done quickly, "reconnect 300" is of fewer and is called so.
  const wanted = named.length > 0 ? named : figures
  console.log(json ? JSON.stringify(wanted) : table(wanted))
  if (missing.length > 0) {
    say(`Not measured: ${missing.join(', ')}. Why is said above.`)
    process.exitCode = 1
  }
}

run().catch((error: unknown) => {
  const parsing = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
  const refused = parsing || error instanceof NoSuchFigure
  process.stderr.write(
    `${refused ? `${error.message}\n${USAGE}` : error instanceof Error ? error.stack : String(error)}\n`,
  )
  process.exitCode = 1
})
