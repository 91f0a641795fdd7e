// What becomes of an order that was understood, given what is true now: what is left, what it costs, what one order may hold. The parse says what
// the customer meant; this says what to do about it, and what there is to ask.
import type { CatalogueHit } from '../catalogue/variant.ts'
import type { VariantId } from '../ids.ts'
import { billOf } from '../order/place.ts'
import { never } from '../result.ts'
import { availabilityOf } from '../stock/level.ts'
import type { Intent } from './interpret.ts'
import { MAX_ITEMS } from './items.ts'
import type { OrderItem } from './resolve-item.ts'
import type { Basket, Offer, Trouble, Voice } from './say.ts'

export interface WeighedLine {
  readonly variant: CatalogueHit
  readonly quantity: number
}

export type Verdict =
  | { readonly kind: 'usage' }
  | { readonly kind: 'too-many' }
  /** Everything is exact and there. */
  | { readonly kind: 'place'; readonly lines: readonly WeighedLine[] }
  /** Ask YES or NO. */
  | { readonly kind: 'confirm'; readonly lines: readonly WeighedLine[] }
  /** More than the shop sells at once without looking: a person confirms. */
  | { readonly kind: 'review'; readonly lines: readonly WeighedLine[] }
  /** One item, and this is open about it. */
  | {
      readonly kind: 'which'
      readonly name: string
      readonly choices: readonly CatalogueHit[]
      readonly quantity: number | null
      /** Each of the choices has the words that were typed. */
      readonly sure: boolean
    }
  | { readonly kind: 'how-many'; readonly variant: CatalogueHit }
  | { readonly kind: 'only-left'; readonly variant: CatalogueHit; readonly left: number }
  /** Several things are open, or one that no answer settles. Nothing is bought; `fine` may be, if the customer says so. */
  | {
      readonly kind: 'troubles'
      readonly troubles: readonly Trouble[]
      readonly fine: readonly WeighedLine[]
      readonly of: number
    }

/** Every variant that weighing these items may ask for. */
export function variantsOf(items: readonly OrderItem[]): readonly VariantId[] {
  return items
    .flatMap(({ variant, choices }) => [...(variant === null ? [] : [variant]), ...choices])
    .map((each) => each.variantId)
}

/** @param hits the active ones of `variantsOf`, as they are now */
export function weigh(order: Extract<Intent, { intent: 'order' }>, hits: readonly CatalogueHit[]): Verdict {
  const { items } = order
  if (order.outcome === 'usage') return { kind: 'usage' }
  if (order.outcome === 'too_many_lines') return { kind: 'too-many' }
  const now = new Map(hits.map((hit) => [hit.variantId, hit]))
  const weighed = items.map((item) => weighItem(item, now))
  const lines = weighed.flatMap((each) => (each.kind === 'line' ? [each.line] : []))
  const [only] = weighed
  if (lines.length === weighed.length) {
    if (lines.some(({ variant, quantity }) => quantity > variant.maxPerOrder)) return { kind: 'review', lines }
    return { kind: order.outcome === 'place' ? 'place' : 'confirm', lines }
  }
  if (weighed.length === 1 && only !== undefined && only.kind === 'open') return only.question
  const troubles = weighed.flatMap((each) => (each.kind === 'line' ? [] : [each.trouble]))
  return { kind: 'troubles', troubles, fine: lines, of: weighed.length }
}

type Weighed =
  | { readonly kind: 'line'; readonly line: WeighedLine }
  | { readonly kind: 'open'; readonly question: Verdict; readonly trouble: Trouble }
  | { readonly kind: 'closed'; readonly trouble: Trouble }

function weighItem(item: OrderItem, now: ReadonlyMap<VariantId, CatalogueHit>): Weighed {
  const { name, quantity, match } = item
  if (item.variant === null) {
    const choices = item.choices.flatMap(({ variantId }) => now.get(variantId) ?? [])
    if (choices.length === 0) return { kind: 'closed', trouble: { kind: 'not-found', name } }
    const sure = match === 'ambiguous'
    const trouble: Trouble = { kind: sure ? 'which' : 'perhaps', name, choices: choices.map(offerOf) }
    return { kind: 'open', question: { kind: 'which', name, choices, quantity, sure }, trouble }
  }
  const variant = now.get(item.variant.variantId)
  if (variant === undefined) return { kind: 'closed', trouble: { kind: 'gone', name: item.variant.productName } }
  if (variant.trackStock && variant.available <= 0)
    return { kind: 'closed', trouble: { kind: 'sold-out', name: variant.fullName } }
  if (quantity === null) {
    const trouble: Trouble = { kind: 'how-many', name: variant.fullName, most: variant.maxPerOrder }
    return { kind: 'open', question: { kind: 'how-many', variant }, trouble }
  }
  if (variant.trackStock && quantity > variant.available) {
    const left = variant.available
    return {
      kind: 'open',
      question: { kind: 'only-left', variant, left },
      trouble: { kind: 'only-left', name: variant.fullName, left },
    }
  }
  return { kind: 'line', line: { variant, quantity } }
}

/** A product as a list shows it. */
export function offerOf(hit: CatalogueHit): Offer {
  return { name: hit.fullName, priceMinor: hit.priceMinor, currency: hit.currency, availability: availabilityOf(hit) }
}

/** What these lines cost, as it is said. There is at least one. */
export function basketOf(lines: readonly WeighedLine[]): Basket {
  const bill = billOf(lines)
  const names = new Map(lines.map(({ variant }) => [variant.variantId, variant.fullName]))
  return {
    currency: bill.currency,
    totalMinor: bill.totals.totalMinor,
    lines: bill.lines.map((line) => ({
      name: names.get(line.variantId) ?? line.productName,
      quantity: line.quantity,
      unitMinor: line.unitPriceMinor,
      totalMinor: line.totalMinor,
    })),
  }
}

/** What the customer is told. `number`: of the order, or what stands for it. */
export function sayVerdict(
  voice: Voice,
  verdict: Verdict,
  order: { readonly label: string; readonly number: string },
): string {
  switch (verdict.kind) {
    case 'usage':
      return voice.usage()
    case 'too-many':
      return voice.tooMany(MAX_ITEMS)
    case 'place':
      return voice.thanks(basketOf(verdict.lines), order.label, order.number, null)
    case 'confirm':
      return voice.confirm(basketOf(verdict.lines))
    case 'review':
      return voice.review()
    case 'which':
      return voice.which(verdict.name, verdict.choices.map(offerOf), verdict.sure)
    case 'how-many':
      return voice.howMany(verdict.variant.fullName, verdict.variant.maxPerOrder)
    case 'only-left':
      return voice.onlyLeft(verdict.variant.fullName, verdict.left)
    case 'troubles':
      return voice.troubles(verdict.troubles, verdict.fine.length === 0 ? null : basketOf(verdict.fine), verdict.of)
    default:
      return never(verdict)
  }
}
