// What every change of an order has in common: its row is locked first, its version is compared, and the change leaves a row in the order's
// history, an event and an audit row, all in the transaction of the change.
import type { Scope } from '../domain/access.ts'
import type { CustomerId, OrderId, OrgId, UserId } from '../domain/ids.ts'
import type { Minor } from '../domain/money.ts'
import type { Fulfillment, OrderStatus, PaymentStatus } from '../domain/order/order.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import { stale } from '../domain/stale.ts'
import type { OrderPolicy } from '../policy.ts'
import type { Tx } from './database.ts'
import type { Organization } from './organization.ts'
import { scopeSql } from './scope.ts'
import type { Sealer } from './sealer.ts'
import { withParts } from './statement.ts'
import type { StockActor } from './stock.ts'

/** What changing orders needs of the shell. */
export interface OrderDeps {
  readonly organization: Organization
  readonly sealer: Sealer
  readonly policy: OrderPolicy
  readonly newId: () => string
  readonly newWaMessageId: () => string
}

/** Who changes it, when, and on what they decided. */
export interface ChangeBy {
  readonly actor: StockActor
  readonly at: Date
  /** Null: any version will do. */
  readonly expectedVersion?: number | null
  readonly ip?: string | null
  readonly requestId?: string | null
}

export interface LockedOrder {
  readonly id: OrderId
  readonly orgId: OrgId
  readonly number: number
  readonly customerId: CustomerId
  readonly userId: UserId
  readonly status: OrderStatus
  readonly paymentStatus: PaymentStatus
  readonly fulfillment: Fulfillment
  readonly currency: string
  readonly subtotalMinor: Minor
  readonly discountMinor: Minor
  readonly shippingMinor: Minor
  readonly totalMinor: Minor
  readonly cancelRequestedAt: Date | null
  readonly version: number
}

export const noSuchOrder = refuse('not-found', 'There is no such order, or it is not yours to see.')

/** Locks the order until the transaction ends: before any level of stock, always. */
export async function lockOrder(
  tx: Tx,
  scope: Scope,
  id: OrderId,
  expectedVersion: number | null = null,
): Promise<Result<LockedOrder, 'not-found' | 'stale-version'>> {
  const within = scopeSql(scope, 'o.user_id', 'o.customer_id')
  const [row] = await tx.rows<LockedOrder>(
    `select id, org_id as "orgId", number, customer_id as "customerId", user_id as "userId", status,
       payment_status as "paymentStatus", fulfillment, currency, subtotal_minor::float8 as "subtotalMinor", discount_minor::float8 as "discountMinor",
       shipping_minor::float8 as "shippingMinor", total_minor::float8 as "totalMinor",
       cancel_requested_at as "cancelRequestedAt", version
     from orders o where o.id = ? and ${within.sql} for update`,
    [id, ...within.params],
  )
  if (row === undefined) return noSuchOrder
  if (expectedVersion !== null && expectedVersion !== row.version) return stale(row.version)
  return ok(row)
}

export interface Change {
  /** What the history calls it: `status`, `payment`, … */
  readonly type: string
  /** Only when the status changes. */
  readonly from?: OrderStatus
  readonly to?: OrderStatus
  readonly data?: object
  /** What the event log calls it; `order.updated` if not given. */
  readonly event?: string
  /** What the audit log calls it, and what it was before and is now. */
  readonly action: string
  readonly before?: object
  readonly after?: object
}

/** Writes the history, the event and the audit row of one change. `order` is as it is after the change. */
export async function recordChange(
  tx: Tx,
  deps: Pick<OrderDeps, 'newId'>,
  order: Pick<
    LockedOrder,
    'id' | 'orgId' | 'number' | 'customerId' | 'userId' | 'status' | 'paymentStatus' | 'version'
  >,
  by: ChangeBy,
  change: Change,
): Promise<void> {
  const { actor, at } = by
  const { number, status, paymentStatus, version, customerId } = order
  const json = (value: object | undefined) => (value === undefined ? null : JSON.stringify(value))
  const { sql, params } = withParts(
    [
      {
        name: 'history',
        sql: `insert into order_events (id, order_id, type, from_status, to_status, actor_type, actor_id, data, at)
     values (?::uuid, ?::uuid, ?::text, ?::text, ?::text, ?::text, ?::uuid, ?::jsonb, ?::timestamptz)`,
        params: [
          ...[deps.newId(), order.id, change.type, change.from ?? null, change.to ?? null, actor.type, actor.id],
          ...[JSON.stringify(change.data ?? {}), at],
        ],
      },
      {
        name: 'announced',
        sql: `insert into event_log (org_id, type, subject, user_id, payload) values (?::uuid, ?::text, ?::uuid, ?::uuid, ?::jsonb)`,
        params: [
          ...[order.orgId, change.event ?? 'order.updated', order.id, order.userId],
          JSON.stringify({ number, status, paymentStatus, version, customerId }),
        ],
      },
      {
        name: 'audited',
        sql: `insert into audit_log (id, org_id, actor_id, action, subject, before, after, ip, request_id)
     values (?::uuid, ?::uuid, ?::uuid, ?::text, ?::text, ?::jsonb, ?::jsonb, ?::text, ?::text)`,
        params: [
          ...[deps.newId(), order.orgId, actor.type === 'user' ? actor.id : null, change.action, order.id],
          ...[json(change.before), json(change.after), by.ip ?? null, by.requestId ?? null],
        ],
      },
    ],
    'select 1',
  )
  await tx.run(sql, params)
}
