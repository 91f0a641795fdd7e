// `npm run seed:demo`: fills the empty organisation of this installation with a demo shop. Its passwords are DEMO_PASSWORD, or one that is made
// and printed once.

import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { uuidv7 } from 'uuidv7'
import { loadCluster } from '../cluster.config.ts'
import { layGround } from '../src/ground.ts'
import { isCommonPassword, makePasswords, PASSWORD_MIN_CHARS } from '../src/http/passwords.ts'
import { makeLog } from '../src/log.ts'
import { openDatabase } from '../src/persistence/database.ts'
import { STAFF } from './seed/cast.ts'
import { seedDemo } from './seed/seed.ts'

const USAGE = `Usage: npm run seed:demo [-- --seed text] [-- --yes]

  --yes   also where NODE_ENV is production

The organisation must be empty. DEMO_PASSWORD is the password of everybody in it; without it one is made and printed.
A server that uses the bundled database of this directory must be stopped first.`

class Refused extends Error {}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: { yes: { type: 'boolean' }, seed: { type: 'string' }, help: { type: 'boolean' } },
  })
  const { yes = false, seed = 'demo', help = false } = values
  if (help) return console.log(USAGE)
  const { config } = loadCluster()
  if (config.env === 'production' && !yes)
    throw new Refused('NODE_ENV is production: a demo shop does not belong there. Add --yes if you mean it.')
  const given = process.env['DEMO_PASSWORD']
  if (given !== undefined && (given.length < PASSWORD_MIN_CHARS || isCommonPassword(given)))
    throw new Refused(
      `DEMO_PASSWORD must have at least ${PASSWORD_MIN_CHARS} characters and not be one that everybody tries.`,
    )
  const password = given ?? randomBytes(9).toString('base64url')

  const ground = config.databaseUrl === null ? await layGround({ ...config, port: 0 }, makeLog('warn')) : null
  try {
    const db = await openDatabase({ url: ground?.databaseUrl ?? config.databaseUrl ?? '' })
    try {
      const passwordHash = await makePasswords().hash(password)
      const made = await seedDemo(db, { seed, now: new Date(), passwordHash, newId: uuidv7 })
      if (made.kind === 'not-empty')
        throw new Refused(
          'There is a shop here already: the demo goes only into an empty organisation. Nothing was changed.',
        )
      if (made.kind === 'there') return console.log('The demo shop is here already; nothing was changed.')
      console.log(
        `The demo shop is here: ${made.orders} orders, ${made.messages} messages, ${made.movements} movements of stock.`,
      )
      console.log(`Log in as ${STAFF.map(({ email }) => email).join(', ')}.`)
      console.log(
        given === undefined ? `Their password, shown this once: ${password}` : 'Their password is DEMO_PASSWORD.',
      )
    } finally {
      await db.close()
    }
  } finally {
    await ground?.close()
  }
}

run().catch((error: unknown) => {
  const known = error instanceof Error && (error instanceof Refused || error.name !== 'Error')
  process.stderr.write(`${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
  process.exitCode = 1
})
