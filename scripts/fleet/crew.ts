// The accounts of a fleet, linked without a QR and put into the database, each with one customer who is its contact; and what they write.

import { createHash } from 'node:crypto'
import { ORDERS, openShop } from '../../bench/shop.ts'
import type { LoadMessage } from '../../simulator/load.ts'
import type { RemoteSimulator } from '../../simulator/remote.ts'

export interface Crew {
  /** Digits, in order. */
  readonly numbers: readonly string[]
  readonly userIds: readonly string[]
}

const FIRST_ACCOUNT = 15_552_000_000
const FIRST_CUSTOMER = 15_553_000_000
/** So few that the database is filled quickly, and more than a client must have left. */
const PREKEYS = 30
const EACH_WRITES = 2

const customerOf = (index: number): string => String(FIRST_CUSTOMER + index)

/** Makes them, all to be connected at the next start. @param dataDir of the server: its secrets are made there */
export async function hire(sim: RemoteSimulator, url: string, dataDir: string, count: number): Promise<Crew> {
  const numbers = Array.from({ length: count }, (_, index) => String(FIRST_ACCOUNT + index))
  const linked = await sim.link(numbers, PREKEYS)
  const shop = await openShop(url, dataDir)
  try {
    const users = await shop.addAccounts(linked)
    for (const [index, user] of users.entries()) await shop.addContacts(user, [customerOf(index)])
    await shop.connect(users)
    return { numbers, userIds: users }
  } finally {
    await shop.close()
  }
}

/** Every customer of these accounts orders twice; all once, then all again. @param from the index of the first account */
export function orders({ numbers }: Crew, from: number): LoadMessage[] {
  return Array.from({ length: EACH_WRITES }, (_, turn) =>
    numbers.slice(from).map((to, offset): LoadMessage => {
      const index = from + offset
      const hash = createHash('sha256').update(`fleet/${index}/${turn}`).digest('hex').toUpperCase()
      const text = ORDERS[index % ORDERS.length] ?? ''
      return { id: `3A${hash.slice(0, 18)}`, from: customerOf(index), to, text }
    }),
  ).flat()
}
