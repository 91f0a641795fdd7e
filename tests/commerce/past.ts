// What is over may not change: orders that nobody edited, movements of stock. Remembered between two steps, and compared.

import type { CustomerId, OrderId, VariantId } from '../../src/domain/ids.ts'
import type { Database } from '../../src/persistence/database.ts'

export interface Past {
  /** @throws what was changed since it was looked at last */
  unchanged(db: Database): Promise<void>
  /** This order may have changed. */
  edited(order: OrderId): void
}

export function makePast(customerId: CustomerId, goods: readonly VariantId[]): Past {
  /** Of each order, what may not change unless it is edited. */
  const prints = new Map<OrderId, string>()

  /** What was sold is not changed by anything but an edit. */
  const compare = async (db: Database) => {
    const rows = await db.rows<{ id: OrderId; print: string }>(
      `select o.id, md5(concat(o.number, o.currency, o.total_minor, o.shipping_minor, json_agg(l order by l.position)::text)) as print
       from orders o join order_lines l on l.order_id = o.id where o.customer_id = ? group by o.id`,
      [customerId],
    )
    for (const { id, print } of rows) {
      const before = prints.get(id)
      if (before !== undefined && before !== print) throw new Error(`10: order ${id} was changed without being edited`)
      prints.set(id, print)
    }
  }
  let ledger: { readonly seq: string; readonly print: string } | null = null
  const reread = async (db: Database) => {
    const print = async (upTo: string | null) => {
      const [row] = await db.rows<{ seq: string; print: string }>(
        `select coalesce(max(seq), 0) as seq, coalesce(md5(string_agg(m::text, '' order by seq)), '') as print from stock_movements m
         where variant_id = any(?::uuid[]) and (?::bigint is null or seq <= ?::bigint)`,
        [goods, upTo, upTo],
      )
      return row ?? null
    }
    if (ledger !== null && (await print(ledger.seq))?.print !== ledger.print)
      throw new Error('8: a movement was changed')
    ledger = await print(null)
  }

  return {
    async unchanged(db) {
      await compare(db)
      await reread(db)
    },
    edited: (order) => void prints.delete(order),
  }
}
