// What may befall a cluster, as values that fast-check makes and shrinks.

import fc from 'fast-check'

/** Where a process is when it is hit: anywhere, or at the step that hurts. */
const POINTS = ['now', 'renewed', 'locked', 'committed', 'sent'] as const
export type Point = (typeof POINTS)[number]

export type Command =
  /** `proof`: whoever started the process says at once that it is dead. */
  | { readonly type: 'kill'; readonly node: number; readonly at: Point; readonly proof: boolean }
  /** `suspend`: its machine sleeps, so that one of its clocks stands still. */
  | {
      readonly type: 'pause'
      readonly node: number
      readonly at: Point
      readonly ms: number
      readonly suspend: boolean
    }
  | { readonly type: 'resume'; readonly node: number }
  | { readonly type: 'partition'; readonly node: number; readonly from: 'database' | 'redis'; readonly ms: number }
  | { readonly type: 'heal' }
  | { readonly type: 'redis-wipe' }
  | { readonly type: 'redis-lag'; readonly ms: number }
  | { readonly type: 'redis-down'; readonly ms: number }
  /** `aheadMs`: another machine answers afterwards, whose clock is ahead. */
  | { readonly type: 'pg-restart'; readonly ms: number; readonly aheadMs: number }
  /** The outcome of the next changes is unknown: done and not answered, or not done. */
  | { readonly type: 'pg-timeout'; readonly count: number; readonly done: boolean }
  /** The next statement takes long, at the server. */
  | { readonly type: 'pg-stall'; readonly ms: number }
  | { readonly type: 'clock-rate'; readonly node: number; readonly rate: number }
  | { readonly type: 'deploy'; readonly node: number }
  | { readonly type: 'customer'; readonly session: number; readonly chat: number; readonly count: number }
  | { readonly type: 'encrypt-again'; readonly session: number; readonly chat: number }
  | {
      readonly type: 'rest'
      readonly session: number
      readonly chat: number
      readonly node: number
      readonly times: number
    }
  | { readonly type: 'redeliver'; readonly session: number }
  | { readonly type: 'drop'; readonly session: number }

export interface Timed {
  /** Ms before the command. */
  readonly after: number
  readonly command: Command
}

export const NODES = 3
export const SESSIONS = 3
export const CHATS = 2

/** In place of a node's number: the one that has session 0. */
export const OWNER = NODES

const node = fc.nat(OWNER)
const session = fc.nat(SESSIONS - 1)
const chat = fc.nat(CHATS - 1)
const at = fc.constantFrom(...POINTS)
const one = <const T extends string>(type: T) => fc.constant(type)

const pause = fc.record({
  type: one('pause'),
  node,
  at,
  ms: fc.oneof(fc.integer({ min: 100, max: 5_000 }), fc.integer({ min: 7_000, max: 25_000 })),
  suspend: fc.boolean(),
})
const customer = fc.record({ type: one('customer'), session, chat, count: fc.integer({ min: 1, max: 3 }) })
const rest = fc.record({ type: one('rest'), session, chat, node, times: fc.integer({ min: 1, max: 2 }) })

/** Traffic of session 0, and its node hit at the step that hurts, long enough to lose its lease. */
const busyHit = fc
  .tuple(
    fc.oneof(
      fc.record({
        type: one('pause'),
        node: fc.constant(OWNER),
        at: fc.constantFrom('renewed', 'locked', 'committed', 'sent'),
        ms: fc.integer({ min: 7_000, max: 20_000 }),
        suspend: fc.boolean(),
      }),
      fc.record({
        type: one('kill'),
        node: fc.constant(OWNER),
        at: fc.constantFrom('locked', 'committed', 'sent'),
        proof: fc.boolean(),
      }),
    ),
    fc.oneof(customer, rest),
    fc.oneof(customer, rest),
    fc.nat(12_000),
  )
  .map(([hit, now, later, after]): readonly Timed[] => [
    { after: 0, command: hit as Command },
    { after: 0, command: { ...now, session: 0 } },
    { after, command: { ...later, session: 0 } },
  ])

const redisFault = [
  { weight: 1, arbitrary: fc.record({ type: one('redis-wipe') }) },
  { weight: 1, arbitrary: fc.record({ type: one('redis-lag'), ms: fc.integer({ min: 0, max: 200 }) }) },
  { weight: 1, arbitrary: fc.record({ type: one('redis-down'), ms: fc.integer({ min: 100, max: 20_000 }) }) },
] as const
const traffic = [
  { weight: 6, arbitrary: customer },
  { weight: 4, arbitrary: rest },
  { weight: 2, arbitrary: fc.record({ type: one('encrypt-again'), session, chat }) },
  { weight: 1, arbitrary: fc.record({ type: one('redeliver'), session }) },
] as const

export const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  ...traffic,
  ...redisFault,
  { weight: 3, arbitrary: fc.record({ type: one('kill'), node, at, proof: fc.boolean() }) },
  { weight: 4, arbitrary: pause },
  { weight: 1, arbitrary: fc.record({ type: one('resume'), node }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: one('partition'),
      node,
      from: fc.constantFrom('database', 'redis'),
      ms: fc.integer({ min: 100, max: 20_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: one('heal') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: one('pg-restart'),
      // A restart is missed by every node; a switch to another server, which is as fast as a connection, by none.
      ms: fc.oneof(fc.integer({ min: 3_000, max: 12_000 }), fc.integer({ min: 0, max: 300 })),
      aheadMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20_000 })),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: one('pg-timeout'), count: fc.integer({ min: 1, max: 4 }), done: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ type: one('pg-stall'), ms: fc.integer({ min: 10, max: 12_000 }) }) },
  { weight: 1, arbitrary: fc.record({ type: one('clock-rate'), node, rate: fc.constantFrom(0.8, 0.9, 1.1, 1.2) }) },
  { weight: 2, arbitrary: fc.record({ type: one('deploy'), node }) },
  { weight: 1, arbitrary: fc.record({ type: one('drop'), session }) },
)

/** Faults of Redis alone, with traffic. */
export const redisCommand: fc.Arbitrary<Command> = fc.oneof(...traffic, ...redisFault, {
  weight: 2,
  arbitrary: fc.record({ type: one('partition'), node, from: fc.constant('redis' as const), ms: fc.nat(20_000) }),
})

/** A list of commands, with mostly short pauses: what matters happens while something else is under way. */
export const timeline = (command: fc.Arbitrary<Command>, length: number): fc.Arbitrary<readonly Timed[]> => {
  const after = fc.oneof(fc.nat(50), fc.nat(2_000), fc.nat(9_000))
  const single = fc.record({ after, command }).map((timed): readonly Timed[] => [timed])
  const scene =
    command === anyCommand ? fc.oneof({ weight: 8, arbitrary: single }, { weight: 1, arbitrary: busyHit }) : single
  return fc.array(scene, { minLength: 1, maxLength: length }).map((scenes) => scenes.flat())
}
