// What may happen to a shop, as data that fast-check can make up and cut down. Carrying it out is world.ts.

import fc from 'fast-check'
import { ORDER_STATUSES, type OrderStatus } from '../../src/domain/order/order.ts'

/** Pieces of a product, by the place of the product. */
export type Lines = readonly (readonly [number, number])[]

export type Step =
  | { readonly kind: 'place'; readonly lines: Lines; readonly message: number | null }
  | { readonly kind: 'draft'; readonly lines: Lines }
  | { readonly kind: 'yes' | 'no' | 'cancel'; readonly order: number }
  | { readonly kind: 'move'; readonly order: number; readonly to: OrderStatus; readonly by: 'employee' | 'admin' }
  | { readonly kind: 'return'; readonly order: number; readonly restocked: number }
  | { readonly kind: 'edit'; readonly order: number; readonly lines: Lines }
  | { readonly kind: 'pay' | 'refund'; readonly order: number; readonly amount: number }
  | { readonly kind: 'adjust'; readonly lines: Lines }
  | { readonly kind: 'count'; readonly item: number; readonly onHand: number }
  /** Over HTTP, twice at the same moment under one key. `claims`: the client says what it costs. */
  | {
      readonly kind: 'keyed'
      readonly what: 'stock' | 'order' | 'payment'
      readonly key: number
      readonly item: number
      readonly amount: number
      readonly claims: boolean
    }
  | { readonly kind: 'price'; readonly item: number; readonly price: number }
  | { readonly kind: 'archive'; readonly item: number; readonly active: boolean }
  | { readonly kind: 'rush'; readonly item: number; readonly buyers: number }
  | { readonly kind: 'expire'; readonly hours: number }
  | { readonly kind: 'restart' }
  | { readonly kind: 'together'; readonly steps: readonly Step[] }

export const ITEMS = 3

const item = fc.nat({ max: ITEMS - 1 })
const lines = fc.array(fc.tuple(item, fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 4 })
const order = fc.nat({ max: 7 })
const of = <K extends string>(kind: K) => fc.constant(kind)

/** Moves are more likely to be made than to be refused: most walk on the way an order takes. */
const to = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom<OrderStatus>('confirmed', 'processing', 'shipped', 'delivered', 'cancelled'),
  },
  { weight: 1, arbitrary: fc.constantFrom<OrderStatus>(...ORDER_STATUSES) },
)

const single: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: of('place'), lines, message: fc.option(fc.nat({ max: 4 })) }) },
  { weight: 2, arbitrary: fc.record({ kind: of('draft'), lines }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('yes', 'no', 'cancel'), order }) },
  { weight: 9, arbitrary: fc.record({ kind: of('move'), order, to, by: fc.constantFrom('employee', 'admin') }) },
  { weight: 2, arbitrary: fc.record({ kind: of('return'), order, restocked: fc.nat({ max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: of('edit'), order, lines }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('pay', 'refund'), order, amount: fc.integer({ min: 1, max: 4_000 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: of('adjust'),
      lines: fc.array(fc.tuple(item, fc.integer({ min: -4, max: 6 })), { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: of('count'), item, onHand: fc.nat({ max: 12 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: of('keyed'),
      what: fc.constantFrom('stock', 'order', 'payment'),
      key: fc.nat({ max: 2 }),
      item,
      amount: fc.integer({ min: 1, max: 2 }),
      claims: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: of('price'), item, price: fc.integer({ min: 1, max: 99 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: of('archive'), item, active: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: of('rush'), item, buyers: fc.integer({ min: 2, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: of('expire'), hours: fc.constantFrom(0, 1, 47, 49) }) },
  { weight: 1, arbitrary: fc.record({ kind: of('restart') }) },
)

/** What changes the connections is never beside anything else. */
const beside = single.filter(({ kind }) => kind !== 'restart' && kind !== 'rush')
const together = fc.record({ kind: of('together'), steps: fc.array(beside, { minLength: 2, maxLength: 6 }) })

/** One step, or several at once. */
export const step: fc.Arbitrary<Step> = fc.oneof({ weight: 4, arbitrary: single }, { weight: 1, arbitrary: together })
