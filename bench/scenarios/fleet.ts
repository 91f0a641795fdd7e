// Hundreds of idle accounts: what one more costs in memory, and how long all of them take to come back when all connections are lost at once.

import type { Part } from '../channel.ts'
import { type Figure, figure, median, rounded, slope } from '../figures.ts'
import type { Openable } from '../openings.ts'
import type { Bench } from '../parts.ts'
import { residentMb } from '../resident.ts'

export interface FleetSizes {
  readonly few: number
  readonly many: number
  readonly rounds: number
}

const WITHIN_MS = 300_000
const MB = 1024 * 1024
/** Bare accounts are opened so many at a time, as ours are: all at once, the rush would count as memory. */
const AT_ONCE = 8
/** How often all connections are cut in a round: one time varies too much to be told from another. */
const DROPS = 3

interface Seen {
  /** MB a session. */
  readonly memory: number
  /** Seconds until all were open again, each time. */
  readonly back: readonly number[]
}

/** Each round with new processes, so that no garbage of another is counted. */
export async function fleet(bench: Bench, sizes: FleetSizes): Promise<Figure[]> {
  const { few, many, rounds } = sizes
  const [oursNumbers, bareNumbers] = [bench.numbers(many), bench.numbers(many)]
  const users = await bench.shop.addAccounts(await bench.world.call('link', oursNumbers))
  const linked = await bench.world.call('link', bareNumbers)
  const [ours, bare, native]: [Seen[], Seen[], Seen[]] = [[], [], []]
  const database: number[] = []

  const oursOnce = async () => {
    const since = Date.now()
    await bench.shop.connect(users.slice(0, few))
    const part = await bench.startOurs()
    const more = async () => {
      await bench.shop.connect(users.slice(few))
      await part.call('resume', undefined)
    }
    ours.push(await watch(bench, part, since, oursNumbers, sizes, more))
    database.push(await residentMb(bench.databasePid))
    await part.stop()
    await bench.shop.rest()
  }
  const bareOnce = async (seen: Seen[], natively: boolean) => {
    const since = Date.now()
    const part = await bench.startBare(natively)
    const open = async (from: number, to: number) => {
      for (let next = from; next < to; next += AT_ONCE) {
        const accounts = linked.accounts.slice(next, Math.min(to, next + AT_ONCE))
        await part.call('open', { accounts, preKeys: next === 0 ? linked.preKeys : [] })
        await part.call('opened', { since, count: Math.min(to, next + AT_ONCE), timeoutMs: WITHIN_MS })
      }
    }
    await open(0, few)
    seen.push(await watch(bench, part, since, bareNumbers, sizes, () => open(few, many)))
    await part.stop()
  }
  for (let round = 0; round < rounds; round += 1) {
    await oursOnce()
    await bareOnce(bare, false)
    await bareOnce(native, true)
  }
  const memory = (seen: readonly Seen[]) => seen.map((each) => each.memory)
  const back = (seen: readonly Seen[]) => seen.flatMap((each) => each.back)
  return [
    figure({
      name: 'memory a session',
      better: 'lower',
      unit: 'MB',
      ours: memory(ours),
      bare: memory(bare),
      note: `from ${few} to ${many} idle accounts; PostgreSQL, all its processes: ${rounded(median(database))} MB`,
    }),
    figure({
      name: `reconnect ${many}`,
      better: 'lower',
      unit: 's',
      ours: back(ours),
      bare: back(bare),
      bareNative: back(native),
    }),
  ]
}

/** @param more opens the accounts beyond the few */
async function watch(
  bench: Bench,
  part: Part<Openable>,
  since: number,
  numbers: readonly string[],
  { few, many }: FleetSizes,
  more: () => Promise<unknown>,
): Promise<Seen> {
  const open = (count: number, from = since) => part.call('opened', { since: from, count, timeoutMs: WITHIN_MS })
  await open(few)
  const before = await part.call('rss', undefined)
  await more()
  await open(many)
  const after = await part.call('rss', undefined)
  const back: number[] = []
  for (let drop = 0; drop < DROPS; drop += 1) {
    const dropped = await bench.world.call('drop', numbers)
    back.push(((await open(many, dropped)) - dropped) / 1_000)
    // What a login leaves to do is done, and no garbage of this time is counted in the next.
    await part.call('rss', undefined)
  }
  return { memory: slope({ count: few, total: before / MB }, { count: many, total: after / MB }), back }
}
