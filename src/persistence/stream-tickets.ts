// Tickets for event streams, taken once by whichever node is asked. What a ticket allows, and for how long, is http/tickets.ts.

import { createHash } from 'node:crypto'
import type { UserId } from '../domain/ids.ts'
import type { Database } from './database.ts'

export interface StoredTicket {
  readonly userId: UserId
  readonly stream: string
  readonly tokenVersion: number
  /** Seconds since 1970. */
  readonly tokenExp: number
}

const hashed = (text: string) => createHash('sha256').update(text).digest()

export async function storeTicket(db: Database, text: string, ticket: StoredTicket, until: Date): Promise<void> {
  const { userId, stream, tokenVersion, tokenExp } = ticket
  await db.run(
    'insert into stream_ticket (hash, user_id, stream, token_version, token_exp, until) values (?, ?, ?, ?, ?, ?)',
    [hashed(text), userId, stream, tokenVersion, tokenExp, until],
  )
}

/** Takes a ticket, so that nobody else can. @returns null when there is none, or its time is over */
export async function takeTicket(db: Database, text: string, now: Date): Promise<StoredTicket | null> {
  const [row] = await db.rows<Omit<StoredTicket, 'tokenExp'> & { readonly tokenExp: string; readonly until: Date }>(
    `delete from stream_ticket where hash = ?
     returning user_id as "userId", stream, token_version as "tokenVersion", token_exp as "tokenExp", until`,
    [hashed(text)],
  )
  if (row === undefined || row.until < now) return null
  const { userId, stream, tokenVersion, tokenExp } = row
  return { userId, stream, tokenVersion, tokenExp: Number(tokenExp) }
}

/** Forgets tickets that nobody took. @returns how many */
export function pruneTickets(db: Database, before: Date): Promise<number> {
  return db.run('delete from stream_ticket where until < ?', [before])
}
