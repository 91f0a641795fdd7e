// Orders that staff write for a customer: placed at once or as a draft, with what was agreed (discount, shipping, note, address), in one
// transaction with its audit row and the message to the customer. The placing itself is orders.ts and draft-orders.ts.
import type { CustomerId, OrderId, UserId } from '../domain/ids.ts'
import type { Fulfillment, OrderChannel } from '../domain/order/order.ts'
import type { WantedLine } from '../domain/order/place.ts'
import type { Terms } from '../domain/order/totals.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import { appendAudit } from './audit.ts'
import type { Database, Tx } from './database.ts'
import { createDraft } from './draft-orders.ts'
import { recordLostSales } from './lost-sales.ts'
import { type Told, tellCustomer } from './notices.ts'
import type { ChangeBy, OrderDeps } from './order-changes.ts'
import { shortItems } from './order-items.ts'
import { insufficient } from './order-moves.ts'
import type { Address } from './order-rows.ts'
import { placeOrder } from './orders.ts'

export interface StaffOrder extends Omit<ChangeBy, 'expectedVersion'> {
  /** The account that speaks to the customer about it. */
  readonly userId: UserId
  readonly customerId: CustomerId
  readonly channel: OrderChannel
  readonly lines: readonly WantedLine[]
  readonly terms: Terms
  readonly note?: string | undefined
  readonly address?: Address | undefined
  readonly fulfillment?: Fulfillment | undefined
  readonly draft: boolean
  readonly notify: boolean
}

export interface WrittenOrder {
  readonly id: OrderId
  readonly number: number
  readonly told: Told
}

export async function writeOrder(
  db: Database,
  deps: OrderDeps,
  input: StaffOrder,
): Promise<Result<WrittenOrder, 'insufficient-stock' | 'customer-gone'>> {
  const { actor, at, note, address, fulfillment, draft } = input
  const orgId = deps.organization.id
  const { userId, customerId, channel, lines, terms } = input
  const wanted = { orgId, userId, customerId, channel, lines, terms, actor }
  return db.transaction(async (tx) => {
    if (!(await holdCustomer(tx, userId, customerId)))
      return refuse('customer-gone', 'This customer was erased, or merged with another. Look them up again.')
    const placed = draft
      ? await createDraft(tx, wanted, deps.newId, at, deps.policy.draftMs)
      : await placeOrder(tx, wanted, deps.newId, at)
    if (!placed.ok) {
      if (placed.code === 'insufficient-stock') {
        const losses = placed.short.map((line) => ({ reason: 'out_of_stock', ...line }) as const)
        await recordLostSales(tx, { orgId, userId, customerId, at }, losses, deps.newId)
        return insufficient(await shortItems(tx, placed.short))
      }
      throw new Error('an order without a source was placed before')
    }
    const { id, number } = placed.order
    if (note !== undefined || address !== undefined || fulfillment !== undefined)
      await tx.run(
        `update orders set note = coalesce(?::text, note), address = ?::jsonb, fulfillment = coalesce(?::text, fulfillment) where id = ?`,
        [note ?? null, address === undefined ? null : JSON.stringify(address), fulfillment ?? null, id],
      )
    await appendAudit(tx, {
      id: deps.newId(),
      orgId,
      actorId: actor.type === 'user' ? (actor.id as UserId | null) : null,
      action: 'order.create',
      subject: id,
      after: { number, status: draft ? 'draft' : 'pending', customerId, userId },
      ip: input.ip,
      requestId: input.requestId,
    })
    const told = draft ? 'silent' : await tellCustomer(tx, deps, { orderId: id, version: 1, notify: input.notify, at })
    return ok({ id, number, told })
  })
}

/** Who erases them now waits for us, or is waited for. The chat first, as an erasure does. @returns false when they are gone */
async function holdCustomer(tx: Tx, userId: UserId, customerId: CustomerId): Promise<boolean> {
  await tx.run('select from conversations where user_id = ? and customer_id = ? for key share', [userId, customerId])
  const rows = await tx.rows('select from customers where id = ? and deleted_at is null for share', [customerId])
  return rows.length > 0
}
