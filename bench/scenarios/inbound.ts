// How many messages a second come in: until the journal row is committed, and until the reply's outbox row is. Bare Baileys only receives them.

import type { Pair } from '../../simulator/prepared-load.ts'
import type { Bare } from '../bare.ts'
import type { Part } from '../channel.ts'
import { type Figure, figure, median, perSecond, rounded } from '../figures.ts'
import type { Ours } from '../ours.ts'
import type { Bench } from '../parts.ts'
import { ORDERS, type Progress } from '../shop.ts'
import { until } from '../until.ts'

export interface InboundSizes {
  /** Accounts in the larger case. */
  readonly accounts: number
  readonly rounds: number
  /** Messages of one round. */
  readonly messages: number
  /** Customers who write to a single account, and to each of many. */
  readonly customers: { readonly ofOne: number; readonly ofEach: number }
  /** Both when not given. */
  readonly which?: readonly InboundName[]
}

const NAMES = ['inbound stored', 'inbound order and reply'] as const
export type InboundName = (typeof NAMES)[number]

/** Unconfirmed messages at a time, over all accounts. */
const WINDOW = 200
const OPEN_WITHIN_MS = 60_000
const RUN_WITHIN_MS = 180_000

/** Not a command. The bot helps once, offers a person the second time and is silent then; both is over when the clock starts. */
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
  for (const [accounts, customers] of [
    [1, sizes.customers.ofOne] as const,
    [sizes.accounts, sizes.customers.ofEach] as const,
  ]) {
    const setting = await settle(bench, ours, bare, accounts, customers)
    const title = accounts === 1 ? 'on 1 account' : `on ${accounts} accounts`
    for (const name of sizes.which ?? NAMES) figures.push(await measure(setting, name, title, sizes))
  }
  await ours.stop()
  await bare.stop()
  return figures
}

/** Accounts of both sides are open, and every customer has been answered once: from then on messages are ordinary ones. */
async function settle(
  bench: Bench,
  ours: Part<Ours>,
  bare: Part<Bare>,
  accounts: number,
  customers: number,
): Promise<Setting> {
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
  for (let helped = 0; helped < 2; helped += 1) await greet(bench, writers, setting.oursPairs)
  await bare.call('answer', 'Hello')
  await greet(bench, writers, setting.barePairs)
  await bare.call('answer', null)
  await ours.call('paced', true)
  await bench.shop.analyze()
  return setting
}

async function greet(bench: Bench, writers: readonly string[], pairs: readonly Pair[]): Promise<void> {
  const before = await bench.world.call('received', writers)
  await bench.world.call('greet', { pairs, text: CHATTER })
  const answered = async () => (await bench.world.call('received', writers)) >= before + pairs.length
  await until('every customer is answered', answered, OPEN_WITHIN_MS)
}

async function measure(setting: Setting, name: InboundName, title: string, sizes: InboundSizes): Promise<Figure> {
  const answered = name === 'inbound order and reply'
  const texts = answered ? ORDERS : [CHATTER]
  const ours: OursSeen[] = []
  const bare: BareSeen[] = []
  for (let round = 0; round < sizes.rounds; round += 1) {
    ours.push(await runOurs(setting, texts, sizes.messages, answered))
    bare.push(await runBare(setting, texts, sizes.messages))
  }
  const middle = (of: keyof OursSeen) => rounded(median(ours.map((seen) => seen[of])))
  const cpu = `processor ms a message: ${middle('cpu')}, bare ${rounded(median(bare.map((seen) => seen.cpu)))}`
  return figure({
    name: `${name} ${title}`,
    better: 'higher',
    unit: 'msg/s',
    ours: ours.map((seen) => (answered ? seen.done : seen.stored)),
    bare: bare.map((seen) => seen.rate),
    note: answered
      ? `stored meanwhile ${middle('stored')}/s; replies on the wire, unpaced ${middle('wire')}/s; ${cpu}`
      : `also read by the bot ${middle('done')}/s; ${cpu}`,
  })
}

const windowOf = (pairs: readonly Pair[]) => Math.ceil(WINDOW / new Set(pairs.map(({ to }) => to)).size)

async function runBare(
  { bench, bare, barePairs }: Setting,
  texts: readonly string[],
  messages: number,
): Promise<BareSeen> {
  const perPair = Math.ceil(messages / barePairs.length)
  const total = await bench.world.call('prepare', { pairs: barePairs, perPair, texts })
  const before = await bare.call('received', undefined)
  const cpu = await bare.call('cpu', undefined)
  const run = bench.world.call('run', { window: windowOf(barePairs), timeoutMs: RUN_WITHIN_MS })
  const received = async () => (await bare.call('received', undefined)) - before
  const [{ startedAt }, end] = await Promise.all([
    run.then(untroubled),
    until('bare received all', async () => (await received()) >= total && Date.now(), RUN_WITHIN_MS),
  ])
  const used = (await bare.call('cpu', undefined)) - cpu
  return { rate: perSecond(total, startedAt, end), cpu: used / total }
}

interface BareSeen {
  /** Messages a second. */
  readonly rate: number
  /** Processor time of the process, in ms a message. */
  readonly cpu: number
}

/** Rates in messages a second. */
interface OursSeen {
  /** The journal row is committed. */
  readonly stored: number
  /** Processed: the reply's outbox row, if there is one, is committed. */
  readonly done: number
  /** Replies that left, unpaced, after the clock for the others had stopped; 0 when there were none. */
  readonly wire: number
  /** Processor time of the server's process, in ms a message, until all was processed. The database's is not in it. */
  readonly cpu: number
}

async function runOurs(
  { bench, ours, oursPairs }: Setting,
  texts: readonly string[],
  messages: number,
  answered: boolean,
): Promise<OursSeen> {
  const perPair = Math.ceil(messages / oursPairs.length)
  const total = await bench.world.call('prepare', { pairs: oursPairs, perPair, texts })
  const before = await bench.shop.counts()
  const mark = await bench.shop.mark()
  const cpu = await ours.call('cpu', undefined)
  const run = bench.world.call('run', { window: windowOf(oursPairs), timeoutMs: RUN_WITHIN_MS })
  const reached = (what: string, test: (now: Progress) => boolean) =>
    until(what, async () => test(await bench.shop.progress(mark)) && Date.now(), RUN_WITHIN_MS)
  const finished = async () => {
    const stored = await reached('all is stored', (now) => now.stored >= total)
    return { stored, done: await reached('all is processed', (now) => now.waiting === 0) }
  }
  const [{ startedAt }, { stored, done }] = await Promise.all([run.then(untroubled), finished()])
  const used = (await ours.call('cpu', undefined)) - cpu
  const replies = (await bench.shop.counts()).replies - before.replies
  if (replies !== (answered ? total : 0)) throw new Error(`${replies} replies to ${total} messages`)
  return {
    stored: perSecond(total, startedAt, stored),
    done: perSecond(total, startedAt, done),
    wire: answered ? await drain(ours, bench) : 0,
    cpu: used / total,
  }
}

/** Sends the replies that wait, as fast as it goes. @returns messages a second */
async function drain(ours: Part<Ours>, bench: Bench): Promise<number> {
  const [{ unsent }, from] = [await bench.shop.counts(), Date.now()]
  await ours.call('paced', false)
  const sent = async () => (await bench.shop.counts()).unsent === 0 && Date.now()
  const to = await until('all is sent', sent, RUN_WITHIN_MS)
  await ours.call('paced', true)
  return perSecond(unsent, from, to)
}

function untroubled<T extends { readonly troubles: number }>(result: T): T {
  if (result.troubles > 0) throw new Error(`${result.troubles} messages could not be read`)
  return result
}
