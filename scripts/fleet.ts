// `npm run fleet`: hundreds of linked accounts on one server that is killed and started again while their customers write. It ends with status
// 1 when an account does not come back, when they come in a storm, or when a message is lost.

import { parseArgs } from 'node:util'
import { openDatabaseServer } from './crash/database-server.ts'
import { dropAll } from './crash/databases.ts'
import { clearAway } from './crash/processes.ts'
import { relaxations } from './crash/relaxed.ts'
import { interruption } from './demo/interruption.ts'
import { findings, json, table } from './fleet/result.ts'
import { runFleet } from './fleet/run.ts'

const USAGE = `npm run fleet -- [--accounts 500] [--database URL] [--json]

  --accounts N    linked accounts; the login of one of them is never answered
  --database URL  a PostgreSQL on which databases may be made; a bundled one is started if not given
  --json          the last line is one object

Columns:
  opened                accounts that are open after kill -9 and a second start
  stuck                 those that are not: the one, and nobody with it
  mostHandshakesAtOnce  as WhatsApp saw them, from the connection until the client says that it is there
  limit                 how many there may be
  qrs                   QRs that a linked account asked for
  messagesLost          of what customers wrote meanwhile, without a row in messages when all is quiet

It ends with status 1 when more than the one are stuck, more handshakes than the limit, or the last two are not 0.`

const INTERRUPTED = 130
const FEWEST = 2
const MOST = 5_000
const say = (line: string) => void process.stderr.write(`${line}\n`)

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      accounts: { type: 'string' },
      database: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) {
    process.stdout.write(`${USAGE}\n`)
    return 0
  }
  const accounts = Number(values.accounts ?? 500)
  if (!Number.isInteger(accounts) || accounts < FEWEST || accounts > MOST)
    throw new Error(`--accounts must be a whole number from ${FEWEST} to ${MOST}.`)
  const interrupted = interruption().then((why) => {
    say(`${why}: everything is ended.`)
    return INTERRUPTED
  })
  for (const line of relaxations()) if (!line.startsWith('RECONNECT_INTERVAL')) say(`relaxed: ${line}`)
  const server = await openDatabaseServer(values.database ?? null)
  const run = async () => {
    const result = await runFleet({ accounts, adminUrl: server.adminUrl, say })
    const wrong = findings(result)
    for (const line of wrong) say(`WRONG: ${line}`)
    process.stdout.write(`${values.json === true ? json(result) : table(result)}\n`)
    return wrong.length > 0 ? 1 : 0
  }
  try {
    say(`database: ${server.says}`)
    return await Promise.race([run(), interrupted])
  } finally {
    for (const each of [clearAway, dropAll])
      await each().catch((error: unknown) => say(`cleaning up: ${String(error)}`))
    await server.close()
  }
}

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    say(error instanceof Error ? error.message : String(error))
    process.exit(1)
  },
)
