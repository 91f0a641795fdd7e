// Writes what several sessions have to write at about the same time in one statement, each behind its own fence: one round trip and one write
// to the disk for all of them. What is written is its caller's business.

import type { Fence } from '../domain/ids.ts'
import { type Database, errorCode, isUnavailable } from './database.ts'
import { gathering } from './gathering.ts'
import { FencedError } from './leases.ts'
import type { Statement } from './statement.ts'

/** Rounds under way at a time: while one waits for the disk the next is on its way. */
const ROUNDS = 2
/** What is written together fails together, so not too many. */
const SESSIONS_A_ROUND = 32

/**
 * @param parts common table expressions with their names; each writes only for the `session_id`s it finds in `own`, which holds those whose
 *   fence holds. Values should travel as arrays, so that the text is the same for any number of items
 * @returns writes the whole item, or nothing. It rejects with FencedError when the session is not ours any more, or as the database does
 */
export function fencedRounds<T extends { readonly fence: Fence }>(
  parts: (items: readonly T[]) => readonly Statement[],
): (db: Database, item: T) => Promise<void> {
  const rounds = new WeakMap<Database, (item: T) => Promise<void>>()

  async function write(db: Database, items: readonly T[], waiting: boolean): Promise<ReadonlySet<string>> {
    const fences = items.map(({ fence }) => fence)
    const all = [ownPart(fences, waiting), ...parts(items)]
    const rows = await db.rows<{ session_id: string }>(
      `with ${all.map(({ sql }) => sql).join(',\n')}\nselect session_id from own`,
      all.flatMap(({ params }) => params),
    )
    return new Set(rows.map((row) => row.session_id))
  }

  /** Nobody waits for a claim of somebody else's session, nor falls with somebody else's mistake: what cannot be written together is alone. */
  async function together(db: Database, items: readonly T[]): Promise<{ outcome: Promise<void> }[]> {
    try {
      const held = await write(db, items, false)
      return items.map(({ fence }) => ({ outcome: heldBy(held, fence) }))
    } catch (error) {
      // Only where the server has said that nothing was written.
      if (isUnavailable(error) || !SQL_STATE.test(errorCode(error) ?? '')) throw error
      return items.map((item) => ({ outcome: alone(db, item) }))
    }
  }

  const alone = async (db: Database, item: T) => heldBy(await write(db, [item], true), item.fence)

  return (db, item) => {
    let round = rounds.get(db)
    if (round === undefined) {
      const nameOf = ({ fence }: T) => fence.session
      round = gathering({ atOnce: ROUNDS, most: SESSIONS_A_ROUND, nameOf, run: (items) => together(db, items) })
      rounds.set(db, round)
    }
    return round(item)
  }
}

const SQL_STATE = /^[0-9A-Z]{5}$/

/** In one order, as claims lock them: nobody waits in a circle. */
function ownPart(fences: readonly Fence[], waiting: boolean): Statement {
  const sql = `own as (select l.session_id from lease l
    join unnest(?::uuid[], ?::uuid[], ?::bigint[]) as f (session_id, owner, epoch)
      on l.session_id = f.session_id and l.owner = f.owner and l.epoch = f.epoch
    order by l.session_id for share of l${waiting ? '' : ' nowait'})`
  return { sql, params: [fences.map((f) => f.session), fences.map((f) => f.owner), fences.map((f) => String(f.epoch))] }
}

async function heldBy(held: ReadonlySet<string>, fence: Fence): Promise<void> {
  if (!held.has(fence.session)) throw new FencedError(fence)
}
