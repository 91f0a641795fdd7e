// Placing an order in the caller's transaction: all of it or nothing, in one statement (order-statement.ts). An order that a message places
// is written with the message: inbound-statement.ts. Reading orders is order-views.ts.
import type { ConversationId, CustomerId, OrderId, OrgId, UserId } from '../domain/ids.ts'
import type { Minor } from '../domain/money.ts'
import type { OrderChannel } from '../domain/order/order.ts'
import type { Bill, WantedLine } from '../domain/order/place.ts'
import type { Terms } from '../domain/order/totals.ts'
import { isDuplicate, type Tx } from './database.ts'
import { draftOrder, type OrderDraft, orderParts, shortOf, stockParts, takingParts } from './order-statement.ts'
import { withParts } from './statement.ts'
import type { ShortLine, StockActor } from './stock.ts'

export interface PlaceOrder {
  readonly orgId: OrgId
  /** The account it comes in through. */
  readonly userId: UserId
  readonly customerId: CustomerId
  readonly channel: OrderChannel
  readonly lines: readonly WantedLine[]
  /** Discount and shipping of the whole order; left out, there are none. */
  readonly terms?: Terms | undefined
  /** The message that places it: it never places another. The chat is null while the message's own statement makes it. */
  readonly source?: { readonly conversationId: ConversationId | null; readonly waMessageId: string } | undefined
  readonly actor: StockActor
}

/** An order just written, as far as its answer needs it. */
export interface NewOrder {
  readonly id: OrderId
  readonly number: number
  readonly status: 'pending'
  readonly paymentStatus: 'unpaid'
  readonly currency: string
  readonly totalMinor: Minor
  readonly placedAt: Date
  readonly lines: Bill['lines']
}

export type Placed =
  | { readonly ok: true; readonly order: NewOrder }
  /** The source message has its order. */
  | { readonly ok: false; readonly code: 'already-placed' }
  /** Every line that is short. */
  | { readonly ok: false; readonly code: 'insufficient-stock'; readonly short: readonly ShortLine[] }

/**
 * Places an order as `pending`, its stock reserved. After a refusal nothing is changed and the transaction may go on.
 */
export async function placeOrder(tx: Tx, input: PlaceOrder, newId: () => string, at: Date): Promise<Placed> {
  const draft = draftOrder(input, newId(), newId, at)
  const { sql, params } = statementOf(draft)
  await tx.run('savepoint place_order')
  try {
    const [row] = await tx.rows<{ number: number | null; short: readonly ShortLine[] | null }>(sql, params)
    if (row?.number !== null && row?.number !== undefined) return { ok: true, order: orderOf(draft, row.number) }
    return { ok: false, code: 'insufficient-stock', short: row?.short ?? [] }
  } catch (error) {
    if (!isDuplicate(error)) throw error
    await tx.run('rollback to savepoint place_order')
    return { ok: false, code: 'already-placed' }
  }
}

function statementOf(draft: OrderDraft) {
  const orders = [{ n: 0, order: draft, told: null }]
  const go = { name: 'go', sql: 'select 0 as n where not exists (select from short)', params: [] }
  const chat = draft.input.source?.conversationId ?? null
  const talk = { name: 'talk', sql: 'select 0 as n, ?::uuid as id', params: [chat] }
  return withParts(
    [...stockParts(orders), go, talk, ...takingParts(orders), ...orderParts(orders)],
    `select (select number from placed) as number, ${shortOf('0')} as short`,
  )
}

/** The order as it is once its statement has given it this number. */
function orderOf({ orderId, bill, at }: OrderDraft, number: number): NewOrder {
  const { currency, lines, totals } = bill
  const fresh = { status: 'pending', paymentStatus: 'unpaid', placedAt: at } as const
  return { id: orderId as OrderId, number, currency, totalMinor: totals.totalMinor, lines, ...fresh }
}
