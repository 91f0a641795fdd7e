// All that is kept of one person, as one document for that person. Within the reader's scope: whether accounts outside of it know more is said.

import { inScope, type Scope } from '../domain/access.ts'
import type { CustomerId } from '../domain/ids.ts'
import { orderLabel } from '../domain/order/order.ts'
import { accountsOfCustomer, type CustomerView, findCustomer, identitiesOfCustomer } from './customers.ts'
import type { Queryable } from './database.ts'
import { scopeSql } from './scope.ts'

type Plain = Readonly<Record<string, unknown>>

export interface CustomerExport {
  readonly profile: CustomerView
  readonly identities: readonly Plain[]
  readonly consents: readonly Plain[]
  readonly messages: readonly Plain[]
  readonly orders: readonly Plain[]
  readonly payments: readonly Plain[]
  readonly events: readonly Plain[]
  /** False: there is more that the reader may not see. */
  readonly complete: boolean
}

/** Run it in one transaction that reads one state of the database. @returns null when the customer is not within the scope */
export async function exportCustomer(q: Queryable, scope: Scope, id: CustomerId): Promise<CustomerExport | null> {
  const profile = await findCustomer(q, scope, id)
  if (profile === null) return null
  const chats = scopeSql(scope, 'v.user_id', 'v.customer_id')
  const messages = await q.rows<Plain>(
    `select m.id, m.conversation_id as "conversationId", m.user_id as "userId",
       case when m.from_me then 'out' else 'in' end as direction, m.author, m.type, m.text, m.media, m.reactions, m.status,
       m.wa_timestamp as at, m.edited_at as "editedAt",
       coalesce(m.edits, '[]') as edits, m.revoked_at as "revokedAt"
     from conversations v join messages m on m.conversation_id = v.id
     where v.customer_id = ? and ${chats.sql} order by m.id`,
    [id, ...chats.params],
  )
  const sold = scopeSql(scope, 'o.user_id', 'o.customer_id')
  const of = [id, ...sold.params]
  const orders = await q.rows<Plain & { number: number }>(
    `select o.id, o.number, o.user_id as "userId", o.channel, o.status, o.payment_status as "paymentStatus", o.fulfillment,
       o.currency, o.subtotal_minor::float8 as "subtotalMinor", o.discount_minor::float8 as "discountMinor",
       o.shipping_minor::float8 as "shippingMinor", o.tax_minor::float8 as "taxMinor", o.total_minor::float8 as "totalMinor",
       o.note, o.address, o.cancel_reason as "cancelReason", o.placed_at as "placedAt",
       (select coalesce(jsonb_agg(jsonb_build_object('sku', l.sku, 'productName', l.product_name,
          'variantName', l.variant_name, 'quantity', l.quantity, 'unitPriceMinor', l.unit_price_minor,
          'totalMinor', l.line_total_minor) order by l.position), '[]') from order_lines l where l.order_id = o.id) as lines
     from orders o where o.customer_id = ? and ${sold.sql} order by o.id`,
    of,
  )
  const payments = await q.rows<Plain>(
    `select p.id, p.order_id as "orderId", p.kind, p.method, p.amount_minor::float8 as "amountMinor", o.currency, p.reference, p.at
     from orders o join payments p on p.order_id = o.id where o.customer_id = ? and ${sold.sql} order by p.id`,
    of,
  )
  const events = await q.rows<Plain>(
    `select e.id, e.order_id as "orderId", e.type, e.from_status as "from", e.to_status as "to", e.actor_type as actor, e.at
     from orders o join order_events e on e.order_id = o.id where o.customer_id = ? and ${sold.sql} order by e.id`,
    of,
  )
  const accounts = await accountsOfCustomer(q, id)
  return {
    profile,
    identities: (await identitiesOfCustomer(q, id)).map((identity) => ({ ...identity })),
    consents: [
      ...(profile.consentAt === null ? [] : [{ kind: 'stored', source: profile.consentSource, at: profile.consentAt }]),
      ...(profile.optedOutAt === null ? [] : [{ kind: 'opted-out', source: null, at: profile.optedOutAt }]),
    ],
    messages,
    orders: orders.map((order) => ({ ...order, label: orderLabel(order.number) })),
    payments,
    events,
    complete: scope.kind !== 'users' || accounts.every((userId) => inScope(scope, { userId })),
  }
}
