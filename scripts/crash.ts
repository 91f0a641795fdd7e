// `npm run crash`: kills a real server in the middle of its work, again and again, and counts what was lost, doubled or unreadable. It ends
// with status 1 when anything was, or when the same trials without the journal lose nothing, for then they prove nothing.

import { json, type Totals, table, trialLine } from './crash/report.ts'
import { type Adapter, runTrial } from './crash/trial.ts'
import { HELP } from './crash/usage.ts'
import { prove, type Stage, type Verdict } from './proof/command.ts'
import { addCounts, faults, NO_COUNTS } from './proof/history.ts'
import { BadOption, type Given, whole } from './proof/options.ts'
import { planTrial } from './proof/plan.ts'
import { relaxations } from './proof/relaxed.ts'
import { makeShop, type Shop } from './proof/shop.ts'

/** From this many unprotected trials on, losing nothing means that the proof has no teeth. */
const TEETH_FROM = 40

interface Settings {
  readonly indexes: readonly number[]
  readonly unprotected: readonly number[]
  readonly seed: number
  readonly scale: number
}

function scaleOf(text: string | undefined): number {
  const value = Number(text ?? 1)
  if (!(value > 0 && value <= 10)) throw new BadOption('--scale must be a number above 0, at most 10.')
  return value
}

function settings(given: Given<keyof typeof HELP.options>): Settings {
  const trials = whole(given, 'trials', { otherwise: 10 })
  const first = (count: number) => Array.from({ length: count }, (_, index) => index)
  const only = given.only === undefined ? null : [whole(given, 'only', { otherwise: 0 })]
  const fifth = only === null ? Math.max(1, Math.floor(trials / 5)) : 0
  const unprotected = first(whole(given, 'unprotected-trials', { otherwise: fifth }))
  return {
    indexes: only ?? first(trials),
    unprotected: only !== null && unprotected.length > 0 ? only : unprotected,
    seed: whole(given, 'seed', { otherwise: 1 }),
    scale: scaleOf(given.scale),
  }
}

async function runAll(
  { indexes, unprotected, seed, scale }: Settings,
  shop: Shop,
  adapter: Adapter,
  say: Stage['say'],
): Promise<Totals & { accidents: number }> {
  let totals = { trials: 0, accidents: 0, ...NO_COUNTS }
  for (const index of adapter === 'journaled' ? indexes : unprotected) {
    const result = await runTrial(planTrial(seed, index, scale), shop, adapter)
    say(trialLine(result, adapter))
    totals = {
      ...addCounts(totals, result.counts),
      trials: totals.trials + 1,
      accidents: totals.accidents + result.accidents.length,
    }
  }
  return totals
}

async function run(settings: Settings, stage: Stage): Promise<Verdict> {
  const { say } = stage
  const shop = await makeShop(stage.server.adminUrl)
  const ours = await runAll(settings, shop, 'journaled', say)
  const unprotected = await runAll(settings, shop, 'unprotected', say)
  const nothingLost = unprotected.lost + unprotected.ordersLost + unprotected.repliesLost === 0
  const toothless = unprotected.trials >= TEETH_FROM && nothingLost
  if (!toothless && unprotected.trials > 0 && nothingLost)
    say('The few trials without the journal lost nothing: run more of them for a proof with teeth.')
  if (toothless) say('The proof has no teeth: the trials without the journal lost nothing either.')
  if (ours.accidents > 0) say(`${ours.accidents} things went other than planned; see above.`)
  return {
    told: stage.json ? json(ours, unprotected) : table(ours, unprotected),
    held: faults(ours) === 0 && ours.accidents === 0 && !toothless,
  }
}

await prove({ help: HELP, settings, relaxed: relaxations(), run })
