// How many messages a second come in: until the journal row is committed, and until the reply's outbox row is. Bare Baileys only receives them.

import { setTimeout as delay } from 'node:timers/promises'
import type { Pair } from '../../simulator/prepared-load.ts'
import type { Bare } from '../bare.ts'
import type { Part } from '../channel.ts'
import { type Figure, figure, median, perSecond, rounded } from '../figures.ts'
import type { Ours } from '../ours.ts'
import type { Bench } from '../parts.ts'
import { ORDERS } from '../shop.ts'

export interface InboundSizes {
  /** Accounts in the larger case. */
  readonly accounts: number
  readonly rounds: number
  /** Messages of one round. */
  readonly messages: number
  readonly which: readonly InboundName[]
}

export type InboundName = 'inbound stored' | 'inbound order and reply'

/** Customers who write to a single account, and to each of many. */
const CUSTOMERS_OF_ONE = 50
const CUSTOMERS_OF_EACH = 10
/** Unconfirmed messages at a time, over all accounts. */
const WINDOW = 200
const OPEN_WITHIN_MS = 60_000
const RUN_WITHIN_MS = 300_000
const POLL_MS = 20

/** Not a command. The bot says once in ten minutes that it did not understand; that is over when the clock starts. */
const CHATTER = 'Good morning! Do you deliver on Saturdays?'

interface Setting {
  readonly bench: Bench
  readonly ours: Part<Ours>
  readonly bare: Part<Bare>
  readonly oursPairs: readonly Pair[]
  readonly barePairs: readonly Pair[]
}

/** All of it: for one account and for many, stored and answered. */
export async function inbound(bench: Bench, sizes: InboundSizes): Promise<Figure[]> {
  const figures: Figure[] = []
  const ours = await bench.startOurs()
  const bare = await bench.startBare()
  for (const [accounts, customers] of [[1, CUSTOMERS_OF_ONE] as const, [sizes.accounts, CUSTOMERS_OF_EACH] as const]) {
    const setting = await settle(bench, ours, bare, accounts, customers)
    const title = accounts === 1 ? 'on 1 account' : `on ${accounts} accounts`
    for (const name of sizes.which) figures.push(...(await measure(setting, name, title, sizes)))
  }
  await ours.stop()
  await bare.stop()
  return figures
}

/** Accounts of both sides are open, and every customer has been answered once: from then on messages are ordinary ones. */
async function settle(bench: Bench, ours: Part<Ours>, bare: Part<Bare>, accounts: number, customers: number): Promise<Setting> {
  const [oursNumbers, bareNumbers] = [bench.numbers(accounts), bench.numbers(accounts)]
  const writers = bench.numbers(customers)
  const users = await bench.shop.addAccounts(await bench.world.call('link', oursNumbers))
  for (const user of users) await bench.shop.addContacts(user, writers)
  const since = Date.now()
  await bench.shop.connect(users)
  await ours.call('resume', undefined)
  await bare.call('open', await bench.world.call('link', bareNumbers))
  const opened = { since, count: accounts, timeoutMs: OPEN_WITHIN_MS }
  await Promise.all([ours.call('opened', opened), bare.call('opened', opened)])
  const pairsOf = (numbers: readonly string[]) => numbers.flatMap((to) => writers.map((from) => ({ from, to })))
  const setting = { bench, ours, bare, oursPairs: pairsOf(oursNumbers), barePairs: pairsOf(bareNumbers) }
  await ours.call('paced', false)
  await greet(bench, writers, setting.oursPairs)
  await bare.call('answer', 'Hello')
  await greet(bench, writers, setting.barePairs)
  await bare.call('answer', null)
  await ours.call('paced', true)
  return setting
}

async function greet(bench: Bench, writers: readonly string[], pairs: readonly Pair[]): Promise<void> {
  const before = await bench.world.call('received', writers)
  await bench.world.call('greet', { pairs, text: CHATTER })
  await until('every customer is answered', async () => (await bench.world.call('received', writers)) >= before + pairs.length)
}

async function measure(setting: Setting, name: InboundName, title: string, sizes: InboundSizes): Promise<Figure[]> {
  const answered = name === 'inbound order and reply'
  const texts = answered ? ORDERS : [CHATTER]
  const [ours, bare, wire, done]: number[][] = [[], [], [], []]
  for (let round = 0; round < sizes.rounds; round += 1) {
    const mine = await runOurs(setting, texts, sizes.messages, answered)
    ours?.push(mine.rate)
    done?.push(mine.done)
    if (mine.wire !== null) wire?.push(mine.wire)
    bare?.push(await runBare(setting, texts, sizes.messages))
  }
  const note = answered
    ? `replies on the wire, unpaced: ${rounded(median(wire ?? []))}/s`
    : `processed by the bot as well: ${rounded(median(done ?? []))}/s`
  return [figure({ name: `${name} ${title}`, better: 'higher', unit: 'msg/s', ours: ours ?? [], bare: bare ?? [], note })]
}

const windowOf = (pairs: readonly Pair[]) => Math.ceil(WINDOW / new Set(pairs.map(({ to }) => to)).size)

async function runBare({ bench, bare, barePairs }: Setting, texts: readonly string[], messages: number): Promise<number> {
  const perPair = Math.ceil(messages / barePairs.length)
  const total = await bench.world.call('prepare', { pairs: barePairs, perPair, texts })
  const before = await bare.call('received', undefined)
  const run = bench.world.call('run', { window: windowOf(barePairs), timeoutMs: RUN_WITHIN_MS })
  const end = await until('bare received all', async () => ((await bare.call('received', undefined)) >= before + total ? Date.now() : null))
  return perSecond(total, untroubled(await run).startedAt, end)
}

async function runOurs({ bench, ours, oursPairs }: Setting, texts: readonly string[], messages: number, answered: boolean) {
  const { db } = bench.shop
  const counts = async () => {
    const [row] = await db.rows<{ stored: number; waiting: number; replies: number; unsent: number }>(
      `select (select count(*)::int from inbox) as stored,
         (select count(*)::int from inbox where state = 'new') as waiting,
         (select count(*)::int from outbox) as replies,
         (select count(*)::int from outbox where state in ('queued','sending')) as unsent`,
    )
    if (row === undefined) throw new Error('no counts')
    return row
  }
  const perPair = Math.ceil(messages / oursPairs.length)
  const total = await bench.world.call('prepare', { pairs: oursPairs, perPair, texts })
  await ours.call('paced', true)
  const before = await counts()
  const run = bench.world.call('run', { window: windowOf(oursPairs), timeoutMs: RUN_WITHIN_MS })
  const stored = await until('all is stored', async () => ((await counts()).stored >= before.stored + total ? Date.now() : null))
  const done = await until('all is processed', async () => ((await counts()).waiting === 0 ? Date.now() : null))
  const { startedAt } = untroubled(await run)
  const after = await counts()
  if (answered && after.replies !== before.replies + total)
    throw new Error(`${after.replies - before.replies} replies to ${total} orders`)
  const wire = answered ? await drain(ours, counts) : null
  return {
    rate: perSecond(total, startedAt, answered ? done : stored),
    done: perSecond(total, startedAt, done),
    wire,
  }
}

/** Sends the replies that wait, as fast as it goes. @returns messages a second */
async function drain(ours: Part<Ours>, counts: () => Promise<{ unsent: number }>): Promise<number> {
  const [{ unsent }, from] = [await counts(), Date.now()]
  await ours.call('paced', false)
  const to = await until('all is sent', async () => ((await counts()).unsent === 0 ? Date.now() : null))
  await ours.call('paced', true)
  return perSecond(unsent, from, to)
}

function untroubled<T extends { readonly troubles: number }>(result: T): T {
  if (result.troubles > 0) throw new Error(`${result.troubles} messages could not be read`)
  return result
}

async function until<T>(what: string, look: () => Promise<T | null | false>): Promise<T> {
  const deadline = Date.now() + RUN_WITHIN_MS
  for (;;) {
    const seen = await look()
    if (seen !== null && seen !== false) return seen as T
    if (Date.now() > deadline) throw new Error(`${what}: not within ${RUN_WITHIN_MS} ms`)
    await delay(POLL_MS)
  }
}
