// `npm run outage`: takes the database away under a real server while customers and staff write, in three ways, and counts what was lost or
// doubled. It ends with status 1 when anything was, or when /health did not say what is down.

import { findings, isWrong, table, total } from './outage/result.ts'
import { type OutageResult, runOutage } from './outage/run.ts'
import { HELP } from './outage/usage.ts'
import { WAYS, type Way } from './outage/ways.ts'
import { prove, type Stage, type Verdict } from './proof/command.ts'
import { type Given, oneOf, whole } from './proof/options.ts'
import { relaxations } from './proof/relaxed.ts'
import { makeShop } from './proof/shop.ts'

const LONGEST_S = 3_600
const FINDINGS_SHOWN = 12

interface Settings {
  readonly seconds: number
  readonly ways: readonly Way[]
  readonly seed: number
}

function settings(given: Given<keyof typeof HELP.options>): Settings {
  const seconds = whole(given, 'seconds', { otherwise: 60, least: 1, most: LONGEST_S })
  const seed = whole(given, 'seed', { otherwise: 1 })
  const way = oneOf(given, 'way', WAYS)
  // A server that was named is not ours to stop.
  const all = given.database === undefined ? WAYS : (['cut'] as const)
  return { seconds, seed, ways: way === null ? all : [way] }
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

async function run({ ways, seconds, seed }: Settings, { server, say, json }: Stage): Promise<Verdict> {
  const shop = await makeShop(server.adminUrl)
  const results: OutageResult[] = []
  for (const way of ways) {
    const result = await runOutage({ way, seconds, seed, power: server.power }, shop)
    results.push(result)
    say(lineOf(result, seconds))
    for (const finding of findings(result).slice(0, FINDINGS_SHOWN)) say(`    ${finding}`)
  }
  const totals = { seconds, ...total(results) }
  return { told: json ? JSON.stringify(totals) : table(totals), held: !results.some(isWrong) }
}

await prove({ help: HELP, settings, relaxed: relaxations(), run })
