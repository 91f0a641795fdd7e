// Which figures there are, which measurement gives which, and how much of each is done: in full, or quickly to see that it works.

import type { Figure } from './figures.ts'
import type { Bench } from './parts.ts'
import { asks } from './scenarios/asks.ts'
import { catalogueImport } from './scenarios/catalogue-import.ts'
import { reconnect, scanToOpen } from './scenarios/coming-up.ts'
import { fleet } from './scenarios/fleet.ts'
import { idle } from './scenarios/idle.ts'
import { inbound } from './scenarios/inbound.ts'
import { orders } from './scenarios/orders.ts'
import { parse } from './scenarios/parse.ts'
import { planning } from './scenarios/planning.ts'
import { shelves } from './scenarios/shelves.ts'
import { warmStart } from './scenarios/warm-start.ts'

export interface Measurement {
  /** What its figures' names begin with. */
  readonly names: readonly string[]
  run(bench: Bench, quick: boolean): Promise<Figure[]>
}

const CUSTOMERS = { ofOne: 50, ofEach: 10 }

export const MEASUREMENTS: readonly Measurement[] = [
  { names: ['warm start'], run: (_, quick) => warmStart({ count: quick ? 2 : 5 }) },
  { names: ['scan to open'], run: (bench, quick) => scanToOpen(bench, { count: quick ? 3 : 10 }) },
  { names: ['reconnect'], run: (bench, quick) => reconnect(bench, { count: quick ? 5 : 20 }) },
  {
    names: ['memory a session', 'reconnect 300'],
    run: (bench, quick) => fleet(bench, quick ? { few: 20, many: 60, rounds: 1 } : { few: 100, many: 300, rounds: 3 }),
  },
  {
    names: ['inbound stored', 'inbound order and reply'],
    run: (bench, quick) =>
      inbound(
        bench,
        quick
          ? { accounts: 20, rounds: 1, messages: 400, customers: CUSTOMERS }
          : { accounts: 20, rounds: 3, messages: 2_000, customers: CUSTOMERS },
      ),
  },
  {
    names: ["ask on the owner's node", 'ask across nodes'],
    run: (bench, quick) => asks(bench, quick ? { rounds: 2, asks: 200 } : { rounds: 15, asks: 1_000 }),
  },
  {
    names: ['placement of 10,000 sessions', 'claim of 1,000'],
    run: (bench, quick) =>
      planning(bench, quick ? { rounds: 1, placed: 500, claimed: 100 } : { rounds: 5, placed: 10_000, claimed: 1_000 }),
  },
  {
    names: ['product list', 'product search'],
    run: (bench, quick) =>
      shelves(bench, quick ? { skus: 1_000, rounds: 1, requests: 100 } : { skus: 20_000, rounds: 3, requests: 400 }),
  },
  {
    names: [
      ...['parse at 50 SKUs', 'parse at 1,000 SKUs', 'parse at 20,000 SKUs'],
      ...['parse, worst of fuzzed text', 'parse, one text of a million characters'],
    ],
    run: (_, quick) =>
      parse(
        quick
          ? { sizes: [50, 1_000, 20_000], texts: 400, characters: 20_000 }
          : { sizes: [50, 1_000, 20_000], texts: 4_000, characters: 1_000_000 },
      ),
  },
  {
    names: ['statements per second at 0, 1,000 and 10,000 idle sessions'],
    run: (bench, quick) =>
      idle(bench, quick ? { counts: [0, 20, 60], windowMs: 5_000 } : { counts: [0, 1_000, 10_000], windowMs: 20_000 }),
  },
  {
    names: ['import of 20,000 rows'],
    run: (bench, quick) => catalogueImport(bench, quick ? { rounds: 1, rows: 500 } : { rounds: 3, rows: 20_000 }),
  },
  {
    names: ['orders per second on one hot variant', 'orders per second on many variants', 'order moves per second'],
    run: (bench, quick) => orders(bench, quick ? { rounds: 1, count: 60 } : { rounds: 5, count: 600 }),
  },
]

/** The message names the figures there are. */
export class NoSuchFigure extends Error {
  override readonly name = 'NoSuchFigure'
}

/** Those that give a figure of this name, or all. @throws NoSuchFigure */
export function chosen(only: string | undefined): readonly Measurement[] {
  if (only === undefined) return MEASUREMENTS
  const found = MEASUREMENTS.filter(({ names }) =>
    names.some((name) => name === only || only.startsWith(`${name} on `)),
  )
  if (found.length > 0) return found
  throw new NoSuchFigure(
    `There is no figure called "${only}". There are: ${MEASUREMENTS.flatMap(({ names }) => names).join(', ')}.`,
  )
}
