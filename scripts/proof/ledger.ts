// What the database says about a trial, read past the relay: what is stored, what is journaled, what still waits, what was ordered.

import { decodeJournal } from '../../src/actors/whatsapp/journal.ts'
import { asId, type SessionId } from '../../src/domain/ids.ts'
import { orderLabel } from '../../src/domain/order/order.ts'
import type { Database } from '../../src/persistence/database.ts'
import { nextInbox } from '../../src/persistence/inbox.ts'
import { queueStats } from '../../src/persistence/outbox.ts'
import { makeSealer } from '../../src/persistence/sealer.ts'
import type { Level, Order } from './history.ts'
import type { Shop } from './shop.ts'

export interface Ledger {
  /** `account/id` of the customers' messages that have a row in `messages`. */
  stored(): Promise<Set<string>>
  /** `account/id` of what is decrypted and waits to be processed. */
  journaled(): Promise<Set<string>>
  orders(): Promise<Order[]>
  levels(): Promise<Level[]>
  /** What is still to be done. */
  waiting(): Promise<{ readonly inbox: number; readonly outbox: number }>
  /** For a sentence on what does not move. */
  stuck(): Promise<string[]>
}

const EVERYTHING = 100_000

export function makeLedger(db: Database, { users, secrets }: Pick<Shop, 'users' | 'secrets'>): Ledger {
  const sealer = makeSealer(Buffer.from(secrets.AUTH_ENCRYPTION_KEY, 'hex'))
  const accounts = new Map([...users].map(([number, { id }]) => [id, number]))
  return {
    async stored() {
      const rows = await db.rows<{ user_id: string; wa_message_id: string }>(
        'select user_id, wa_message_id from messages where not from_me',
      )
      return new Set(rows.map((row) => `${accounts.get(row.user_id)}/${row.wa_message_id}`))
    },
    async journaled() {
      const found = new Set<string>()
      for (const [number, { id }] of users)
        for (const { payload } of await nextInbox(db, sealer, asId<SessionId>(id), EVERYTHING))
          found.add(`${number}/${decodeJournal(payload).attrs['id'] ?? ''}`)
      return found
    },
    async orders() {
      const rows = await db.rows<{
        number: number
        user_id: string
        source_wa_id: string | null
        lines: { product: string; quantity: number }[]
      }>(
        `select o.number, o.user_id, o.source_wa_id,
           (select json_agg(json_build_object('product', l.product_name, 'quantity', l.quantity)) from order_lines l
            where l.order_id = o.id) as lines
         from orders o`,
      )
      return rows.map((row) => ({
        label: orderLabel(row.number),
        account: accounts.get(row.user_id) ?? '',
        sourceId: row.source_wa_id,
        lines: row.lines ?? [],
      }))
    },
    async levels() {
      return db.rows<{ product: string; onHand: number; reserved: number }>(
        `select p.name as product, s.on_hand as "onHand", s.reserved from stock_levels s
         join variants v on v.id = s.variant_id join products p on p.id = v.product_id`,
      )
    },
    async waiting() {
      const [row] = await db.rows<{ count: string }>(`select count(*) from inbox where state = 'new'`)
      return { inbox: Number(row?.count ?? 0), outbox: (await queueStats(db)).pending }
    },
    async stuck() {
      const rows = await db.rows<{ state: string; attempts: number; last_error: string | null; next_at: string }>(
        `select state, attempts, last_error, next_at::text from outbox where state in ('queued','sending','held') order by seq limit 5`,
      )
      return rows.map((row) => `${row.state} after ${row.attempts} tries, ${row.last_error}, ${row.next_at}`)
    },
  }
}
