// How fast lists of a large catalogue are read over HTTP, and searched: our whole server beside one bare route that sends the rows of the same
// statement as they are. In turns, on one database.

import { loadavg } from 'node:os'
import type { BareList } from '../bare-list.ts'
import { startPart } from '../channel.ts'
import { type Figure, figure, median, rounded } from '../figures.ts'
import type { ListClient } from '../list-client.ts'
import type { Bench } from '../parts.ts'
import { stockShelves, THINGS, WORDS } from '../shelves.ts'
import { percentile, type Timed } from '../timed.ts'

const LANES = 8
const POOL = '8'

const LISTS = ['name', 'price', '-createdAt'].map((sort) => `/api/products?sort=${encodeURIComponent(sort)}`)
/** A word that hundreds have, and a name that few have. */
const SEARCHES = WORDS.flatMap((word, index) => {
  const number = (index + 1) * 7
  const name = `${THINGS[Math.floor(number / 8) % THINGS.length]} ${number}`
  return [`/api/products?q=${word}`, `/api/products?q=${encodeURIComponent(name)}`]
})

export interface ShelvesOptions {
  readonly skus: number
  readonly rounds: number
  readonly requests: number
}

export async function shelves(bench: Bench, { skus, rounds, requests }: ShelvesOptions): Promise<Figure[]> {
  const organization = await stockShelves(bench.databaseUrl, skus)
  const environment = { DATABASE_URL: bench.databaseUrl, DATABASE_POOL: POOL, ORGANIZATION: organization }
  const server = startPart<BareList>('./bare-list.ts', { environment })
  const front = await bench.startShopFront({ DATABASE_POOL: POOL })
  const client = startPart<ListClient>('./list-client.ts')
  try {
    const urls = { bare: await server.call('url', undefined), ours: await front.call('url', undefined) }
    const read = (side: keyof typeof urls, paths: readonly string[], count = requests) =>
      client.call('read', { url: urls[side], paths, repeat: { count, lanes: LANES } })
    const used = (side: keyof typeof urls) => (side === 'bare' ? server : front).call('cpuMs', undefined)
    const measured = async (name: string, paths: readonly string[]): Promise<Figure> => {
      const seen = { bare: [] as Timed[], ours: [] as Timed[] }
      const cpu = { bare: 0, ours: 0 }
      for (const side of ['bare', 'ours'] as const) await read(side, paths)
      for (let round = 0; round < rounds; round += 1)
        for (const side of ['bare', 'ours'] as const) {
          const before = await used(side)
          seen[side].push(await read(side, paths))
          cpu[side] += ((await used(side)) - before) / (rounds * requests)
        }
      const ms = (of: readonly Timed[], share: number) =>
        rounded(median(of.map((each) => percentile(each, share))) / 1_000)
      return figure({
        name,
        better: 'higher',
        unit: 'requests/s',
        ours: seen.ours.map(({ perSecond }) => perSecond),
        bare: seen.bare.map(({ perSecond }) => perSecond),
        note: `${skus} SKUs, ${LANES} at once; p50 ${ms(seen.ours, 0.5)} ms, p99 ${ms(seen.ours, 0.99)} ms, bare ${ms(seen.bare, 0.5)} and ${ms(seen.bare, 0.99)}; the process itself uses ${rounded(cpu.ours)} ms of the processor a request, bare ${rounded(cpu.bare)}; load ${loadavg()[0]?.toFixed(1)}`,
      })
    }
    return [await measured('product list', LISTS), await measured('product search', SEARCHES)]
  } finally {
    await Promise.all([front, server, client].map((part) => part.stop()))
  }
}
