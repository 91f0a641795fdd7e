// Looks through every column of every table: where somebody who was forgotten is still written. The demo looks into the database of its own server.

import { connect, type Database } from '../../src/persistence/database.ts'
import { startEmbedded } from '../../src/persistence/embedded.ts'

/**
 * The rows in which one of these texts stands, in any column: text and JSON as they are, arrays, and bytes as the bytes of the text.
 * @returns `table: what was found`, for a test to show
 */
export async function findAnywhere(db: Database, texts: readonly string[]): Promise<readonly string[]> {
  const tables = await db.rows<{ name: string }>(
    `select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public'
     and table_type = 'BASE TABLE'`,
  )
  const found: string[] = []
  for (const { name } of tables) {
    const rows = await db.rows<{ line: string }>(`select t::text as line from ${name} t`)
    for (const { line } of rows)
      for (const text of texts) {
        const json = JSON.stringify(text).slice(1, -1)
        const hex = Buffer.from(text).toString('hex')
        if (line.includes(text) || line.includes(json) || line.includes(hex)) found.push(`${name}: ${text}`)
      }
  }
  return [...new Set(found)]
}

/** The same, in the running database of the server of this data directory. */
export async function findInServer(dataDir: string, texts: readonly string[]): Promise<readonly string[]> {
  const silent = { info: () => undefined, warn: () => undefined }
  const { url } = await startEmbedded({ dataDir, log: silent, reuse: true })
  const db = await connect({ url, poolMax: 1 })
  try {
    return await findAnywhere(db, texts)
  } finally {
    await db.close()
  }
}
