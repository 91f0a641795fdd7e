// What staff wrote for an order becomes what the store takes: goods found by id or SKU, amounts read, each fault with its path.

import type { Role } from '../domain/access.ts'
import { can } from '../domain/access.ts'
import { asId, type OrgId, type VariantId } from '../domain/ids.ts'
import { type Minor, type MoneyInput, parseMoney } from '../domain/money.ts'
import type { Terms } from '../domain/order/totals.ts'
import { ok, type Refusal, type Result, refuse } from '../domain/result.ts'
import type { Queryable } from '../persistence/database.ts'
import type { WantedItem } from '../persistence/order-edit.ts'
import { findItems, type ItemName } from '../persistence/order-items.ts'
import type { ItemBody } from './schemas/order-commands.ts'

/** With its place in the body; of goods named twice, the first. */
export type ReadItem = WantedItem & { readonly index: number }

type Code = 'unknown-variant' | 'invalid-money' | 'forbidden' | 'validation-failed'

/** The items of a body, each variant once. Prices of one's own making are for managers. */
export async function readItems(
  q: Queryable,
  org: { readonly id: OrgId; readonly currency: string },
  role: Role,
  items: readonly ItemBody[],
): Promise<Result<readonly ReadItem[], Code>> {
  if (items.some(({ unitPrice }) => unitPrice !== undefined) && !can({ role }, 'refunds:write'))
    return refuse('forbidden', 'Other prices than those of the catalogue are for managers. Leave unitPrice out.')
  const found = await findItems(q, org.id, items.map(nameOf))
  const wanted = new Map<VariantId, ReadItem>()
  for (const [index, item] of items.entries()) {
    const variant = found[index] ?? null
    const path = `items[${index}]`
    if (variant === null) {
      const field = item.sku === undefined ? 'variantId' : 'sku'
      return fault('unknown-variant', `${path}.${field}`, 'There is no such variant, or it is not sold now.')
    }
    const price = readAmount(item.unitPrice, org.currency, `${path}.unitPrice`)
    if (!price.ok) return price
    const discount = readAmount(item.discount, org.currency, `${path}.discount`)
    if (!discount.ok) return discount
    const before = wanted.get(variant.variantId)
    if (before !== undefined && before.unitPriceMinor !== price.value)
      return fault('validation-failed', `${path}.unitPrice`, 'The same goods stand in the order at another price.')
    wanted.set(variant.variantId, {
      index: before?.index ?? index,
      variant,
      quantity: (before?.quantity ?? 0) + item.quantity,
      unitPriceMinor: price.value,
      discountMinor: (before?.discountMinor ?? 0) + (discount.value ?? 0),
    })
  }
  return ok([...wanted.values()])
}

function nameOf({ variantId, sku }: ItemBody): ItemName {
  return variantId === undefined ? { sku: sku ?? '' } : { variantId: asId<VariantId>(variantId) }
}

/** A refusal of the store that names variants, with their places in the body. */
export function atItems<R extends Refusal>(refusal: R, items: readonly ReadItem[] = []): R {
  const place = (path: string) => {
    const item = items.find(({ variant }) => variant.variantId === path)
    return item === undefined ? path : `items[${item.index}].quantity`
  }
  return refusal.errors === undefined
    ? refusal
    : { ...refusal, errors: refusal.errors.map((error) => ({ ...error, path: place(error.path) })) }
}

/** Discount and shipping of the whole order. */
export function readTerms(
  body: { readonly discount?: MoneyInput | undefined; readonly shipping?: MoneyInput | undefined },
  currency: string,
): Result<Terms, Code> {
  const discount = readAmount(body.discount, currency, 'discount')
  if (!discount.ok) return discount
  const shipping = readAmount(body.shipping, currency, 'shipping')
  return shipping.ok ? ok({ discountMinor: discount.value, shippingMinor: shipping.value }) : shipping
}

function readAmount(input: MoneyInput | undefined, currency: string, path: string): Result<Minor | undefined, Code> {
  if (input === undefined) return ok(undefined)
  const amount = parseMoney(input, currency)
  return amount.ok ? amount : fault(amount.refusal.code, path, amount.refusal.message)
}

function fault(code: Code, path: string, message: string) {
  return refuse(code, message, { errors: [{ path, code, message }] })
}
