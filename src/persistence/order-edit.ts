// Changes an order that stays in its status: note, address, way of delivery at any time; its lines, discount and shipping as long as nobody has
// confirmed it. What is taken out gives its stock back and what is added takes some, all of it or nothing. Lines that stay keep their prices.
import type { Scope } from '../domain/access.ts'
import type { CatalogueHit } from '../domain/catalogue/variant.ts'
import type { OrderId, VariantId } from '../domain/ids.ts'
import type { Minor } from '../domain/money.ts'
import type { Fulfillment } from '../domain/order/order.ts'
import { balanceOf, ledgerOf } from '../domain/order/payment.ts'
import type { SoldLine } from '../domain/order/place.ts'
import { discountBp, type Priced, priceOrder, type Terms } from '../domain/order/totals.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import type { Tx } from './database.ts'
import { type ChangeBy, type LockedOrder, lockOrder, type OrderDeps, recordChange } from './order-changes.ts'
import { shortItems } from './order-items.ts'
import { insufficient } from './order-moves.ts'
import type { Address } from './order-rows.ts'
import { paymentsOf } from './payments.ts'
import { changeStock, heldByOrder, type StockChange } from './stock-changes.ts'

export interface WantedItem {
  readonly variant: CatalogueHit
  readonly quantity: number
  /** In place of the catalogue's price, or of the one the line has. */
  readonly unitPriceMinor?: Minor | undefined
  readonly discountMinor?: Minor | undefined
}

export interface EditOrder extends ChangeBy {
  readonly scope: Scope
  readonly orderId: OrderId
  readonly note?: string | undefined
  readonly address?: Address | null | undefined
  readonly fulfillment?: Fulfillment | undefined
  /** All lines as they shall be, each variant once; left out, they stay as they are. */
  readonly items?: readonly WantedItem[] | undefined
  /** Left out, each stays as it is. */
  readonly terms: Terms
  /** The largest discount this person may give, in hundredths of a percent; null: any. */
  readonly discountLimitBp: number | null
}

type Code =
  | 'not-found'
  | 'stale-version'
  | 'order-not-editable'
  | 'insufficient-stock'
  | 'discount-too-large'
  | 'forbidden'

/** @returns the order's version afterwards */
export async function editOrder(
  tx: Tx,
  deps: OrderDeps,
  input: EditOrder,
): Promise<Result<{ readonly version: number }, Code>> {
  const locked = await lockOrder(tx, input.scope, input.orderId, input.expectedVersion ?? null)
  if (!locked.ok) return locked
  const order = locked.value
  const { items, terms, at } = input
  const newPrice = items !== undefined || terms.discountMinor !== undefined || terms.shippingMinor !== undefined
  if (newPrice) {
    const repriced = await reprice(tx, deps, order, input)
    if (!repriced.ok) return repriced
  }
  await tx.run(
    `update orders set note = coalesce(?::text, note), address = case when ? then ?::jsonb else address end,
       fulfillment = coalesce(?::text, fulfillment), updated_at = ?, version = version + 1 where id = ?`,
    [
      ...[input.note ?? null, input.address !== undefined],
      ...[input.address === undefined || input.address === null ? null : JSON.stringify(input.address)],
      ...[input.fulfillment ?? null, at, order.id],
    ],
  )
  const [now] = await tx.rows<Pick<LockedOrder, 'paymentStatus' | 'version' | 'totalMinor'>>(
    'select payment_status as "paymentStatus", version, total_minor::float8 as "totalMinor" from orders where id = ?',
    [order.id],
  )
  if (now === undefined) throw new Error('the order just changed is not there')
  // Names of what changed: notes and addresses are nobody's business beyond the order.
  const fields = Object.entries({
    ...terms,
    note: input.note,
    address: input.address,
    fulfillment: input.fulfillment,
    items,
  })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name.replace('Minor', ''))
  await recordChange(tx, deps, { ...order, ...now }, input, {
    type: newPrice ? 'lines-changed' : 'edited',
    data: { fields },
    action: 'order.update',
    before: { totalMinor: order.totalMinor },
    after: { fields, totalMinor: now.totalMinor },
  })
  return ok({ version: now.version })
}

interface Line extends SoldLine {
  readonly id: string
  readonly variantId: VariantId
  readonly taxIncluded: boolean
  readonly discountMinor: Minor
  readonly fresh: boolean
  /** What a new line takes is counted when its variant is. */
  readonly counted: boolean
}

async function reprice(tx: Tx, deps: OrderDeps, order: LockedOrder, input: EditOrder): Promise<Result<void, Code>> {
  if (order.status !== 'draft' && order.status !== 'pending')
    return refuse(
      'order-not-editable',
      `The order is ${order.status}: its lines and prices are settled. Cancel it and write a new one.`,
    )
  const before = await currentLines(tx, order.id)
  const after = input.items === undefined ? before : wantedLines(before, input.items, deps.newId)
  const terms = {
    discountMinor: input.terms.discountMinor ?? order.discountMinor,
    shippingMinor: input.terms.shippingMinor ?? order.shippingMinor,
  }
  const priced = priceOrder(after, terms)
  if (!priced.ok) return priced
  const limit = input.discountLimitBp
  const taken = discountBp(priced.value.totals)
  if (limit !== null && taken > limit && taken > discountBp(order))
    return refuse('forbidden', `A discount of more than ${limit / 100} % is for managers. Ask one.`)
  if (order.status === 'pending' && input.items !== undefined) {
    const changes = await stockChanges(tx, order.id, before, after)
    const short = await changeStock(tx, changes, input.actor, deps.newId)
    if (short.length > 0) return insufficient(await shortItems(tx, short))
  }
  await writeLines(tx, order.id, after, priced.value)
  const { totals } = priced.value
  const { status } = balanceOf(totals.totalMinor, ledgerOf(await paymentsOf(tx, order.id)))
  await tx.run(
    `update orders set subtotal_minor = ?, discount_minor = ?, shipping_minor = ?, tax_minor = ?, total_minor = ?, payment_status = ?
     where id = ?`,
    [
      ...[totals.subtotalMinor, totals.discountMinor, totals.shippingMinor, totals.taxMinor, totals.totalMinor],
      ...[status, order.id],
    ],
  )
  return ok(undefined)
}

/** Whether a line's price contains its tax is read from its figures; where they are the same either way, from the catalogue. */
async function currentLines(tx: Tx, orderId: OrderId): Promise<readonly Line[]> {
  const rows = await tx.rows<Omit<Line, 'discountMinor' | 'fresh' | 'counted'>>(
    `select l.id, l.variant_id as "variantId", l.sku, l.product_name as "productName", l.variant_name as "variantName", l.quantity,
       l.unit_price_minor::float8 as "unitPriceMinor", l.tax_rate_bp as "taxRateBp",
       case when l.line_tax_minor = 0 then v.tax_included
            else l.line_total_minor = l.line_subtotal_minor - l.line_discount_minor end as "taxIncluded"
     from order_lines l join variants v on v.id = l.variant_id where l.order_id = ? order by l.position`,
    [orderId],
  )
  return rows.map((row) => ({ ...row, discountMinor: 0, fresh: false, counted: false }))
}

function wantedLines(before: readonly Line[], items: readonly WantedItem[], newId: () => string): readonly Line[] {
  return items.map(({ variant, quantity, unitPriceMinor, discountMinor = 0 }) => {
    const line = before.find(({ variantId }) => variantId === variant.variantId)
    const price = unitPriceMinor ?? line?.unitPriceMinor ?? variant.priceMinor
    if (line !== undefined) return { ...line, quantity, discountMinor, unitPriceMinor: price }
    const { variantId, sku, productName, variantName, taxRateBp, taxIncluded, trackStock } = variant
    return {
      ...{
        id: newId(),
        variantId,
        sku,
        productName,
        variantName,
        quantity,
        unitPriceMinor: price,
        taxRateBp,
        taxIncluded,
      },
      ...{ discountMinor, fresh: true, counted: trackStock },
    }
  })
}

async function stockChanges(
  tx: Tx,
  orderId: OrderId,
  before: readonly Line[],
  after: readonly Line[],
): Promise<readonly StockChange[]> {
  const held = new Map((await heldByOrder(tx, orderId)).map((line) => [line.lineId, line.reserved]))
  const change = ({ id, variantId }: Line, delta: number): StockChange[] =>
    delta === 0
      ? []
      : [
          {
            variantId,
            lineId: id,
            kind: delta > 0 ? 'reserve' : 'release',
            onHandDelta: 0,
            reservedDelta: delta,
            reason: 'order changed',
          },
        ]
  const stays = new Set(after.map(({ id }) => id))
  return [
    ...before.filter(({ id }) => !stays.has(id)).flatMap((line) => change(line, -(held.get(line.id) ?? 0))),
    ...after.flatMap((line) => {
      if (line.fresh) return line.counted ? change(line, line.quantity) : []
      const has = held.get(line.id)
      return has === undefined ? [] : change(line, line.quantity - has)
    }),
  ]
}

async function writeLines(tx: Tx, orderId: OrderId, lines: readonly Line[], priced: Priced): Promise<void> {
  await tx.run('delete from order_lines where order_id = ? and id <> all(?::uuid[])', [
    orderId,
    lines.map(({ id }) => id),
  ])
  const rows = lines.map((line, index) => ({ ...line, ...priced.lines[index] }))
  await tx.run(
    `insert into order_lines (id, order_id, position, variant_id, sku, product_name, variant_name, quantity, unit_price_minor,
       tax_rate_bp, line_subtotal_minor, line_discount_minor, line_tax_minor, line_total_minor)
     select l.id, ?::uuid, (select coalesce(max(o.position), -1) from order_lines o where o.order_id = ?::uuid) + l.n, l."variantId",
       l.sku, l."productName", l."variantName", l.quantity, l."unitPriceMinor", l."taxRateBp", l."subtotalMinor", l."discountMinor",
       l."taxMinor", l."totalMinor"
     from rows from (jsonb_to_recordset(?::jsonb) as (id uuid, "variantId" uuid, sku text, "productName" text, "variantName" text,
       quantity int, "unitPriceMinor" bigint, "taxRateBp" int, "subtotalMinor" bigint, "discountMinor" bigint, "taxMinor" bigint,
       "totalMinor" bigint)) with ordinality as l (id, "variantId", sku, "productName", "variantName", quantity, "unitPriceMinor",
       "taxRateBp", "subtotalMinor", "discountMinor", "taxMinor", "totalMinor", n)
     on conflict (id) do update set quantity = excluded.quantity, unit_price_minor = excluded.unit_price_minor,
       line_subtotal_minor = excluded.line_subtotal_minor, line_discount_minor = excluded.line_discount_minor,
       line_tax_minor = excluded.line_tax_minor, line_total_minor = excluded.line_total_minor`,
    [orderId, orderId, JSON.stringify(rows)],
  )
}
