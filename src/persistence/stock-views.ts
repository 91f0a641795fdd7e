// Stock as staff see it: levels, and the ledger that explains them. Changing them is stock-adjust.ts and the orders' statements.

import type { Scope } from '../domain/access.ts'
import type { ProductStatus } from '../domain/catalogue/product.ts'
import { fullName } from '../domain/catalogue/search.ts'
import type { OrderId, OrgId, ProductId, VariantId } from '../domain/ids.ts'
import { orderLabel } from '../domain/order/order.ts'
import { type Availability, availabilityOf, type MovementKind } from '../domain/stock/level.ts'
import type { Queryable } from './database.ts'
import { conditions, containing, type Page, type Paged, paged } from './page.ts'
import { scopeSql } from './scope.ts'

export interface LevelView {
  readonly variantId: VariantId
  readonly productId: ProductId
  readonly sku: string
  /** The full name, as chat knows it. */
  readonly name: string
  readonly status: ProductStatus
  readonly tracked: boolean
  readonly onHand: number
  readonly reserved: number
  readonly available: number
  /** At or below it, what is left counts as low. */
  readonly threshold: number
  readonly state: Availability
}

export const LEVEL_SORTS = ['name', 'sku', 'available', '-available'] as const
export type LevelSort = (typeof LEVEL_SORTS)[number]

export interface LevelFilter {
  /** Part of a name or a SKU. */
  readonly q?: string | undefined
  /** Some are left, and no more than the threshold. */
  readonly low?: boolean | undefined
  /** None is left. With `low`: either. */
  readonly out?: boolean | undefined
  readonly sort: LevelSort
}

interface LevelRow {
  readonly variant_id: VariantId
  readonly product_id: ProductId
  readonly sku: string
  readonly product_name: string
  readonly variant_name: string
  readonly status: ProductStatus
  readonly track_stock: boolean
  readonly on_hand: number
  readonly reserved: number
  readonly low_stock_threshold: number
  readonly sort_key: string
}

const FULL_NAME = `lower(p.name || ' ' || v.name) collate "C"`
const SORTS: Record<LevelSort, { readonly key: string; readonly type: string; readonly order: 'asc' | 'desc' }> = {
  name: { key: FULL_NAME, type: 'text', order: 'asc' },
  sku: { key: `lower(v.sku) collate "C"`, type: 'text', order: 'asc' },
  available: { key: '(s.on_hand - s.reserved)', type: 'int', order: 'asc' },
  '-available': { key: '(s.on_hand - s.reserved)', type: 'int', order: 'desc' },
}

/** Levels of the organisation; of archived products only where something still lies on the shelf. */
export async function listLevels(
  q: Queryable,
  orgId: OrgId,
  filter: LevelFilter,
  page: Page,
): Promise<Paged<LevelView>> {
  const { key, type, order } = SORTS[filter.sort]
  const where = conditions()
  where.add('v.org_id = ?', orgId)
  where.add(`p.status <> 'archived' or s.on_hand > 0`)
  if (filter.q !== undefined)
    where.add(`p.name || ' ' || v.name ilike ? or v.sku ilike ?`, containing(filter.q), containing(filter.q))
  const states: string[] = []
  if (filter.low === true) states.push('s.on_hand - s.reserved between 1 and v.low_stock_threshold')
  if (filter.out === true) states.push('s.on_hand - s.reserved <= 0')
  if (states.length > 0) where.add(`v.track_stock and (${states.join(' or ')})`)
  if (page.cursor !== undefined)
    where.add(`(${key}, v.id) ${order === 'asc' ? '>' : '<'} (?::${type}, ?::uuid)`, page.cursor.key, page.cursor.id)
  const rows = await q.rows<LevelRow>(
    `select v.id as variant_id, v.product_id, v.sku, p.name as product_name, v.name as variant_name, p.status, v.track_stock,
       s.on_hand, s.reserved, v.low_stock_threshold, (${key})::text as sort_key
     from stock_levels s join variants v on v.id = s.variant_id join products p on p.id = v.product_id
     where ${where.sql()} order by ${key} ${order}, v.id ${order} limit ?`,
    [...where.params, page.limit + 1],
  )
  return paged(rows, page.limit, (row) => ({ key: row.sort_key, id: row.variant_id }), levelView)
}

function levelView(row: LevelRow): LevelView {
  const available = row.on_hand - row.reserved
  const { track_stock: trackStock, low_stock_threshold: lowStockThreshold } = row
  return {
    variantId: row.variant_id,
    productId: row.product_id,
    sku: row.sku,
    name: fullName(row.product_name, row.variant_name),
    status: row.status,
    tracked: trackStock,
    onHand: row.on_hand,
    reserved: row.reserved,
    available,
    threshold: lowStockThreshold,
    state: availabilityOf({ trackStock, available, lowStockThreshold }),
  }
}

export interface MovementView {
  readonly id: string
  readonly variantId: VariantId
  readonly sku: string
  readonly name: string
  readonly kind: MovementKind
  readonly onHandDelta: number
  readonly reservedDelta: number
  readonly onHandAfter: number
  readonly reservedAfter: number
  /** The order it belongs to, when it is the reader's to see. */
  readonly order: { readonly id: OrderId; readonly label: string } | null
  readonly reason: string
  /** The id of a customer only beside their order. */
  readonly actor: { readonly type: string; readonly id: string | null }
  readonly at: Date
}

export interface MovementFilter {
  readonly variantId?: VariantId | undefined
  readonly kind?: MovementKind | undefined
  /** Written at or after, before. */
  readonly from?: Date | undefined
  readonly to?: Date | undefined
}

interface MovementRow {
  readonly id: string
  readonly seq: string
  readonly variant_id: VariantId
  readonly sku: string
  readonly product_name: string
  readonly variant_name: string
  readonly kind: MovementKind
  readonly on_hand_delta: number
  readonly reserved_delta: number
  readonly on_hand_after: number
  readonly reserved_after: number
  readonly order_id: OrderId | null
  readonly order_number: number | null
  readonly reason: string
  readonly actor_type: string
  readonly actor_id: string | null
  readonly at: Date
}

/** The ledger, last movement first. Everybody who may read stock sees all of it; whose order it was only within their scope. */
export async function listMovements(
  q: Queryable,
  orgId: OrgId,
  scope: Scope,
  filter: MovementFilter,
  page: Page,
): Promise<Paged<MovementView>> {
  const within = scopeSql(scope, 'o.user_id', 'o.customer_id')
  const where = conditions()
  where.add('v.org_id = ?', orgId)
  if (filter.variantId !== undefined) where.add('m.variant_id = ?', filter.variantId)
  if (filter.kind !== undefined) where.add('m.kind = ?', filter.kind)
  if (filter.from !== undefined) where.add('m.at >= ?', filter.from)
  if (filter.to !== undefined) where.add('m.at < ?', filter.to)
  if (page.cursor !== undefined) where.add('m.seq < ?::bigint', page.cursor.key)
  const rows = await q.rows<MovementRow>(
    `select m.*, v.sku, p.name as product_name, v.name as variant_name, o.id as order_id, o.number as order_number
     from stock_movements m join variants v on v.id = m.variant_id join products p on p.id = v.product_id
     left join order_lines l on l.id = m.order_line_id
     left join orders o on o.id = l.order_id and ${within.sql}
     where ${where.sql()} order by m.seq desc limit ?`,
    [...within.params, ...where.params, page.limit + 1],
  )
  return paged(rows, page.limit, (row) => ({ key: row.seq, id: row.id }), movementView)
}

function movementView(row: MovementRow): MovementView {
  const { order_id: orderId, order_number: number } = row
  const hidden = row.actor_type === 'customer' && orderId === null
  return {
    id: row.id,
    variantId: row.variant_id,
    sku: row.sku,
    name: fullName(row.product_name, row.variant_name),
    kind: row.kind,
    onHandDelta: row.on_hand_delta,
    reservedDelta: row.reserved_delta,
    onHandAfter: row.on_hand_after,
    reservedAfter: row.reserved_after,
    order: orderId === null || number === null ? null : { id: orderId, label: orderLabel(number) },
    reason: row.reason,
    actor: { type: row.actor_type, id: hidden ? null : row.actor_id },
    at: row.at,
  }
}
