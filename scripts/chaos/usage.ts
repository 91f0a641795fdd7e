// What `npm run chaos -- --help` says: its options, how long it takes, and what its columns mean.

import type { Help } from '../proof/options.ts'
import { KINDS } from './plan.ts'

export const HELP = {
  command: 'chaos',
  options: {
    trials: ['N', `so many trials, ${KINDS.length} if not given, which take turns: ${KINDS.join(', ')}`],
    seed: ['S', 'decides who writes what and what breaks when; 1 if not given'],
    only: ['KIND', 'trials of this kind alone'],
    from: ['K', 'begins with trial K of this seed'],
    nodes: ['N', 'so many nodes, 3 if not given'],
    accounts: ['N', 'so many linked accounts on them, 6 if not given'],
    former: [
      'DIR',
      'a former version with its packages: each node begins with its program, beside the tables of this one, and is started again with this one; with --only rolling an update',
    ],
  },
  takes:
    'A trial takes 20 to 45 seconds on two cores: one of each kind some six minutes. It needs redis-server or valkey-server on the PATH.',
  lastLine: 'The last line is one object, with or without --json: sums over all trials.',
  columns: {
    'messages … repliesDuplicated': 'as npm run crash -- --help says; resends and undecryptable too',
    framesAfterTakeover:
      'how often a node that was frozen wrote to WhatsApp after it woke, when another had taken its sessions over',
    takeoverMs: 'from the failure until each account that it hit had logged in again: the middle one and the longest',
    handoffGapMs: 'for how long a session that was given over in order had no connection, likewise',
    foreignWrites: 'rows of a session that a process wrote without owning it, or under an epoch that had passed',
    drops: 'connections that ended though only Redis was in trouble',
    failedSends:
      'messages of staff that a node did not take, in trials where no node dies or freezes and the database stays',
    askedForQr: 'trials in which a linked account asked for a QR',
    accidents: 'trials that did not come to their end',
  },
  wrong:
    'Status 1: something was lost, doubled, dropped, refused or written without a right, or a trial did not come to its end.',
} as const satisfies Help<string>
