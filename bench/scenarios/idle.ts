// What quiet sessions cost the database: how many statements a second a node makes that has none, some and many of them, all open and with
// nothing to do. Their connections have no network behind them (see member.ts); everything above it is as it is.

import { loadavg } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { type Figure, figure, rounded } from '../figures.ts'
import type { Bench } from '../parts.ts'
import { until } from '../until.ts'

export interface IdleOptions {
  /** Growing, from 0. */
  readonly counts: readonly number[]
  readonly windowMs: number
}

const OPEN_WITHIN_MS = 600_000
// The database tells of what a quiet connection did ten seconds later.
const SETTLE_MS = 12_000

/** Counted by the database itself (pg_stat_database): a transaction of several statements counts once; idle nodes make none of those. */
export async function idle(bench: Bench, { counts, windowMs }: IdleOptions): Promise<Figure[]> {
  const node = await bench.startMember({ NODE_CAPACITY: '20000', IDLE_SOCKETS: 'yes' })
  try {
    const rates: number[] = []
    let have = 0
    for (const count of counts) {
      if (count > have) await bench.shop.connect(await bench.shop.addIdle(count - have))
      have = count
      await until(
        `${count} sessions are open`,
        async () => {
          await node.call('resume', undefined)
          return (await node.call('counts', undefined)).open >= count
        },
        OPEN_WITHIN_MS,
      )
      await delay(SETTLE_MS)
      const [before, from] = [await bench.shop.transactions(), performance.now()]
      await delay(windowMs)
      const [after, to] = [await bench.shop.transactions(), performance.now()]
      rates.push(((after - before - 1) * 1_000) / (to - from))
    }
    const each = counts.map((count, index) => `${count.toLocaleString('en')}: ${rounded(rates[index] ?? 0)}`).join(', ')
    return [
      figure({
        name: 'statements per second at 0, 1,000 and 10,000 idle sessions',
        better: 'lower',
        unit: 'statements/s',
        ours: rates.slice(-1),
        note: `${each}; open sessions without a network behind them; load ${loadavg()[0]?.toFixed(1)}`,
      }),
    ]
  } finally {
    await node.stop()
  }
}
