// The databases of a run: made as copies, dropped when done with, and none left behind by a run that is interrupted.

import { connect } from '../../src/persistence/database.ts'
import { databaseUrl, freshName } from '../../tests/support/template.ts'

export interface MadeDatabase {
  readonly name: string
  readonly url: string
  drop(): Promise<void>
}

const made = new Map<string, () => Promise<void>>()

/** @param template another database of that server, which nobody uses at this moment; an empty one if not given */
export async function makeDatabase(adminUrl: string, template?: string): Promise<MadeDatabase> {
  const name = freshName()
  await asAdmin(adminUrl, `create database ${name}${template === undefined ? '' : ` template ${template}`}`)
  const drop = async () => {
    if (made.delete(name)) await asAdmin(adminUrl, `drop database if exists ${name} with (force)`)
  }
  made.set(name, drop)
  return { name, url: databaseUrl(adminUrl, name), drop }
}

/** Drops what is left. */
export async function dropAll(): Promise<void> {
  for (const drop of [...made.values()]) await drop()
}

async function asAdmin(adminUrl: string, sql: string): Promise<void> {
  const admin = await connect({ url: adminUrl, poolMax: 1 })
  try {
    await admin.run(sql)
  } finally {
    await admin.close()
  }
}
