// `npm run fleet`: hundreds of linked accounts on one server that is killed and started again while their customers write. It ends with status
// 1 when an account does not come back, when they come in a storm, or when a message is lost.

import { relaxations } from './crash/relaxed.ts'
import { findings, json, table } from './fleet/result.ts'
import { runFleet } from './fleet/run.ts'
import { prove } from './proof/command.ts'
import { type Help, whole } from './proof/options.ts'

const FEWEST = 2
const MOST = 5_000

const HELP = {
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

await prove({
  help: HELP,
  settings: (given: { readonly accounts?: string | undefined }) =>
    whole(given, 'accounts', { otherwise: 500, least: FEWEST, most: MOST }),
  relaxed: relaxations().filter((line) => !line.startsWith('RECONNECT_INTERVAL')),
  async run(accounts, stage) {
    const result = await runFleet({ accounts, adminUrl: stage.server.adminUrl, say: stage.say })
    const wrong = findings(result)
    for (const line of wrong) stage.say(`WRONG: ${line}`)
    return { told: stage.json ? json(result) : table(result), held: wrong.length === 0 }
  },
})
