// What `npm run crash -- --help` says: its options, how long it takes, and what its columns mean.

import type { Help } from '../proof/options.ts'

export const HELP = {
  command: 'crash',
  options: {
    trials: [
      'N',
      'so many trials, 10 if not given: a third at a calm rate, a third bursts, a third with a database outage',
    ],
    seed: ['S', 'decides who writes what and when the server is killed; 1 if not given'],
    only: ['K', 'trial K of this seed alone'],
    'unprotected-trials': [
      'M',
      'so many of the same trials with plain Baileys and no journal; a fifth of them if not given',
    ],
    scale: ['F', 'loads of this size, for a quick look; 1 if not given'],
  },
  takes:
    'A trial takes 10 to 30 seconds on two cores: ten and their unprotected ones some three minutes, 200 an hour or two.',
  lastLine:
    'The last lines are a table, with --json one line with an object: sums over all trials, those with the journal and those without.',
  columns: {
    messages: 'what WhatsApp took from contacts',
    lost: 'of these, without a row in messages when all is quiet, or not in the journal when its receipt had arrived at a kill',
    ordersExpected: 'of these, orders for which there was stock',
    ordersLost: 'expected and not there',
    ordersDuplicated: 'a second order of one message, more sold than there was, stock that no order explains',
    repliesLost: 'an answer, or a staff message the API took, that never reached the customer',
    repliesDuplicated: 'two WhatsApp ids for one cause',
    resends: 'the same id again, which a phone drops',
    undecryptable: "messages that led to a retry receipt, a NACK 487 or 500, or a customer's failure to decrypt",
    unprotected:
      'the same trials with plain Baileys, whose journal is written when it tells of a message, after the receipt',
  },
  wrong: `Status 1: a column but the sizes and resends is not 0, the server ended by itself or never became quiet, or 40 or more
unprotected trials lost nothing.`,
} as const satisfies Help<string>
