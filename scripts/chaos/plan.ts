// What happens in one trial of a cluster, decided by its seed alone: who writes what, and which failure meets which node when.

import { createHash } from 'node:crypto'
import type { Account } from '../proof/cast.ts'
import { type PlannedMessage, type StaffMessage, words } from '../proof/plan.ts'
import { dice } from '../proof/random.ts'

/** They take turns. */
export const KINDS = [
  'kill',
  'rolling',
  'freeze-busy',
  'redis-flush',
  'moves',
  'redis-kill',
  'freeze-idle',
  'redis-freeze',
  'kill-twice',
  'drain-cut',
  'kill-without-redis',
  'database',
] as const
export type Kind = (typeof KINDS)[number]

export interface ChaosPlan {
  readonly index: number
  readonly kind: Kind
  readonly seed: string
  readonly messages: readonly PlannedMessage[]
  readonly perSecond: number
  readonly staff: readonly StaffMessage[]
  /** How long after the load began it breaks. */
  readonly afterMs: number
  /** How long it stays broken; for a frozen node, beyond two lease times. */
  readonly lastsMs: number
  /** For what picks a node or an account. */
  readonly pick: number
}

export interface Load {
  readonly messages: number
  readonly perSecond: number
  readonly staff: number
}

const NO_FREEZE_LOAD: Load = { messages: 240, perSecond: 40, staff: 40 }
/** Long enough to go on while a node is frozen for two lease times. */
const FREEZE_LOAD: Load = { messages: 400, perSecond: 20, staff: 40 }

export function planChaos(seed: number, index: number, accounts: readonly Account[], only?: Kind): ChaosPlan {
  const kind = only ?? KINDS[index % KINDS.length] ?? 'kill'
  const text = `${seed}:${index}`
  const luck = dice(`chaos ${text}`)
  const load = loadOf(kind)
  const [least, most] = LASTS[kind === 'database' ? 'database' : kind.startsWith('redis') ? 'redis' : 'node']
  return {
    index,
    kind,
    seed: text,
    ...writing(text, accounts, load),
    perSecond: load.perSecond,
    afterMs: luck.between(200, 3_000),
    lastsMs: luck.between(least, most),
    pick: luck.between(0, 1_000_000),
  }
}

/** Some outages of the database outlive the leases of all nodes (8 s). */
const LASTS = { database: [500, 12_000], redis: [200, 6_000], node: [0, 1_500] } as const

function loadOf(kind: Kind): Load {
  if (kind === 'freeze-busy') return FREEZE_LOAD
  if (kind === 'freeze-idle') return { ...FREEZE_LOAD, messages: 12, perSecond: 12, staff: 0 }
  return kind === 'rolling' ? { messages: 500, perSecond: 40, staff: 80 } : NO_FREEZE_LOAD
}

/** Who writes what: customers, and staff over the same time. */
export function writing(seed: string, accounts: readonly Account[], load: Load): Pick<ChaosPlan, 'messages' | 'staff'> {
  const luck = dice(`writing ${seed}`)
  const spanMs = (load.messages / load.perSecond) * 1_000
  const someone = () => {
    const account = accounts[luck.between(0, accounts.length - 1)]
    const customer = account?.customers[luck.between(0, account.customers.length - 1)]
    if (account === undefined || customer === undefined) throw new Error('nobody takes part')
    return { account: account.number, customer }
  }
  const messages = Array.from({ length: load.messages }, (_, n): PlannedMessage => {
    const { account, customer } = someone()
    const hash = createHash('sha256').update(`${seed}/${n}`).digest('hex').toUpperCase()
    const addressing = Number(customer) % 2 === 0 ? 'lid' : 'pn'
    return { id: `3A${hash.slice(0, 18)}`, from: customer, to: account, text: words(luck, n), addressing }
  })
  const staff = Array.from({ length: load.staff }, (_, n): StaffMessage => {
    const atMs = Math.round(luck.fraction() * spanMs)
    return { key: `${seed}/${n}`, ...someone(), text: `A note from us: zz${n}notezz`, atMs }
  })
  return { messages, staff }
}
