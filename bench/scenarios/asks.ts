// What it costs to ask a session: on the node that owns it, and on another, beside a bare round trip of the same size between two processes. In
// turns, so that whatever else the machine does falls on all of them.

import { loadavg } from 'node:os'
import type { BareClient } from '../bare-client.ts'
import type { BareServer } from '../bare-server.ts'
import { startPart } from '../channel.ts'
import { type Figure, figure, median, rounded } from '../figures.ts'
import type { Bench } from '../parts.ts'
import { percentile, type Timed } from '../timed.ts'

const MANY = 32

export interface AsksOptions {
  readonly rounds: number
  readonly asks: number
}

export async function asks(bench: Bench, { rounds, asks }: AsksOptions): Promise<Figure[]> {
  const user = await bench.shop.addUser()
  const owner = await bench.startMember({ NODE_ROLE: 'worker' })
  const edge = await bench.startMember({ NODE_ROLE: 'edge' })
  const server = startPart<BareServer>('./bare-server.ts')
  const client = startPart<BareClient>('./bare-client.ts')
  try {
    const url = await server.call('url', undefined)
    const bare = (count: number, lanes: number) => client.call('time', { url, user, repeat: { count, lanes } })
    const ours = (count: number, lanes: number) => edge.call('time', { user, repeat: { count, lanes } })
    const here = (count: number, lanes: number) => owner.call('time', { user, repeat: { count, lanes } })
    // The first ask makes the node own it; the others warm everybody up.
    await edge.call('ask', user)
    for (const side of [bare, ours, here]) {
      await side(asks, 1)
      await side(asks, MANY)
    }
    const seen = { bare: [] as Timed[], ours: [] as Timed[], here: [] as Timed[] }
    const many = { bare: [] as number[], ours: [] as number[] }
    const cpu = { bare: [] as number[], ours: [] as number[] }
    /** Of both processes, in µs an ask. */
    const cost = async (of: 'bare' | 'ours') => {
      const used = () => (of === 'bare' ? server.call('used', undefined) : owner.call('used', undefined))
      const before = await used()
      const timed = await (of === 'bare' ? bare : ours)(asks, MANY)
      many[of].push(timed.perSecond)
      cpu[of].push(timed.cpuMicros + ((await used()) - before) / asks)
    }
    for (let round = 0; round < rounds; round += 1) {
      seen.bare.push(await bare(asks, 1))
      seen.ours.push(await ours(asks, 1))
      seen.here.push(await here(asks, 1))
      await cost('bare')
      await cost('ours')
    }
    const p50 = (of: readonly Timed[]) => of.map((each) => percentile(each, 0.5))
    const p99 = (of: readonly Timed[]) => rounded(median(of.map((each) => percentile(each, 0.99))))
    const load = `load ${loadavg()[0]?.toFixed(1)}`
    const common = { better: 'lower', unit: 'µs p50', bare: p50(seen.bare) } as const
    const throughput = `${MANY} at once: ${Math.round(median(many.ours))}/s, bare ${Math.round(median(many.bare))}/s, CPU of both sides ${Math.round(median(cpu.ours))} µs an ask, bare ${Math.round(median(cpu.bare))} µs`
    return [
      figure({
        ...common,
        name: "ask on the owner's node",
        ours: p50(seen.here),
        note: `p99 ${p99(seen.here)} µs, ${load}`,
      }),
      figure({
        ...common,
        name: 'ask across nodes',
        ours: p50(seen.ours),
        note: `p99 ${p99(seen.ours)} µs, bare ${p99(seen.bare)} µs; ${throughput}; ${load}`,
      }),
    ]
  } finally {
    await Promise.all([edge, owner, server, client].map((part) => part.stop()))
  }
}
