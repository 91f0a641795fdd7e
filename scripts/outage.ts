// `npm run outage`: takes the database away under a real server while customers and staff write, in three ways, and counts what was lost or
// doubled. It ends with status 1 when anything was, or when /health did not say what is down.

import { parseArgs } from 'node:util'
import { openDatabaseServer } from './crash/database-server.ts'
import { dropAll } from './crash/databases.ts'
import { clearAway } from './crash/processes.ts'
import { relaxations } from './crash/relaxed.ts'
import { makeShop } from './crash/shop.ts'
import { interruption } from './demo/interruption.ts'
import { findings, isWrong, table, total } from './outage/result.ts'
import { type OutageResult, runOutage } from './outage/run.ts'
import { WAYS, type Way } from './outage/ways.ts'

const USAGE = `npm run outage -- [--seconds 60] [--way stop|freeze|cut] [--seed 1] [--database URL] [--json]

  --seconds N     how long the database is away
  --way W         stop: its server is stopped; freeze: its server hangs; cut: the line to it is cut. One after the other if not given
  --seed S        decides who writes what
  --database URL  a PostgreSQL on which databases may be made, for "cut" alone; a bundled one is started if not given
  --json          the last line is one object

Columns, beside those of npm run crash:
  outages      how many there were
  downAfterMs  from the beginning of an outage until /health said 503 and that the database is down, at most
  upAfterMs    from its end until /health said 200 again, at most
  healthWrong  answers of /health in between that said otherwise, and questions nobody answered

It ends with status 1 when any column but the sizes, the times and resends is not 0, or when /health was late.`

const INTERRUPTED = 130
const LONGEST_S = 3_600
const say = (line: string) => void process.stderr.write(`${line}\n`)

interface Settings {
  readonly seconds: number
  readonly ways: readonly Way[]
  readonly seed: number
  readonly database: string | null
  readonly json: boolean
}

function readSettings(): Settings | null {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: {
      seconds: text,
      way: text,
      seed: text,
      database: text,
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) return null
  const seconds = Number(values.seconds ?? 60)
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > LONGEST_S)
    throw new Error(`--seconds must be a whole number from 1 to ${LONGEST_S}.`)
  const seed = Number(values.seed ?? 1)
  if (!Number.isInteger(seed) || seed < 0) throw new Error('--seed must be a whole number, 0 or more.')
  const way = WAYS.find((name) => name === values.way)
  if (values.way !== undefined && way === undefined) throw new Error(`--way must be one of ${WAYS.join(', ')}.`)
  const all = values.database === undefined ? WAYS : (['cut'] as const)
  const database = values.database ?? null
  return { seconds, seed, database, ways: way === undefined ? all : [way], json: values.json === true }
}

function lineOf(result: OutageResult, seconds: number): string {
  const { way, counts, health } = result
  const { messages, ordersExpected } = counts
  const said = `/health said so after ${health.downAfterMs} ms, and was well ${health.upAfterMs} ms after its end`
  return [
    `${way}: ${seconds} s without a database | ${messages} messages, ${ordersExpected} orders | ${said}`,
    isWrong(result) ? `WRONG ${JSON.stringify(counts)}` : 'ok',
  ].join(' | ')
}

async function main(): Promise<number> {
  const settings = readSettings()
  if (settings === null) {
    process.stdout.write(`${USAGE}\n`)
    return 0
  }
  const interrupted = interruption().then((why) => {
    say(`${why}: everything is ended.`)
    return INTERRUPTED
  })
  for (const line of relaxations()) say(`relaxed: ${line}`)
  const server = await openDatabaseServer(settings.database)
  const run = async () => {
    const shop = await makeShop(server.adminUrl)
    const results: OutageResult[] = []
    for (const way of settings.ways) {
      const { seconds, seed } = settings
      const result = await runOutage({ way, seconds, seed, power: server.power }, shop)
      results.push(result)
      say(lineOf(result, seconds))
      for (const finding of findings(result).slice(0, 12)) say(`    ${finding}`)
    }
    const totals = { seconds: settings.seconds, ...total(results) }
    process.stdout.write(`${settings.json ? JSON.stringify(totals) : table(totals)}\n`)
    return results.some(isWrong) ? 1 : 0
  }
  try {
    say(`database: ${server.says}`)
    return await Promise.race([run(), interrupted])
  } finally {
    for (const each of [clearAway, dropAll])
      await each().catch((error: unknown) => say(`cleaning up: ${String(error)}`))
    await server.close()
  }
}

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    say(error instanceof Error ? error.message : String(error))
    process.exit(1)
  },
)
