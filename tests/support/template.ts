// The template database: migrated once, cloned for every test file. Its name follows the migrations, so a change makes a new one.

import { createHash, randomBytes } from 'node:crypto'
import { connect, errorCode, openDatabase } from '../../src/persistence/database.ts'
import { MIGRATIONS } from '../../src/persistence/migrations/index.ts'

/** Every database the tests make, and none other, begins so. */
const TEST_PREFIX = 'wa_erp_test_'

/** Set by scripts/test.ts: what it makes on a server that others use too is told apart, and dropped at its end. */
export const RUN_VARIABLE = 'WA_ERP_TEST_RUN'

const LEFTOVER_AGE_SECONDS = 3_600

/** The same server and login, another database. */
export function databaseUrl(url: string, name: string): string {
  const other = new URL(url)
  other.pathname = `/${name}`
  return other.href
}

/** A name nobody else has; the time in it tells leftovers of killed runs. */
export function freshName(): string {
  return `${prefix()}${Math.floor(Date.now() / 1000)}_${randomBytes(6).toString('hex')}`
}

function prefix(): string {
  const run = process.env[RUN_VARIABLE]
  return run ? `${TEST_PREFIX}${run}_` : TEST_PREFIX
}

/** The seconds in a name of `freshName`; NaN in another. */
function madeAt(name: string): number {
  return Number(/_(\d{10})_[0-9a-f]{12}$/.exec(name)?.[1] ?? Number.NaN)
}

/** @returns the template's name, made when this server has none for these migrations. Safe when several ask at once. */
export async function ensureTemplate(adminUrl: string): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(MIGRATIONS.map(({ name, up }) => [name, up])))
  const name = `${prefix()}template_${hash.digest('hex').slice(0, 12)}`
  const admin = await connect({ url: adminUrl, poolMax: 1 })
  try {
    if ((await admin.rows('select from pg_database where datname = ?', [name])).length > 0) return name
    await dropDatabases(adminUrl, 'leftovers')
    const draft = freshName()
    await admin.run(`create database ${draft}`)
    await (await openDatabase({ url: databaseUrl(adminUrl, draft), poolMax: 1 })).close()
    try {
      await admin.run(`alter database ${draft} rename to ${name}`)
    } catch (error) {
      if (errorCode(error) !== '42P04') throw error
      await admin.run(`drop database if exists ${draft} with (force)`)
    }
    return name
  } finally {
    await admin.close()
  }
}

/** Drops databases of the tests: those of this run, or what killed runs left: nobody uses it, and it is an hour old. */
export async function dropDatabases(adminUrl: string, which: 'of-this-run' | 'leftovers'): Promise<void> {
  const admin = await connect({ url: adminUrl, poolMax: 1 })
  try {
    const found = await admin.rows<{ datname: string; used: boolean }>(
      `select datname, exists (select from pg_stat_activity a where a.datname = d.datname) as used
       from pg_database d where starts_with(datname, ?)`,
      [which === 'of-this-run' ? prefix() : TEST_PREFIX],
    )
    const oldest = Date.now() / 1000 - LEFTOVER_AGE_SECONDS
    for (const { datname, used } of found) {
      const wanted = which === 'of-this-run' || (!used && madeAt(datname) < oldest)
      if (wanted) await admin.run(`drop database if exists ${datname} with (force)`)
    }
  } finally {
    await admin.close()
  }
}
