// A database of its own for a test: migrated, empty, gone when the test ends. Making one costs more than most tests, so one that a test of the
// same process has done with is emptied and used again (emptied.ts).

import type { Test } from 'tap'
import { connect, type Database, openDatabase } from '../../src/persistence/database.ts'
import { emptied, type Fresh, freshOf } from './emptied.ts'
import { testServer } from './server.ts'
import { databaseUrl, freshName } from './template.ts'

export interface TestDatabase {
  readonly db: Database
  /** For what opens its own connections: a second node, a child process. */
  readonly url: string
}

/** Those that wait for the next test, by name. */
const spare: string[] = []
let fresh: Promise<Fresh> | null = null

/** Clones the template, or takes one that was emptied. Pass the file's `t` for one database a file, a subtest's for one of its own. */
export async function testDatabase(t: Pick<Test, 'teardown'>): Promise<TestDatabase> {
  const { adminUrl, template } = await testServer()
  const name = spare.pop() ?? (await cloned(adminUrl, template))
  const url = databaseUrl(adminUrl, name)
  const db = await openDatabase({ url })
  fresh ??= freshOf(db)
  const asItWas = await fresh
  t.teardown(async () => {
    await db.close()
    if (await asConnected(url, (own) => emptied(own, asItWas))) spare.push(name)
    else await dropped(adminUrl, name)
  })
  return { db, url }
}

async function cloned(adminUrl: string, template: string): Promise<string> {
  const name = freshName()
  await asConnected(adminUrl, (admin) => admin.run(`create database ${name} template ${template}`))
  return name
}

function dropped(adminUrl: string, name: string): Promise<unknown> {
  return asConnected(adminUrl, (admin) => admin.run(`drop database if exists ${name} with (force)`))
}

/** When nothing is left to do: nobody will use them any more. */
process.on('beforeExit', async () => {
  if (spare.length === 0) return
  const names = spare.splice(0)
  const { adminUrl } = await testServer()
  for (const name of names) await dropped(adminUrl, name)
})

async function asConnected<T>(url: string, work: (db: Database) => Promise<T>): Promise<T> {
  const db = await connect({ url, poolMax: 1 })
  try {
    return await work(db)
  } finally {
    await db.close()
  }
}
