// One outage: the shop of the crash runs, customers and staff who write before, through and after it, and somebody who asks /health all the time.

import { setTimeout as sleep } from 'node:timers/promises'
import { makeLives } from '../crash/lives.ts'
import { collect, untilQuiet } from '../crash/trial.ts'
import { PLENTY, SCARCE } from '../proof/cast.ts'
import { check, type Verdict } from '../proof/check.ts'
import type { DatabasePower } from '../proof/database-server.ts'
import { type Plan, planTrial } from '../proof/plan.ts'
import type { Shop } from '../proof/shop.ts'
import { type Staff, startStaff } from '../proof/staff.ts'
import { openStage } from '../proof/stage.ts'
import { makeWitness } from '../proof/witness.ts'
import { type HealthVerdict, type HealthWatch, judge, watchHealth } from './health.ts'
import { outageOf, type Way } from './ways.ts'

export interface OutageOptions {
  readonly way: Way
  readonly seconds: number
  readonly seed: number
  readonly power: DatabasePower | null
}

export interface OutageResult extends Verdict {
  readonly way: Way
  readonly health: HealthVerdict
  /** What went other than planned: the server ended by itself, or it never became quiet. */
  readonly accidents: readonly string[]
}

const MS = 1_000
const PER_SECOND = 12
/** The load goes on so long before the outage and after it. */
const BEFORE_MS = 3_000
const AFTER_MS = 5_000
/** The trial of these that is planned for an outage, and its load. */
const OUTAGE_INDEX = 2
const PLANNED = { messages: 300, perSecond: 120 }

/** The crash runs' load for an outage, written more slowly and for longer, with nobody killed. */
export function planOutage(seed: number, seconds: number): Plan {
  const messages = PER_SECOND * (seconds + (BEFORE_MS + AFTER_MS) / MS)
  const plan = planTrial(seed, OUTAGE_INDEX, messages / PLANNED.messages)
  const slower = PLANNED.perSecond / PER_SECOND
  const staff = plan.staff.map((note) => ({ ...note, atMs: Math.round(note.atMs * slower) }))
  return { ...plan, perSecond: PER_SECOND, staff, kills: [] }
}

export async function runOutage({ way, seconds, seed, power }: OutageOptions, shop: Shop): Promise<OutageResult> {
  const plan = planOutage(seed, seconds)
  const stage = await openStage(shop, 'journaled')
  const staff: Staff[] = []
  const watches: HealthWatch[] = []
  const outage = outageOf(way, power, stage.relay)
  let away = false
  try {
    const witness = makeWitness(stage.sim, new Set(plan.messages.map(({ id }) => id)))
    const lives = makeLives(stage, witness)
    await stage.pair(await lives.begin(undefined))
    const health = watchHealth(lives.url)
    watches.push(health)
    await stage.sim.startLoad(plan.messages, plan.perSecond)
    const writing = startStaff(plan.staff, shop.users, lives.url)
    staff.push(writing)
    await sleep(BEFORE_MS)
    const from = performance.now()
    away = true
    await outage.begin()
    await sleep(seconds * MS)
    await outage.end()
    away = false
    const until = performance.now()
    const noise = await untilQuiet(stage, witness, lives, writing)
    const history = await collect(plan, stage, witness, lives, writing)
    await health.stop()
    return {
      way,
      health: judge(health.looks, from, until),
      ...check(history, { plenty: PLENTY, scarce: SCARCE }),
      accidents: noise === null ? lives.accidents : [...lives.accidents, noise],
    }
  } finally {
    await Promise.all([...staff, ...watches].map((each) => each.stop()))
    // The stage drops its database, which must be there for that.
    if (away) await outage.end().catch(() => undefined)
    await stage.close()
  }
}
