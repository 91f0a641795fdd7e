// What happens in one trial, decided by its seed alone: who writes what, how fast, and when the server is killed or its database goes away.

import { createHash } from 'node:crypto'
import { ACCOUNTS, type Account, PLENTY, SCARCE } from './cast.ts'
import { type Dice, dice } from './random.ts'

export type TrialKind = 'calm' | 'burst' | 'outage'

/** The kinds take turns. */
export const KINDS = ['calm', 'burst', 'outage'] as const satisfies readonly TrialKind[]

/** Points in the server's own code path at which it kills itself; see failpoints.ts. */
export const PLACES = [
  'before-journal-commit',
  'after-journal-commit',
  'after-receipt',
  'before-process',
  'before-encrypt-commit',
  'after-encrypt-commit',
  'after-wire-before-ack',
  'on-ack',
  'on-receipt',
] as const
export type Place = (typeof PLACES)[number]

/** Statements around which the relay to the database kills the server; see relay.ts. */
const STATEMENTS = ['commit', 'insert into orders', 'insert into outbox', 'insert into inbox'] as const
export type Statement = (typeof STATEMENTS)[number]

export type Kill =
  /** So long after the load began, or after the server came up. */
  | { readonly kind: 'after'; readonly ms: number }
  /** So long after its process was started. */
  | { readonly kind: 'boot'; readonly ms: number }
  /** At this place, the nth time it is passed. */
  | { readonly kind: 'place'; readonly place: Place; readonly nth: number }
  /** Before the nth of these statements reaches the database, or when the answer to it is on its way back. */
  | {
      readonly kind: 'statement'
      readonly statement: Statement
      readonly when: 'before' | 'after'
      readonly nth: number
    }
  /** The database goes away, comes back, and the server is killed so long after it went. */
  | {
      readonly kind: 'outage'
      readonly startMs: number
      readonly how: 'cut' | 'stall'
      readonly lastsMs: number
      readonly killMs: number
    }

export interface PlannedMessage {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly text: string
  readonly addressing: 'lid' | 'pn'
}

export interface StaffMessage {
  readonly key: string
  readonly account: string
  readonly customer: string
  readonly text: string
  /** After the load began. */
  readonly atMs: number
}

export interface Plan {
  readonly index: number
  readonly kind: TrialKind
  readonly seed: string
  readonly messages: readonly PlannedMessage[]
  readonly perSecond: number
  readonly staff: readonly StaffMessage[]
  readonly kills: readonly Kill[]
}

interface Shape {
  readonly messages: number
  readonly perSecond: number
  readonly customers: number
  readonly staff: number
}

const SHAPES: Record<TrialKind, Shape> = {
  calm: { messages: 90, perSecond: 30, customers: 10, staff: 8 },
  burst: { messages: 1_000, perSecond: 1_000, customers: 50, staff: 8 },
  outage: { messages: 300, perSecond: 120, customers: 20, staff: 8 },
}

const MS = 1_000

/** @param scale makes the loads smaller, for a quick look; 1 for the real thing */
export function planTrial(seed: number, index: number, scale = 1): Plan {
  const kind = KINDS[index % KINDS.length] ?? 'calm'
  const text = `${seed}:${index}`
  const luck = dice(text)
  const full = SHAPES[kind]
  const shape = { ...full, messages: Math.max(10, Math.round(full.messages * scale)) }
  const spanMs = (shape.messages / shape.perSecond) * MS
  return {
    index,
    kind,
    seed: text,
    perSecond: shape.perSecond,
    messages: Array.from({ length: shape.messages }, (_, n) => message(luck, shape, text, n)),
    staff: Array.from({ length: shape.staff }, (_, n) => staffMessage(luck, shape, spanMs, text, n)),
    kills: killsOf(luck, kind, spanMs, scale),
  }
}

function someone(luck: Dice, shape: Shape): { account: Account; customer: string } {
  const account = luck.pick(ACCOUNTS)
  return { account, customer: account.customers[luck.between(0, shape.customers - 1)] ?? '' }
}

function message(luck: Dice, shape: Shape, seed: string, n: number): PlannedMessage {
  const { account, customer } = someone(luck, shape)
  const hash = createHash('sha256').update(`${seed}/${n}`).digest('hex').toUpperCase()
  return {
    id: `3A${hash.slice(0, 18)}`,
    from: customer,
    to: account.number,
    // A customer keeps to one kind of address, as a phone does.
    addressing: Number(customer) % 2 === 0 ? 'lid' : 'pn',
    text: words(luck, n),
  }
}

/** Always something the bot answers. `q<n>` comes back in the answer, so that it can be told whose answer it is. */
export function words(luck: Dice, n: number): string {
  const roll = luck.fraction()
  if (roll < 0.45) return `ORDER ${luck.pick(PLENTY).name}:${luck.between(1, 3)}`
  if (roll < 0.53) return `ORDER ${SCARCE.name}:1`
  if (roll < 0.7) return `catalog zz${n}zz`
  if (roll < 0.82) return `ORDER zz${n}zz:1`
  return luck.pick(['hi', 'help', 'catalog', 'contact', 'status'])
}

function staffMessage(luck: Dice, shape: Shape, spanMs: number, seed: string, n: number): StaffMessage {
  const { account, customer } = someone(luck, shape)
  const atMs = Math.round(luck.fraction() * spanMs)
  return { key: `${seed}/${n}`, account: account.number, customer, text: `A note from us: zz${n}notezz`, atMs }
}

function killsOf(luck: Dice, kind: TrialKind, spanMs: number, scale: number): Kill[] {
  const passes = (most: number) => Math.max(1, Math.round(most * scale))
  switch (kind) {
    case 'calm':
      return [
        point(luck, passes(30), spanMs / 2),
        ...(luck.chance(0.3) ? [boot(luck)] : []),
        point(luck, passes(15), spanMs / 2),
      ]
    case 'burst': {
      const first = luck.chance(0.5) ? after(luck, 50, 3_000) : point(luck, passes(100), 3_000)
      return luck.chance(0.4) ? [first, luck.chance(0.4) ? boot(luck) : after(luck, 50, 2_000)] : [first]
    }
    case 'outage':
      return [outage(luck, spanMs)]
  }
}

function after(luck: Dice, least: number, most: number): Kill {
  return { kind: 'after', ms: luck.between(least, Math.round(most)) }
}

function boot(luck: Dice): Kill {
  return { kind: 'boot', ms: luck.between(100, 1_800) }
}

function point(luck: Dice, nth: number, withinMs: number): Kill {
  const roll = luck.fraction()
  if (roll < 0.3) return after(luck, 50, withinMs)
  if (roll < 0.75) return { kind: 'place', place: luck.pick(PLACES), nth: luck.between(1, nth) }
  return {
    kind: 'statement',
    statement: luck.pick(STATEMENTS),
    when: luck.pick(['before', 'after']),
    nth: luck.between(1, Math.ceil(nth / 2)),
  }
}

/** The kill comes while the database is away, or up to a second after it came back. Some outages outlive the node's lease (8 s). */
function outage(luck: Dice, spanMs: number): Kill {
  const lastsMs = luck.chance(0.15) ? luck.between(6_000, 10_000) : luck.between(300, 3_000)
  return {
    kind: 'outage',
    startMs: luck.between(100, Math.round(spanMs)),
    how: luck.pick(['cut', 'stall']),
    lastsMs,
    killMs: luck.between(50, lastsMs + 1_000),
  }
}
