// A database of its own for a test: migrated, empty, gone when the test ends.

import type { Test } from 'tap'
import { connect, type Database, openDatabase } from '../../src/persistence/database.ts'
import { testServer } from './server.ts'
import { databaseUrl, freshName } from './template.ts'

export interface TestDatabase {
  readonly db: Database
  /** For what opens its own connections: a second node, a child process. */
  readonly url: string
}

/** Clones the template (some 30 ms). Pass the file's `t` for one database a file, a subtest's for one of its own. */
export async function testDatabase(t: Pick<Test, 'teardown'>): Promise<TestDatabase> {
  const { adminUrl, template } = await testServer()
  const name = freshName()
  await asAdmin(adminUrl, `create database ${name} template ${template}`)
  const url = databaseUrl(adminUrl, name)
  const db = await openDatabase({ url })
  t.teardown(async () => {
    await db.close()
    await asAdmin(adminUrl, `drop database if exists ${name} with (force)`)
  })
  return { db, url }
}

async function asAdmin(adminUrl: string, sql: string): Promise<void> {
  const admin = await connect({ url: adminUrl, poolMax: 1 })
  try {
    await admin.run(sql)
  } finally {
    await admin.close()
  }
}
