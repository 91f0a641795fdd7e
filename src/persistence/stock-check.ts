// The ledger is the truth, the level is what it adds up to. Says where the two differ, or where the ledger contradicts itself or the open
// orders, and can make the levels anew from the ledger.

import type { OrgId, VariantId } from '../domain/ids.ts'
import { RESERVING } from '../domain/order/order.ts'
import type { Database, Queryable } from './database.ts'

export interface StockDifference {
  readonly variantId: VariantId
  readonly sku: string
  readonly onHand: number
  readonly reserved: number
  /** What the movements add up to. */
  readonly ledgerOnHand: number
  readonly ledgerReserved: number
  /** What open orders hold; lines of what was not counted when it was ordered hold nothing. */
  readonly ordered: number
  /** Movements whose "after" is not what came before plus their difference. */
  readonly brokenMovements: number
}

interface Row {
  readonly variant_id: VariantId
  readonly sku: string
  readonly on_hand: number
  readonly reserved: number
  readonly ledger_on_hand: number
  readonly ledger_reserved: number
  readonly ordered: number
  readonly broken: number
}

/** Every variant whose level, ledger and orders do not agree; none when all is well. One look: what is being written beside it is not in it. */
export async function checkStock(q: Queryable, orgId: OrgId): Promise<readonly StockDifference[]> {
  const rows = await q.rows<Row>(
    `with running as (
       select m.variant_id, m.on_hand_delta, m.reserved_delta,
         m.on_hand_after <> sum(m.on_hand_delta) over ledger or m.reserved_after <> sum(m.reserved_delta) over ledger as broken
       from stock_movements m window ledger as (partition by m.variant_id order by m.seq)
     ), ledger as (
       select variant_id, sum(on_hand_delta)::int as on_hand, sum(reserved_delta)::int as reserved,
         count(*) filter (where broken)::int as broken
       from running group by variant_id
     ), held as (
       select l.variant_id, sum(l.quantity)::int as quantity from order_lines l join orders o on o.id = l.order_id
       where o.org_id = ? and o.status = any(?::text[])
         and exists (select from stock_movements m where m.order_line_id = l.id and m.kind = 'reserve')
       group by l.variant_id
     )
     select v.id as variant_id, v.sku, s.on_hand, s.reserved, coalesce(g.on_hand, 0) as ledger_on_hand,
       coalesce(g.reserved, 0) as ledger_reserved, coalesce(h.quantity, 0) as ordered, coalesce(g.broken, 0) as broken
     from stock_levels s join variants v on v.id = s.variant_id
     left join ledger g on g.variant_id = v.id left join held h on h.variant_id = v.id
     where v.org_id = ? and (s.on_hand <> coalesce(g.on_hand, 0) or s.reserved <> coalesce(g.reserved, 0)
       or coalesce(g.broken, 0) > 0 or s.reserved <> coalesce(h.quantity, 0))
     order by v.sku, v.id`,
    [orgId, RESERVING, orgId],
  )
  return rows.map((row) => ({
    variantId: row.variant_id,
    sku: row.sku,
    onHand: row.on_hand,
    reserved: row.reserved,
    ledgerOnHand: row.ledger_on_hand,
    ledgerReserved: row.ledger_reserved,
    ordered: row.ordered,
    brokenMovements: row.broken,
  }))
}

/**
 * Makes every level that differs from its ledger what the ledger says.
 * @returns how many were put right
 */
export async function rebuildLevels(db: Database, orgId: OrgId): Promise<number> {
  return db.transaction(async (tx) => {
    // A statement of its own, so that the sums below see every movement that was written under these locks.
    await tx.run(
      `select from stock_levels s join variants v on v.id = s.variant_id where v.org_id = ?
       order by s.variant_id for update of s`,
      [orgId],
    )
    return tx.run(
      `update stock_levels s set on_hand = g.on_hand, reserved = g.reserved
       from (select v.id, coalesce(sum(m.on_hand_delta), 0)::int as on_hand, coalesce(sum(m.reserved_delta), 0)::int as reserved
         from variants v left join stock_movements m on m.variant_id = v.id where v.org_id = ? group by v.id) g
       where g.id = s.variant_id and (s.on_hand <> g.on_hand or s.reserved <> g.reserved)`,
      [orgId],
    )
  })
}
