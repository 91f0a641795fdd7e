// What is done for all by one node at a time. A node that dies at it keeps the others off until its time is over, and no longer.

import type { Queryable } from './database.ts'

/** Takes a chore. @returns false while another node is at it */
export async function takeChore(q: Queryable, name: string, holder: string, forMs: number): Promise<boolean> {
  const taken = await q.run(
    `insert into chores as c (name, holder, until) values (?, ?, clock_timestamp() + ? * interval '1 millisecond')
     on conflict (name) do update set holder = excluded.holder, until = excluded.until
       where c.until < clock_timestamp()`,
    [name, holder, forMs],
  )
  return taken > 0
}

/** Gives it back. */
export async function endChore(q: Queryable, name: string, holder: string): Promise<void> {
  await q.run('delete from chores where name = ? and holder = ?', [name, holder])
}
