// What was seen from outside during a trial: the simulator's log, read bit by bit, and what it says about each message.

import type { LogEntry } from '../../simulator/log.ts'
import type { RemoteSimulator } from '../../simulator/remote.ts'

/** Codes with which a client refuses a message it cannot read. */
const UNREADABLE_CODES = [487, 500]

export interface Witness {
  /** Reads what is new. @returns how many entries there are now */
  look(): Promise<number>
  /** `account/id` of customers' messages whose receipt has arrived. */
  readonly receipts: ReadonlySet<string>
  /** Ids of messages, of either side, that somebody could not read. */
  readonly unreadable: ReadonlySet<string>
  /** Customers' messages that WhatsApp still has to deliver. */
  waiting(): number
  /** Accounts that are connected at this moment. */
  connected(): number
}

/** @param ids of the customers' messages; others are not watched */
export function makeWitness(sim: Pick<RemoteSimulator, 'log'>, ids: ReadonlySet<string>): Witness {
  const receipts = new Set<string>()
  const unreadable = new Set<string>()
  const waiting = new Set<string>()
  const connections = new Map<string, number>()
  let seen = 0

  const count = (number: string, change: number) => connections.set(number, (connections.get(number) ?? 0) + change)

  const note = ({ kind, number = '', id = '', type, code }: LogEntry) => {
    if (kind === 'login') count(number, 1)
    // Without a number it was never logged in.
    if (kind === 'disconnected' && number !== '') count(number, -1)
    if (kind === 'undecryptable' && id !== '' && !ids.has(id)) unreadable.add(id)
    if (!ids.has(id)) return
    if (kind === 'queued' && type === 'message') waiting.add(id)
    if (kind === 'client-receipt') receipts.add(`${number}/${id}`)
    if (kind === 'client-retry') unreadable.add(id)
    if (kind === 'client-ack' && code !== undefined && UNREADABLE_CODES.includes(code)) unreadable.add(id)
    if (kind === 'client-receipt' || kind === 'client-ack' || kind === 'client-retry') waiting.delete(id)
  }

  return {
    receipts,
    unreadable,
    waiting: () => waiting.size,
    connected: () => [...connections.values()].reduce((sum, each) => sum + each, 0),
    async look() {
      for (const entry of await sim.log(seen)) {
        seen = entry.seq
        note(entry)
      }
      return seen
    },
  }
}
