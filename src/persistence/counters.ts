// Counts by user and day, such as how many messages of strangers were not stored. A number, never whose.
import type { UserId } from '../domain/ids.ts'
import type { Queryable } from './database.ts'

const COUNTERS = ['skipped_non_contacts'] as const
export type Counter = (typeof COUNTERS)[number]

/** Adds to a counter. `day` is the organisation's day, `2026-01-31` (see domain/day.ts). */
export async function bump(q: Queryable, userId: UserId, day: string, name: Counter, by = 1): Promise<void> {
  await q.run(
    `insert into daily_counters (user_id, day, name, count) values (?, ?, ?, ?)
     on conflict (user_id, day, name) do update set count = daily_counters.count + excluded.count`,
    [userId, day, name, by],
  )
}

/** The count of a day; 0 when nothing was counted. */
export async function readCounter(q: Queryable, userId: UserId, day: string, name: Counter): Promise<number> {
  const [row] = await q.rows<{ count: string }>(
    'select count from daily_counters where user_id = ? and day = ? and name = ?',
    [userId, day, name],
  )
  return Number(row?.count ?? 0)
}
