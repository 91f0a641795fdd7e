// `npm run chaos`: breaks a cluster of real processes in every way it should survive, again and again, and counts what was lost, doubled or
// said by a node that had no right to. It ends with status 1 when anything was.

import { resolve } from 'node:path'
import { ensureTemplate } from '../tests/support/template.ts'
import { castOf } from './chaos/cast.ts'
import { KINDS, planChaos } from './chaos/plan.ts'
import { addResult, isWrong, json, NO_TOTALS, trialLines } from './chaos/report.ts'
import { runChaos } from './chaos/trial.ts'
import { HELP } from './chaos/usage.ts'
import { findRedis } from './cluster/redis.ts'
import { prove, type Stage, type Verdict } from './proof/command.ts'
import { type Given, oneOf, whole } from './proof/options.ts'
import { relaxations } from './proof/relaxed.ts'

interface Settings {
  readonly trials: number
  readonly seed: number
  readonly from: number
  readonly only: (typeof KINDS)[number] | undefined
  readonly nodes: number
  readonly accounts: number
  readonly former: string | null
  /** The program. */
  readonly redis: string
}

function settings(given: Given<keyof typeof HELP.options>): Settings {
  const chosen = {
    trials: whole(given, 'trials', { otherwise: KINDS.length, least: 1 }),
    seed: whole(given, 'seed', { otherwise: 1 }),
    from: whole(given, 'from', { otherwise: 0 }),
    only: oneOf(given, 'only', KINDS) ?? undefined,
    nodes: whole(given, 'nodes', { otherwise: 3, least: 2 }),
    accounts: whole(given, 'accounts', { otherwise: 6, least: 1 }),
    former: given.former === undefined ? null : resolve(given.former),
  }
  const redis = findRedis()
  if (redis === null) throw new Error('There is no Redis here: install redis-server or valkey-server.')
  return { ...chosen, redis }
}

async function run(settings: Settings, { server, say }: Stage): Promise<Verdict> {
  const { former, nodes, redis } = settings
  const { adminUrl, power } = server
  const template = await ensureTemplate(adminUrl)
  const accounts = castOf(settings.accounts)
  let totals = NO_TOTALS
  for (let index = settings.from; index < settings.from + settings.trials; index += 1) {
    const plan = planChaos(settings.seed, index, accounts, settings.only)
    try {
      const result = await runChaos(plan, { adminUrl, template, redis, power, nodes, accounts, former })
      say(trialLines(result))
      totals = addResult(totals, result)
    } catch (error) {
      totals = { ...totals, trials: totals.trials + 1, accidents: totals.accidents + 1 }
      say(
        `trial ${index} | ${plan.kind} | seed ${plan.seed} | ${error instanceof Error ? error.message : String(error)}`,
      )
    }
  }
  return { told: json(totals), held: !isWrong(totals) }
}

await prove({ help: HELP, settings, relaxed: relaxations(), run })
