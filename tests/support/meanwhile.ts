// Two at one row: a change that is not committed yet, and somebody who waits for it. The order is kept by what the server says, not by time.

import type { Database } from '../../src/persistence/database.ts'
import { until } from './until.ts'

/** Carries the statement out, begins the work, and commits once the work waits for a lock. @returns what came of the work */
export async function meanwhile<T>(db: Database, sql: string, work: () => Promise<T>): Promise<T> {
  const begun: { work?: Promise<T> } = {}
  await db.transaction(async (tx) => {
    await tx.run(sql)
    begun.work = work()
    // Whoever awaits it below hears of its failure; until then it is nobody's.
    begun.work.catch(() => {})
    await until('somebody waits', async () => {
      const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
      return (await db.rows(waiting)).length > 0
    })
  })
  if (begun.work === undefined) throw new Error('nothing was begun')
  return begun.work
}
