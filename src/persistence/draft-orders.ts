// A draft: an order that waits for its customer's YES. It has its number (so numbers have no gaps), its lines at today's prices, and no stock:
// that is reserved when it becomes pending (order-moves.ts). A new order that needs no answer is orders.ts.
import type { OrderId } from '../domain/ids.ts'
import { FIRST_ORDER_NUMBER } from '../domain/order/order.ts'
import { type Bill, billOf } from '../domain/order/place.ts'
import { isDuplicate, type Tx } from './database.ts'
import type { PlaceOrder } from './orders.ts'
import { withParts } from './statement.ts'

export interface DraftOrder {
  readonly id: OrderId
  readonly number: number
  readonly bill: Bill
  readonly expiresAt: Date
}

export type Drafted =
  | { readonly ok: true; readonly order: DraftOrder }
  /** The source message has its order. */
  | { readonly ok: false; readonly code: 'already-placed' }

/** Writes a draft. Throws on no items, mixed currencies or a bad quantity: bugs. */
export async function createDraft(
  tx: Tx,
  input: PlaceOrder,
  newId: () => string,
  at: Date,
  draftMs: number,
): Promise<Drafted> {
  const bill = billOf(input.lines, input.terms)
  const id = newId() as OrderId
  const expiresAt = new Date(at.getTime() + draftMs)
  const { sql, params } = statementOf(input, bill, id, newId, at, expiresAt)
  await tx.run('savepoint create_draft')
  try {
    const [row] = await tx.rows<{ number: number }>(sql, params)
    if (row === undefined) throw new Error('a draft was not written')
    return { ok: true, order: { id, number: row.number, bill, expiresAt } }
  } catch (error) {
    if (!isDuplicate(error)) throw error
    await tx.run('rollback to savepoint create_draft')
    return { ok: false, code: 'already-placed' }
  }
}

/** One statement: the row of the number is locked no longer than it takes (docs/adr/0005). */
function statementOf(input: PlaceOrder, bill: Bill, id: OrderId, newId: () => string, at: Date, expiresAt: Date) {
  const { totals } = bill
  const { actor, source } = input
  const payload = {
    customerId: input.customerId,
    status: 'draft',
    totalMinor: totals.totalMinor,
    currency: bill.currency,
  }
  const lines = bill.lines.map((line, position) => ({ ...line, id: newId(), position }))
  return withParts(
    [
      {
        name: 'taken',
        sql: `insert into order_counters (org_id, next) values (?::uuid, ?::int)
     on conflict (org_id) do update set next = order_counters.next + 1 returning next - 1 as number`,
        params: [input.orgId, FIRST_ORDER_NUMBER + 1],
      },
      {
        name: 'placed',
        sql: `insert into orders (id, org_id, number, customer_id, user_id, channel, status, currency, subtotal_minor, discount_minor,
       shipping_minor, tax_minor, total_minor, source_conversation_id, source_wa_id, placed_at, updated_at, expires_at)
     select ?::uuid, ?::uuid, taken.number, ?::uuid, ?::uuid, ?::text, 'draft', ?::text, ?::bigint, ?::bigint,
       ?::bigint, ?::bigint, ?::bigint, ?::uuid, ?::text, ?::timestamptz, ?::timestamptz, ?::timestamptz
     from taken returning id, number`,
        params: [
          ...[id, input.orgId, input.customerId, input.userId, input.channel, bill.currency],
          ...[totals.subtotalMinor, totals.discountMinor, totals.shippingMinor, totals.taxMinor, totals.totalMinor],
          ...[source?.conversationId ?? null, source?.waMessageId ?? null, at, at, expiresAt],
        ],
      },
      {
        name: 'lines',
        sql: `insert into order_lines (id, order_id, position, variant_id, sku, product_name, variant_name, quantity, unit_price_minor,
       tax_rate_bp, line_subtotal_minor, line_discount_minor, line_tax_minor, line_total_minor)
     select l.id, placed.id, l.position, l."variantId", l.sku, l."productName", l."variantName", l.quantity, l."unitPriceMinor",
       l."taxRateBp", l."subtotalMinor", l."discountMinor", l."taxMinor", l."totalMinor"
     from placed, jsonb_to_recordset(?::jsonb) as l (id uuid, position int, "variantId" uuid, sku text, "productName" text,
       "variantName" text, quantity int, "unitPriceMinor" bigint, "taxRateBp" int, "subtotalMinor" bigint, "discountMinor" bigint,
       "taxMinor" bigint, "totalMinor" bigint)`,
        params: [JSON.stringify(lines)],
      },
      {
        name: 'history',
        sql: `insert into order_events (id, order_id, type, from_status, to_status, actor_type, actor_id, at)
     select ?::uuid, placed.id, 'created', null, 'draft', ?::text, ?::uuid, ?::timestamptz from placed`,
        params: [newId(), actor.type, actor.id, at],
      },
      {
        name: 'announced',
        sql: `insert into event_log (org_id, type, subject, user_id, payload)
     select ?::uuid, 'order.created', placed.id, ?::uuid, ?::jsonb || jsonb_build_object('number', placed.number) from placed`,
        params: [input.orgId, input.userId, JSON.stringify(payload)],
      },
    ],
    'select number from placed',
  )
}
