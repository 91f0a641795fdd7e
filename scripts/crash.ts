// `npm run crash`: kills a real server in the middle of its work, again and again, and counts what was lost, doubled or unreadable. It ends
// with status 1 when anything was, or when the same trials without the journal lose nothing, for then they prove nothing.

import { parseArgs } from 'node:util'
import { type DatabaseServer, openDatabaseServer } from './crash/database-server.ts'
import { dropAll } from './crash/databases.ts'
import { addCounts, faults, NO_COUNTS } from './crash/history.ts'
import { planTrial } from './crash/plan.ts'
import { clearAway } from './crash/processes.ts'
import { relaxations } from './crash/relaxed.ts'
import { json, type Totals, table, trialLine } from './crash/report.ts'
import { makeShop, type Shop } from './crash/shop.ts'
import { type Adapter, runTrial } from './crash/trial.ts'
import { USAGE } from './crash/usage.ts'
import { interruption } from './demo/interruption.ts'

const INTERRUPTED = 130
/** From this many unprotected trials on, losing nothing means that the proof has no teeth. */
const TEETH_FROM = 40

interface Settings {
  readonly indexes: readonly number[]
  readonly unprotected: readonly number[]
  readonly seed: number
  readonly scale: number
  readonly database: string | null
  readonly json: boolean
}

function whole(name: string, text: string | undefined, fallback: number, least: number): number {
  const value = text === undefined ? fallback : Number(text)
  if (!Number.isInteger(value) || value < least) throw new Error(`--${name} must be a whole number, ${least} or more.`)
  return value
}

function scaleOf(text: string | undefined): number {
  const value = Number(text ?? 1)
  if (!(value > 0 && value <= 10)) throw new Error('--scale must be a number above 0, at most 10.')
  return value
}

function readSettings(): Settings | null {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: {
      trials: text,
      seed: text,
      only: text,
      'unprotected-trials': text,
      scale: text,
      database: text,
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) return null
  const trials = whole('trials', values.trials, 10, 0)
  const first = (count: number) => Array.from({ length: count }, (_, index) => index)
  const only = values.only === undefined ? null : [whole('only', values.only, 0, 0)]
  const fifth = only === null ? Math.max(1, Math.floor(trials / 5)) : 0
  const unprotected = first(whole('unprotected-trials', values['unprotected-trials'], fifth, 0))
  return {
    indexes: only ?? first(trials),
    unprotected: only !== null && unprotected.length > 0 ? only : unprotected,
    seed: whole('seed', values.seed, 1, 0),
    scale: scaleOf(values.scale),
    database: values.database ?? null,
    json: values.json === true,
  }
}

const say = (text: string) => void process.stderr.write(text)

async function runAll(settings: Settings, shop: Shop, adapter: Adapter): Promise<Totals & { accidents: number }> {
  let totals = { trials: 0, accidents: 0, ...NO_COUNTS }
  for (const index of adapter === 'journaled' ? settings.indexes : settings.unprotected) {
    const result = await runTrial(planTrial(settings.seed, index, settings.scale), shop, adapter)
    say(trialLine(result, adapter))
    totals = {
      ...addCounts(totals, result.counts),
      trials: totals.trials + 1,
      accidents: totals.accidents + result.accidents.length,
    }
  }
  return totals
}

async function run(settings: Settings, server: DatabaseServer): Promise<number> {
  const shop = await makeShop(server.adminUrl)
  const ours = await runAll(settings, shop, 'journaled')
  const unprotected = await runAll(settings, shop, 'unprotected')
  const nothingLost = unprotected.lost + unprotected.ordersLost + unprotected.repliesLost === 0
  const toothless = unprotected.trials >= TEETH_FROM && nothingLost
  if (!toothless && unprotected.trials > 0 && nothingLost)
    say('The few trials without the journal lost nothing: run more of them for a proof with teeth.\n')
  if (toothless) say('The proof has no teeth: the trials without the journal lost nothing either.\n')
  if (ours.accidents > 0) say(`${ours.accidents} things went other than planned; see above.\n`)
  process.stdout.write(`${settings.json ? json(ours, unprotected) : table(ours, unprotected)}\n`)
  return faults(ours) > 0 || ours.accidents > 0 || toothless ? 1 : 0
}

async function main(): Promise<number> {
  const settings = readSettings()
  if (settings === null) {
    process.stdout.write(`${USAGE}\n`)
    return 0
  }
  const interrupted = interruption().then((why) => {
    say(`${why}: everything is ended.\n`)
    return INTERRUPTED
  })
  for (const line of relaxations()) say(`relaxed: ${line}\n`)
  const server = await openDatabaseServer(settings.database)
  try {
    say(`database: ${server.says}\n`)
    return await Promise.race([run(settings, server), interrupted])
  } finally {
    // After a run that ended in order only the shop is left; after an interruption whatever was in use.
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
