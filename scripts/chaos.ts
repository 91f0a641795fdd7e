// `npm run chaos`: breaks a cluster of real processes in every way it should survive, again and again, and counts what was lost, doubled or
// said by a node that had no right to. It ends with status 1 when anything was.

import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureTemplate } from '../tests/support/template.ts'
import { castOf } from './chaos/cast.ts'
import { KINDS, planChaos } from './chaos/plan.ts'
import { addResult, isWrong, json, NO_TOTALS, trialLines } from './chaos/report.ts'
import { runChaos } from './chaos/trial.ts'
import { findRedis } from './cluster/redis.ts'
import { type DatabaseServer, openDatabaseServer } from './crash/database-server.ts'
import { dropAll } from './crash/databases.ts'
import { clearAway } from './crash/processes.ts'
import { relaxations } from './crash/relaxed.ts'
import { interruption } from './demo/interruption.ts'

const USAGE = `npm run chaos -- [--trials 8] [--seed 1] [--only KIND] [--from K] [--nodes 3] [--accounts 6] [--database URL]
  [--former DIR] [--json]

  --trials N      so many trials, which take turns: ${KINDS.join(', ')}
  --seed S        decides who writes what and what breaks when
  --only KIND     trials of this kind alone
  --from K        begins with trial K of this seed
  --database URL  a PostgreSQL on which databases may be made; a bundled one is started if not given
  --former DIR    a checkout of a version before this one, with its packages: every node begins with its program, beside the
                  tables of this one, and is started again with this one's. With --only rolling: an update
  --json          the last line is one object

It needs redis-server or valkey-server on the PATH. Status 1: something was lost, doubled, dropped, refused or written without a right.`

const INTERRUPTED = 130
const say = (text: string) => void process.stderr.write(text)

interface Settings {
  readonly trials: number
  readonly seed: number
  readonly from: number
  readonly only: (typeof KINDS)[number] | undefined
  readonly nodes: number
  readonly accounts: number
  readonly database: string | null
  readonly former: string | null
}

function readSettings(): Settings | null {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: {
      trials: text,
      seed: text,
      only: text,
      from: text,
      nodes: text,
      accounts: text,
      database: text,
      former: text,
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) return null
  const whole = (name: string, given: string | undefined, fallback: number, least: number) => {
    const value = Number(given ?? fallback)
    if (!Number.isInteger(value) || value < least)
      throw new Error(`--${name} must be a whole number, ${least} or more.`)
    return value
  }
  const only = KINDS.find((kind) => kind === values.only)
  if (values.only !== undefined && only === undefined) throw new Error(`--only is one of ${KINDS.join(', ')}.`)
  return {
    trials: whole('trials', values.trials, KINDS.length, 1),
    seed: whole('seed', values.seed, 1, 0),
    from: whole('from', values.from, 0, 0),
    only,
    nodes: whole('nodes', values.nodes, 3, 2),
    accounts: whole('accounts', values.accounts, 6, 1),
    database: values.database ?? null,
    former: values.former === undefined ? null : resolve(values.former),
  }
}

async function run(settings: Settings, redis: string, { adminUrl, power }: DatabaseServer): Promise<number> {
  const template = await ensureTemplate(adminUrl)
  const accounts = castOf(settings.accounts)
  let totals = NO_TOTALS
  for (let index = settings.from; index < settings.from + settings.trials; index += 1) {
    const { former, nodes } = settings
    const plan = planChaos(settings.seed, index, accounts, settings.only)
    try {
      const result = await runChaos(plan, { adminUrl, template, redis, power, nodes, accounts, former })
      say(trialLines(result))
      totals = addResult(totals, result)
    } catch (error) {
      totals = { ...totals, trials: totals.trials + 1, accidents: totals.accidents + 1 }
      say(
        `trial ${index} | ${plan.kind} | seed ${plan.seed} | ${error instanceof Error ? error.message : String(error)}\n`,
      )
    }
  }
  process.stdout.write(`${json(totals)}\n`)
  return isWrong(totals) ? 1 : 0
}

async function main(): Promise<number> {
  const settings = readSettings()
  if (settings === null) {
    process.stdout.write(`${USAGE}\n`)
    return 0
  }
  const redis = findRedis()
  if (redis === null) throw new Error('There is no Redis here: install redis-server or valkey-server.')
  const interrupted = interruption().then((why) => {
    say(`${why}: everything is ended.\n`)
    return INTERRUPTED
  })
  for (const line of relaxations()) say(`relaxed: ${line}\n`)
  const server = await openDatabaseServer(settings.database)
  try {
    say(`database: ${server.says}\n`)
    return await Promise.race([run(settings, redis, server), interrupted])
  } finally {
    for (const each of [clearAway, dropAll])
      await each().catch((error: unknown) => say(`cleaning up: ${String(error)}\n`))
    await server.close()
  }
}

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    say(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  },
)
