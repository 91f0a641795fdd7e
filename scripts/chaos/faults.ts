// The failures: each breaks the cluster in one way while people write, waits until it is whole again, and says what it saw.

import { setTimeout as sleep } from 'node:timers/promises'
import { callApi } from '../proof/http.ts'
import type { ChaosNode } from './node-process.ts'
import type { ChaosPlan, Kind } from './plan.ts'
import { gaps, type Traffic, takeovers } from './scenes.ts'
import type { ChaosStage } from './stage.ts'

export interface Seen {
  /** From the failure to the next login of each account that was hit, in ms. */
  readonly takeoverMs: readonly number[]
  /** Without a connection while a session was given over in order, in ms. */
  readonly handoffGapMs: readonly number[]
  /** What a frozen node said to WhatsApp once it woke. */
  readonly framesAfterTakeover: number
  /** Connections that ended and should not have. */
  readonly drops: number
  /** Sends of staff that were answered with anything but 202. */
  readonly failedSends: number
  readonly notes: readonly string[]
}

const NOTHING: Seen = {
  takeoverMs: [],
  handoffGapMs: [],
  framesAfterTakeover: 0,
  drops: 0,
  failedSends: 0,
  notes: [],
}
/** Two leases; policy.lease.ttlMs. */
const TWO_LEASES_MS = 16_000
const HEALED_WITHIN_MS = 60_000
const GONE_WITHIN_MS = 10_000
const POLL_MS = 25
const RUDE: readonly Kind[] = [
  'kill',
  'kill-twice',
  'drain-cut',
  'kill-without-redis',
  'freeze-busy',
  'freeze-idle',
  'database',
]

type Fault = (stage: ChaosStage, plan: ChaosPlan, traffic: Traffic) => Promise<Seen>

/** Breaks it as planned. Resolves when what broke is back. @throws when it does not come back */
export async function carryOut(stage: ChaosStage, plan: ChaosPlan, traffic: Traffic): Promise<Seen> {
  await sleep(plan.afterMs)
  const seen = await FAULTS[plan.kind](stage, plan, traffic)
  const { failures } = traffic.sends
  // Whoever dies or freezes takes what it was asked with it, and without a database nobody says yes; then somebody asks again.
  const excused = RUDE.includes(plan.kind)
  return {
    ...seen,
    failedSends: seen.failedSends + (excused ? 0 : failures.length),
    notes: [...seen.notes, ...new Set(failures.map(({ why }) => `a send was answered ${why}`))],
  }
}

/** The node with the most sessions, or another by chance, and what it has. */
async function victim(stage: ChaosStage, plan: ChaosPlan): Promise<{ node: ChaosNode; numbers: string[] }> {
  const owners = await stage.owners()
  const having = stage.nodes.filter(({ name }) => [...owners.values()].includes(name))
  const node = having[plan.pick % Math.max(1, having.length)]
  if (node === undefined) throw new Error('no node has a session')
  return { node, numbers: [...owners].filter(([, owner]) => owner === node.name).map(([number]) => number) }
}

/** Until each of these accounts has logged in somewhere since then (Unix time). @returns how long each took */
async function takenOver(traffic: Traffic, numbers: readonly string[], from: number): Promise<number[]> {
  const deadline = performance.now() + HEALED_WITHIN_MS
  for (;;) {
    const times = takeovers(await traffic.log(), numbers, from)
    if (times.length === numbers.length) return times
    if (performance.now() > deadline) throw new Error(`only ${times.length} of ${numbers.length} sessions came back`)
    await sleep(POLL_MS)
  }
}

const kill: Fault = async (stage, plan, traffic) => {
  const { node, numbers } = await victim(stage, plan)
  const from = Date.now()
  await node.kill()
  const takeoverMs = await takenOver(traffic, numbers, from)
  await node.start()
  return { ...NOTHING, takeoverMs }
}

/** The next node dies in the moment in which it has taken over from the first. */
const killTwice: Fault = async (stage, plan, traffic) => {
  const first = await kill(stage, plan, traffic)
  const second = await kill(stage, { ...plan, pick: plan.pick + 1 }, traffic)
  return { ...first, takeoverMs: [...first.takeoverMs, ...second.takeoverMs] }
}

/** It is asked to end, begins to give its sessions away, and is killed in the middle of that. */
const drainCut: Fault = async (stage, plan, traffic) => {
  const { node, numbers } = await victim(stage, plan)
  const from = Date.now()
  void node.end()
  await sleep(plan.pick % 600)
  await node.kill()
  const takeoverMs = await takenOver(traffic, numbers, from)
  await node.start()
  return { ...NOTHING, takeoverMs }
}

const killWithoutRedis: Fault = async (stage, plan, traffic) => {
  await stage.redis.kill()
  await sleep(plan.lastsMs)
  const seen = await kill(stage, plan, traffic)
  await stage.redis.start()
  return seen
}

const database: Fault = async ({ power, nodes }, plan) => {
  if (power === null) return { ...NOTHING, notes: ['the database is not ours to take away: nothing was broken'] }
  const frozen = plan.pick % 2 === 0
  if (frozen) power.freeze()
  else await power.stop()
  await sleep(plan.lastsMs)
  if (frozen) power.thaw()
  else await power.start()
  const deaths = nodes.flatMap((node) => (node.running() ? [] : [`${node.name} ended: ${node.tail(3).join(' | ')}`]))
  const how = `the database was ${frozen ? 'frozen' : 'stopped'} for ${plan.lastsMs} ms`
  return { ...NOTHING, notes: [how, ...deaths] }
}

const freeze: Fault = async (stage, plan, traffic) => {
  const { node, numbers } = await victim(stage, plan)
  const from = Date.now()
  node.freeze()
  const [takeoverMs] = await Promise.all([takenOver(traffic, numbers, from), sleep(TWO_LEASES_MS + plan.lastsMs)])
  const wire = node.wire()
  const woken = performance.now()
  node.thaw()
  const how = await Promise.race([node.ended(), sleep(GONE_WITHIN_MS, null)])
  const notes = how === null ? [`${node.name} woke and went on`] : []
  if (how === null) await node.kill()
  await node.start()
  return { ...NOTHING, takeoverMs, framesAfterTakeover: wire.saidSince(woken), notes }
}

const rolling: Fault = async (stage, _plan, traffic) => {
  const notes: string[] = []
  for (const node of stage.nodes) {
    const ms = await node.end()
    const how = await node.ended()
    if (how !== 'ended with status 0') notes.push(`${node.name} ${how}: ${node.tail(4).join(' | ')}`)
    notes.push(`${node.name} drained in ${Math.round(ms)} ms`)
    await node.start()
  }
  return { ...NOTHING, handoffGapMs: gaps(await traffic.log()), notes }
}

const moves: Fault = async (stage, plan, traffic) => {
  const admin = stage.users.get(stage.accounts[0]?.number ?? '')?.token ?? ''
  const notes: string[] = []
  const until = performance.now() + 3_000 + plan.lastsMs
  for (let turn = plan.pick; performance.now() < until; turn += 1) {
    const { number } = stage.accounts[turn % stage.accounts.length] ?? { number: '' }
    const to = stage.nodes[(turn * 7) % stage.nodes.length]
    const asked = stage.nodes[(turn * 3) % stage.nodes.length]
    const path = `/api/admin/sessions/${stage.users.get(number)?.id}/move`
    const { status, body } = await callApi(asked?.url() ?? '', 'POST', path, {
      token: admin,
      body: { node: to?.name },
      any: true,
    })
    if (status !== 200) notes.push(`a move was answered ${status} ${JSON.stringify(body).slice(0, 120)}`)
  }
  return { ...NOTHING, handoffGapMs: gaps(await traffic.log()), notes }
}

const without =
  (break_: (stage: ChaosStage) => Promise<unknown> | unknown, mend: (stage: ChaosStage) => unknown): Fault =>
  async (stage, plan, traffic) => {
    await break_(stage)
    await sleep(plan.lastsMs)
    await mend(stage)
    // Whoever notices late notices now.
    await sleep(2_000)
    const ended = (await traffic.log()).filter(({ kind, number }) => kind === 'disconnected' && number !== undefined)
    return { ...NOTHING, drops: ended.length }
  }

const FAULTS: Readonly<Record<Kind, Fault>> = {
  kill,
  'freeze-busy': freeze,
  'freeze-idle': async (stage, plan, traffic) => {
    // Nothing is under way any more: the node waits in its event loop.
    await traffic.quiet()
    return freeze(stage, plan, traffic)
  },
  'kill-twice': killTwice,
  'drain-cut': drainCut,
  'kill-without-redis': killWithoutRedis,
  database,
  rolling,
  moves,
  'redis-flush': without(
    ({ redis }) => redis.flush(),
    ({ redis }) => redis.flush(),
  ),
  'redis-kill': without(
    ({ redis }) => redis.kill(),
    ({ redis }) => redis.start(),
  ),
  'redis-freeze': without(
    ({ redis }) => redis.freeze(),
    ({ redis }) => redis.thaw(),
  ),
}
