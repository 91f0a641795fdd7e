// What `npm run outage -- --help` says: its options, how long it takes, and what its columns mean.

import type { Help } from '../proof/options.ts'

export const HELP = {
  command: 'outage',
  options: {
    seconds: ['N', 'how long the database is away, 60 if not given'],
    way: [
      'W',
      'stop: its server is stopped; freeze: its server hangs; cut: the line to it is cut. One after the other if not given',
    ],
    seed: ['S', 'decides who writes what; 1 if not given'],
    database: [
      'URL',
      'a PostgreSQL on which databases may be made, for "cut" alone; a bundled one is started if not given',
    ],
  },
  takes:
    'Each way takes as long as the database is away and up to a minute more: with 60 seconds all three some five minutes.',
  lastLine:
    'The last lines are a table, with --json one line with an object: sums over all outages, and the slowest answers.',
  columns: {
    'messages … undecryptable': 'as npm run crash -- --help says',
    outages: 'how many there were',
    downAfterMs: 'from the beginning of an outage until /health said 503 and that the database is down, at most',
    upAfterMs: 'from its end until /health said 200 again, at most',
    healthWrong: 'answers of /health in between that said otherwise, and questions nobody answered',
  },
  wrong: 'Status 1: a column but the sizes, the times and resends is not 0, or /health was late.',
} as const satisfies Help<string>
