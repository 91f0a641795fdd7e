// What `npm run fleet -- --help` says: its options, how long it takes, and what its columns mean.

import type { Help } from '../proof/options.ts'

export const HELP = {
  command: 'fleet',
  options: { accounts: ['N', 'linked accounts, 500 if not given; the login of one of them is never answered'] },
  takes: 'A run takes a minute or a few, more with more accounts: each of its two starts is given four minutes.',
  lastLine: 'The last lines are a table, with --json one line with an object.',
  columns: {
    opened: 'accounts that are open after kill -9 and a second start',
    stuck: 'those that are not: the one, and nobody with it',
    mostHandshakesAtOnce: 'as WhatsApp saw them, from the connection until the client says that it is there',
    limit: 'how many there may be',
    qrs: 'QRs that a linked account asked for',
    messagesLost: 'of what customers wrote meanwhile, without a row in messages when all is quiet',
  },
  wrong: 'Status 1: more than the one are stuck, more handshakes than the limit, or the last two are not 0.',
} as const satisfies Help<string>
