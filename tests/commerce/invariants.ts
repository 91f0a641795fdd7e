// What must hold of a shop after whatever happened to it, as statements that find where it does not. Written from the rules, not from the code
// that keeps them: the table of moves is copied here on purpose.

import type { Database } from '../../src/persistence/database.ts'

/** The allowed moves, as commerce has them. */
export const MOVES_OF: Readonly<Record<string, readonly string[]>> = {
  draft: ['pending', 'expired'],
  pending: ['confirmed', 'cancelled'],
  confirmed: ['processing', 'cancelled'],
  processing: ['shipped', 'cancelled'],
  shipped: ['delivered', 'returned'],
  delivered: ['returned'],
}

const EDGES = Object.entries(MOVES_OF)
  .flatMap(([from, some]) => some.map((to) => `('${from}','${to}')`))
  .join(', ')
const HELD = `('pending','confirmed','processing')`

interface Invariant {
  readonly name: string
  /** Finds rows that must not be. `$goods`: variants as uuid[]; `$customer`: whose orders. */
  readonly sql: string
}

export const INVARIANTS: readonly Invariant[] = [
  {
    name: '1: 0 ≤ reserved ≤ on hand',
    sql: `select * from stock_levels where variant_id = any($goods) and not (0 <= reserved and reserved <= on_hand)`,
  },
  {
    name: '2: the level is what the ledger adds up to',
    sql: `select s.*, m.* from stock_levels s left join (
        select variant_id, sum(on_hand_delta) as on_hand_sum, sum(reserved_delta) as reserved_sum
        from stock_movements group by variant_id) m using (variant_id)
      where variant_id = any($goods) and (s.on_hand <> coalesce(m.on_hand_sum, 0) or s.reserved <> coalesce(m.reserved_sum, 0))`,
  },
  {
    name: '2: every movement says the level after it',
    sql: `select * from (
        select seq, on_hand_after, reserved_after, sum(on_hand_delta) over run as on_hand, sum(reserved_delta) over run as reserved
        from stock_movements where variant_id = any($goods) window run as (partition by variant_id order by seq)) m
      where on_hand_after <> on_hand or reserved_after <> reserved`,
  },
  {
    name: '3: reserved is what open orders hold',
    sql: `select s.variant_id, s.reserved from stock_levels s where s.variant_id = any($goods) and s.reserved <> (
        select coalesce(sum(l.quantity), 0) from order_lines l join orders o on o.id = l.order_id
        where l.variant_id = s.variant_id and o.status in ${HELD})`,
  },
  {
    name: '5: an order has taken all of its lines, or none',
    sql: `select o.number, o.status, l.position, l.quantity, m.reserved, m.on_hand
      from orders o join order_lines l on l.order_id = o.id cross join lateral (
        select coalesce(sum(reserved_delta), 0) as reserved, coalesce(sum(on_hand_delta), 0) as on_hand
        from stock_movements where order_line_id = l.id) m
      where o.customer_id = $customer and not case
        when o.status in ${HELD} then m.reserved = l.quantity and m.on_hand = 0
        when o.status in ('shipped','delivered') then m.reserved = 0 and m.on_hand = -l.quantity
        when o.status = 'returned' then m.reserved = 0 and m.on_hand between -l.quantity and 0
        else m.reserved = 0 and m.on_hand = 0 end`,
  },
  {
    name: '6: the same variant is one line',
    sql: `select order_id, variant_id from order_lines l join orders o on o.id = l.order_id
      where o.customer_id = $customer group by 1, 2 having count(*) > 1`,
  },
  {
    name: '9: lines and totals add up',
    sql: `select o.number from orders o join order_lines l on l.order_id = o.id where o.customer_id = $customer
      group by o.id having o.subtotal_minor <> sum(l.line_subtotal_minor) or o.tax_minor <> sum(l.line_tax_minor)
        or o.discount_minor <> sum(l.line_discount_minor) or o.total_minor <> sum(l.line_total_minor) + o.shipping_minor
        or bool_or(l.line_subtotal_minor <> l.unit_price_minor * l.quantity)
        or bool_or(l.line_total_minor not in (l.line_subtotal_minor - l.line_discount_minor,
          l.line_subtotal_minor - l.line_discount_minor + l.line_tax_minor))`,
  },
  {
    name: '11: payments make the payment status, and no more is given back than was paid',
    sql: `select o.number, o.payment_status, p.* from orders o cross join lateral (
        select coalesce(sum(amount_minor) filter (where kind = 'payment'), 0) as paid,
          coalesce(sum(amount_minor) filter (where kind = 'refund'), 0) as back from payments where order_id = o.id) p
      where o.customer_id = $customer and (p.back > p.paid or o.payment_status <> case
        when p.paid = 0 then 'unpaid' when p.paid = p.back then 'refunded' when p.paid - p.back >= o.total_minor then 'paid'
        when p.back = 0 then 'partially_paid' else 'partially_refunded' end)`,
  },
  {
    name: '13: one message places one order',
    sql: `select user_id, source_conversation_id, source_wa_id from orders
      where customer_id = $customer and source_wa_id is not null group by 1, 2, 3 having count(*) > 1`,
  },
  {
    name: '14, 15: only moves of the table, each from where the last one led',
    sql: `select * from (
        select o.number, e.from_status, e.to_status, lag(e.to_status) over (partition by o.id order by e.id) as before
        from order_events e join orders o on o.id = e.order_id where o.customer_id = $customer and e.to_status is not null) w
      where before is distinct from from_status
        or (from_status is null and to_status not in ('draft','pending'))
        or (from_status is not null and (from_status, to_status) not in (values ${EDGES}))`,
  },
  {
    name: '16: the last row of the history is the status',
    sql: `select o.number, o.status from orders o where o.customer_id = $customer and o.status is distinct from (
        select e.to_status from order_events e where e.order_id = o.id and e.to_status is not null order by e.id desc limit 1)`,
  },
  {
    name: '17: numbers are unique and have no gaps',
    sql: `select min(o.number), max(o.number), count(*) from orders o join order_counters c on c.org_id = o.org_id
      group by c.next having count(*) <> max(o.number) - min(o.number) + 1 or c.next <> max(o.number) + 1
        or min(o.number) <> 1001 or count(distinct o.number) <> count(*)`,
  },
  {
    name: '12: nobody pays what a client said it costs',
    sql: `select o.number, l.unit_price_minor from orders o join order_lines l on l.order_id = o.id
      where o.customer_id = $customer and (l.unit_price_minor < 100 or o.total_minor < 100)`,
  },
  {
    name: '19: one key has one effect',
    sql: `select effect, count(*) from (
        select 'stock ' || reason as effect from stock_movements where variant_id = any($goods) and reason like 'key %'
        union all select 'order ' || note from orders where customer_id = $customer and note like 'key %'
        union all select 'payment ' || p.reference from payments p join orders o on o.id = p.order_id
          where o.customer_id = $customer and p.reference like 'key %') e
      group by effect having count(*) > 1`,
  },
]

export interface Violation {
  readonly invariant: string
  readonly rows: readonly object[]
}

/** @returns the first that does not hold; null when all do */
export async function violation(
  db: Database,
  of: { readonly goods: readonly string[]; readonly customer: string },
): Promise<Violation | null> {
  const params: unknown[] = []
  const looks = INVARIANTS.map(({ sql }, index) => {
    const text = sql.replaceAll(/\$(goods|customer)/g, (_, which: string) => {
      params.push(which === 'goods' ? of.goods : of.customer)
      return which === 'goods' ? '?::uuid[]' : '?::uuid'
    })
    return `select ${index} as index, (select json_agg(x) from (${text} limit 3) x) as rows`
  })
  const all = await db.rows<{ index: number; rows: readonly object[] | null }>(looks.join(' union all '), params)
  const found = all.find(({ rows }) => rows !== null)
  return found === undefined ? null : { invariant: INVARIANTS[found.index]?.name ?? '', rows: found.rows ?? [] }
}
