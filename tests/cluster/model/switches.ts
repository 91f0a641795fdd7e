// The guards of the simulated world that can be taken away, to see that the invariants notice. Guards that are a line of src are edited there
// (MUTANTS); guards which the world itself stands in for are switched off here.

import type { Edit } from './source.ts'

export interface Switches {
  /** The fence is a lock, not only a look. */
  readonly forShare: boolean
  /** Frames that come in ask for the lease. */
  readonly guardIn: boolean
  /** Frames that go out ask for the lease. */
  readonly guardOut: boolean
  /** The plaintext is committed with the ratchet step. */
  readonly journal: boolean
  /** The step of the ratchet is committed before its ciphertext is on the wire. */
  readonly ownTransaction: boolean
  /** A message keeps its WhatsApp id however often it is sent. */
  readonly storedId: boolean
  /** One order for one message of a customer, in whatever ciphertext it comes. */
  readonly uniqueOrder: boolean
  /** One outbox row for one key of a request. */
  readonly uniqueKey: boolean
}

export const ALL_ON: Switches = {
  forShare: true,
  guardIn: true,
  guardOut: true,
  journal: true,
  ownTransaction: true,
  storedId: true,
  uniqueOrder: true,
  uniqueKey: true,
}

/** One guard taken away. */
export interface Mutant {
  readonly name: string
  /** Which invariants may say so first. */
  readonly breaks: readonly string[]
  /** Of the commands: one under which it is found early. */
  readonly seed: number
  readonly off?: keyof Switches
  readonly edit?: Edit
}

export const MUTANTS: readonly Mutant[] = [
  { name: 'the fence is only looked at, not locked', breaks: ['I2'], seed: 1, off: 'forShare' },
  { name: 'frames are taken in without the lease', breaks: ['I1', 'I8'], seed: 1, off: 'guardIn' },
  { name: 'frames are sent without the lease', breaks: ['I1', 'I8'], seed: 1, off: 'guardOut' },
  { name: 'what is decrypted is not journaled', breaks: ['I4'], seed: 1, off: 'journal' },
  { name: 'the ratchet is stored after the wire', breaks: ['I3'], seed: 1, off: 'ownTransaction' },
  { name: 'every attempt has a new message id', breaks: ['I7', 'I6'], seed: 1, off: 'storedId' },
  { name: 'orders are not unique by their source', breaks: ['I5'], seed: 1, off: 'uniqueOrder' },
  { name: 'requests are not unique by their key', breaks: ['I6'], seed: 1, off: 'uniqueKey' },
  {
    name: 'the deadline counts from the answer',
    breaks: ['I1', 'I8'],
    seed: 3,
    edit: {
      file: 'src/actors/cluster/lease.ts',
      find: 'if (database !== null) deadline = extended(deadline, sent, policy)',
      replace: 'if (database !== null) deadline = extended(deadline, clocks(), policy)',
    },
  },
  {
    name: 'others are declared dead without waiting',
    breaks: ['I1', 'I8'],
    seed: 1,
    edit: {
      file: 'src/domain/cluster/lease.ts',
      find: 'return streak !== null && streak.last.sent.monotonic - streak.since.monotonic >= ttlMs',
      replace: 'void ttlMs; return streak !== null',
    },
  },
  {
    name: 'what came by itself is not looked for',
    breaks: ['I9'],
    seed: 1,
    edit: {
      file: 'src/actors/cluster/reconcile.ts',
      find: 'const given = await arrived()',
      replace: 'const given: Fence[] = []; void arrived',
    },
  },
  {
    name: 'another clock of the database does not end the streak',
    breaks: ['I1', 'I8'],
    seed: 1,
    edit: {
      file: 'src/domain/cluster/lease.ts',
      find: 'gap > ttlMs || jump > jumpMs',
      replace: 'gap > ttlMs || jump > jumpMs + 1e9',
    },
  },
  {
    name: 'only the monotonic clock is asked',
    breaks: ['I1', 'I8'],
    seed: 1,
    edit: {
      file: 'src/domain/cluster/lease.ts',
      find: 'Math.min(deadline.monotonic - now.monotonic, deadline.wall - now.wall)',
      replace: 'deadline.monotonic - now.monotonic',
    },
  },
]
