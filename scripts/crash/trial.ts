// One trial from the pairing to the verdict: customers write, staff write, the server is killed as planned, and when all is quiet what is
// there is held against what was accepted.

import { setTimeout as sleep } from 'node:timers/promises'
import { ACCOUNTS, PLENTY, SCARCE } from '../proof/cast.ts'
import { check, type Verdict } from '../proof/check.ts'
import type { History } from '../proof/history.ts'
import type { Kill, Plan } from '../proof/plan.ts'
import type { Shop } from '../proof/shop.ts'
import { type Staff, startStaff } from '../proof/staff.ts'
import { openStage, type Stage } from '../proof/stage.ts'
import { makeWitness, type Witness } from '../proof/witness.ts'
import { type Lives, makeLives } from './lives.ts'

export type Adapter = 'journaled' | 'unprotected'

export interface TrialResult extends Verdict {
  readonly plan: Plan
  readonly missed: ReadonlySet<Kill>
  readonly durationMs: number
  /** What went other than planned: the server ended by itself, or it never became quiet. */
  readonly accidents: readonly string[]
}

const POLL_MS = 150
/** Nothing moved for so long, and nothing is left to do. */
const QUIET_MS = 400
const QUIET_WITHIN_MS = 240_000
/** What moved for so long not at all will not move any more. */
const STUCK_MS = 25_000

export async function runTrial(plan: Plan, shop: Shop, adapter: Adapter): Promise<TrialResult> {
  const startedAt = performance.now()
  const stage = await openStage(shop, adapter)
  const staff: Staff[] = []
  try {
    const witness = makeWitness(stage.sim, new Set(plan.messages.map(({ id }) => id)))
    const lives = makeLives(stage, witness)
    const url = await lives.begin(plan.kills[0])
    await stage.pair(url)
    await stage.sim.startLoad(plan.messages, plan.perSecond)
    const writing = startStaff(plan.staff, shop.users, lives.url)
    staff.push(writing)
    for (const [index, kill] of plan.kills.entries()) await lives.endAndRestart(kill, plan.kills[index + 1])
    const noise = await untilQuiet(stage, witness, lives, writing)
    const history = await collect(plan, stage, witness, lives, writing)
    return {
      plan,
      missed: lives.missed,
      durationMs: performance.now() - startedAt,
      ...check(history, { plenty: PLENTY, scarce: SCARCE }),
      accidents: noise === null ? lives.accidents : [...lives.accidents, noise],
    }
  } finally {
    await Promise.all(staff.map((each) => each.stop()))
    await stage.close()
  }
}

/** @returns null when all is done, or what was still to be done when nothing moved any more */
export async function untilQuiet(stage: Stage, witness: Witness, lives: Lives, staff: Staff): Promise<string | null> {
  const deadline = performance.now() + QUIET_WITHIN_MS
  const log = { seen: -1, at: 0 }
  const left = { text: '', at: 0 }
  for (;;) {
    await lives.revive()
    const seen = await witness.look()
    const state = { ...(await leftToDo(stage, staff)), delivering: witness.waiting() }
    const text = JSON.stringify(state)
    const now = performance.now()
    if (seen !== log.seen) Object.assign(log, { seen, at: now })
    if (text !== left.text) Object.assign(left, { text, at: now })
    const idle = Object.values(state).every((count) => count === 0)
    if (idle && now - log.at > QUIET_MS) return null
    if (!idle && (now > deadline || now - left.at > STUCK_MS))
      return `it never became quiet: ${text} ${[...staff.lastAnswers(), ...(await stage.ledger.stuck())].join('; ')}`
    await sleep(POLL_MS)
  }
}

async function leftToDo(stage: Stage, staff: Staff) {
  const { asked, accepted, refused } = await stage.sim.load()
  const { inbox, outbox } = await stage.ledger.waiting()
  return { writing: asked - accepted.length - refused.length, inbox, outbox, staff: staff.lastAnswers().length }
}

/** What it left behind. @throws when the simulator took something not */
export async function collect(
  plan: Pick<Plan, 'messages'>,
  stage: Stage,
  witness: Witness,
  lives: Lives,
  staff: Staff,
): Promise<History> {
  const { accepted, refused } = await stage.sim.load()
  if (refused.length > 0) throw new Error(`the simulator refused ${refused.length} messages: ${refused[0]}`)
  const taken = new Set(accepted)
  const inboxes = await stage.sim.inboxes(ACCOUNTS.flatMap(({ customers }) => customers))
  return {
    accepted: plan.messages
      .filter(({ id }) => taken.has(id))
      .map(({ id, from, to, text }) => ({ id, account: to, customer: from, text })),
    stored: await stage.ledger.stored(),
    receiptsTooEarly: lives.tooEarly,
    orders: await stage.ledger.orders(),
    levels: await stage.ledger.levels(),
    received: inboxes.map(({ customer, from, id, text, count }) => ({ account: from, customer, id, text, count })),
    staff: staff.sent(),
    unreadable: witness.unreadable,
  }
}
