// `npm run stock:check`: compares every level of stock with what its ledger adds up to and with what open orders hold, and says where they
// differ; ends with 1 then. With `-- --repair` it makes the levels anew from the ledger. The same comparison is GET /api/stock/check.

import { parseArgs } from 'node:util'
import { uuidv7 } from 'uuidv7'
import { loadCluster } from '../cluster.config.ts'
import type { OrgId } from '../src/domain/ids.ts'
import { lockDataDir } from '../src/persistence/data-dir.ts'
import { type Database, openDatabase } from '../src/persistence/database.ts'
import { startEmbedded } from '../src/persistence/embedded.ts'
import { checkStock, rebuildLevels, type StockDifference } from '../src/persistence/stock-check.ts'

const USAGE = `Usage: npm run stock:check [-- --repair]

Ends with 0 when levels, ledger and open orders agree, with 1 when they do not, with 2 when it could not look.
A server that uses the bundled database of this directory must be stopped first; GET /api/stock/check asks one that runs.
`
const SILENT = { info: () => {}, warn: () => {} }

/** The database of DATABASE_URL, or the bundled one of a server that does not run now. */
async function withDatabase<T>(work: (db: Database) => Promise<T>): Promise<T> {
  const { databaseUrl, dataDir } = loadCluster().config
  if (databaseUrl !== null) return used(databaseUrl, work)
  const lock = await lockDataDir(dataDir, { waitMs: 0, incarnation: uuidv7() })
  try {
    const embedded = await startEmbedded({ dataDir, log: SILENT })
    return await used(embedded.url, work).finally(() => embedded.stop())
  } finally {
    lock.release()
  }
}

async function used<T>(url: string, work: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase({ url, poolMax: 1 })
  return work(db).finally(() => db.close())
}

function line({ sku, onHand, reserved, ledgerOnHand, ledgerReserved, ordered, brokenMovements }: StockDifference) {
  const broken = brokenMovements === 0 ? '' : `, ${brokenMovements} movements that do not follow from the one before`
  return `${sku}: ${onHand} on hand, ${reserved} reserved; the ledger says ${ledgerOnHand} and ${ledgerReserved}, open orders hold ${ordered}${broken}\n`
}

/** @returns the exit code */
async function main(): Promise<number> {
  const { values } = parseArgs({ options: { repair: { type: 'boolean' }, help: { type: 'boolean' } } })
  if (values.help === true) {
    process.stdout.write(USAGE)
    return 0
  }
  return withDatabase(async (db) => {
    const [shop] = await db.rows<{ id: OrgId }>('select id from organizations order by id limit 1')
    if (shop === undefined) {
      process.stdout.write('There is no shop in this database yet.\n')
      return 0
    }
    if (values.repair === true)
      process.stdout.write(`${await rebuildLevels(db, shop.id)} levels were made anew from the ledger.\n`)
    const differences = await checkStock(db, shop.id)
    for (const each of differences) process.stdout.write(line(each))
    process.stdout.write(
      differences.length === 0 ? 'Levels, ledger and open orders agree.\n' : `${differences.length} variants differ.\n`,
    )
    return differences.length === 0 ? 0 : 1
  })
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
