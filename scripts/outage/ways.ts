// The ways in which a database goes away: its server is stopped, its server hangs, or the line to it is cut.

import type { DatabasePower } from '../proof/database-server.ts'
import type { DatabaseRelay } from '../proof/relay.ts'

export const WAYS = ['stop', 'freeze', 'cut'] as const
export type Way = (typeof WAYS)[number]

export interface Outage {
  begin(): Promise<void>
  end(): Promise<void>
}

/** @throws for a way that needs a server of our own when there is none */
export function outageOf(way: Way, power: DatabasePower | null, relay: DatabaseRelay): Outage {
  if (way === 'cut') return { begin: async () => relay.cut(), end: async () => relay.mend() }
  if (power === null) throw new Error(`A database that was named cannot be taken away by "${way}": only "cut" works.`)
  return way === 'stop'
    ? { begin: power.stop, end: power.start }
    : { begin: async () => power.freeze(), end: async () => power.thaw() }
}
