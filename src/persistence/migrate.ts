// Brings the tables up to date: each migration once, in order, however many nodes start at the same time.
// No advisory lock: they do not survive a connection pooler. The table's own lock makes the nodes take turns.

import type { Database, Tx } from './database.ts'
import { MIGRATIONS, type Migration } from './migrations/index.ts'
import { errorCode } from './unavailable.ts'

const TABLE = `create table if not exists migration (
  name text primary key,
  at timestamptz not null default now()
)`

/** @returns the names of the migrations this call applied. @throws when one fails: nothing of it is kept. */
export async function migrate(db: Database, migrations: readonly Migration[] = MIGRATIONS): Promise<string[]> {
  await createTable(db)
  const applied: string[] = []
  for (const migration of migrations) {
    if (await db.transaction((tx) => apply(tx, migration))) applied.push(migration.name)
  }
  return applied
}

/** Nothing is to be applied. Takes no lock: what is applied stays applied. */
export async function upToDate(db: Database, migrations: readonly Migration[] = MIGRATIONS): Promise<boolean> {
  const [table] = await db.rows<{ there: boolean }>(`select to_regclass('migration') is not null as there`)
  if (table?.there !== true) return false
  const rows = await db.rows<{ name: string }>('select name from migration')
  const done = new Set(rows.map(({ name }) => name))
  return migrations.every(({ name }) => done.has(name))
}

async function apply(tx: Tx, migration: Migration): Promise<boolean> {
  await tx.run('lock table migration in exclusive mode')
  const done = await tx.rows('select from migration where name = ?', [migration.name])
  if (done.length > 0) return false
  await tx.run(migration.up)
  await tx.run('insert into migration (name) values (?)', [migration.name])
  return true
}

// "if not exists" is no lock: two at once can both see nothing, and then one breaks a rule of the catalogue.
async function createTable(db: Database): Promise<void> {
  try {
    await db.run(TABLE)
  } catch (error) {
    const code = errorCode(error)
    // The table, its type, or a row of the catalogue: whichever the other made first.
    if (code !== '23505' && code !== '42P07' && code !== '42710') throw error
  }
}
