// How long one account takes: from the scan of its QR until it is open, and from the loss of its connection until it is open again.

import type { Bare } from '../bare.ts'
import type { Part } from '../channel.ts'
import { type Figure, figure } from '../figures.ts'
import type { Openable } from '../openings.ts'
import type { Ours } from '../ours.ts'
import type { Bench } from '../parts.ts'

const WITHIN_MS = 60_000

interface Contestants {
  readonly ours: Part<Ours>
  readonly bare: Part<Bare>
  readonly native: Part<Bare>
}

async function contestants<T>(bench: Bench, work: (all: Contestants) => Promise<T>): Promise<T> {
  const all = { ours: await bench.startOurs(), bare: await bench.startBare(), native: await bench.startBare(true) }
  try {
    return await work(all)
  } finally {
    await Promise.all([all.ours.stop(), all.bare.stop(), all.native.stop()])
  }
}

/** One pairing after the other, in turns. */
export function scanToOpen(bench: Bench, { count }: { readonly count: number }): Promise<Figure[]> {
  return contestants(bench, async ({ ours, bare, native }) => {
    const paired = async (part: Part<Openable>, number: string, qr: string) => {
      const at = await bench.world.call('scan', { number, qr })
      return (await part.call('opened', { since: at, count: 1, timeoutMs: WITHIN_MS })) - at
    }
    const times = { ours: [] as number[], bare: [] as number[], native: [] as number[] }
    for (let n = 0; n < count; n += 1) {
      const [first = '', second = '', third = ''] = bench.numbers(3)
      times.ours.push(await paired(ours, first, await ours.call('pair', await bench.shop.addUser())))
      times.bare.push(await paired(bare, second, await bare.call('pair', second)))
      times.native.push(await paired(native, third, await native.call('pair', third)))
    }
    return [figure({ name: 'scan to open', better: 'lower', unit: 'ms', ...samples(times) })]
  })
}

/** Accounts that were never dropped before, one after the other: nobody's backoff has grown. */
export function reconnect(bench: Bench, { count }: { readonly count: number }): Promise<Figure[]> {
  return contestants(bench, async ({ ours, bare, native }) => {
    const [first, second, third] = [bench.numbers(count), bench.numbers(count), bench.numbers(count)]
    const since = Date.now()
    await bench.shop.connect(await bench.shop.addAccounts(await bench.world.call('link', first)))
    await ours.call('resume', undefined)
    await bare.call('open', await bench.world.call('link', second))
    await native.call('open', await bench.world.call('link', third))
    const opened = { since, count, timeoutMs: WITHIN_MS }
    const all: readonly Part<Openable>[] = [ours, bare, native]
    for (const part of all) await part.call('opened', opened)
    const back = async (part: Part<Openable>, number = '') => {
      const at = await bench.world.call('drop', [number])
      return (await part.call('opened', { since: at, count: 1, timeoutMs: WITHIN_MS })) - at
    }
    const times = { ours: [] as number[], bare: [] as number[], native: [] as number[] }
    for (let n = 0; n < count; n += 1) {
      times.ours.push(await back(ours, first[n]))
      times.bare.push(await back(bare, second[n]))
      times.native.push(await back(native, third[n]))
    }
    return [figure({ name: 'reconnect', better: 'lower', unit: 'ms', ...samples(times) })]
  })
}

function samples({ ours, bare, native }: { ours: number[]; bare: number[]; native: number[] }) {
  return { ours, bare, bareNative: native }
}
