// Catalogues made up for property tests: only such as a shop may have, asked of the checks that a product passes when it is entered.

import fc from 'fast-check'
import { LANGUAGE_CODES, LANGUAGES } from '../../src/domain/bot/languages/index.ts'
import { type NamedVariant, nameOf } from '../../src/domain/bot/names.ts'
import { draftProduct } from '../../src/domain/catalogue/product.ts'
import { searchKeys } from '../../src/domain/catalogue/search.ts'
import type { CatalogueHit } from '../../src/domain/catalogue/variant.ts'
import { asId } from '../../src/domain/ids.ts'
import { hit } from './demo-hits.ts'

const WORDS =
  'Blue Red Mug Mugs Tea Teas Coffee Box Boxes Set Salted iPhone Case USB-C XL S 250g 7UP 2-Pack 15 4 of T-Shirt Kids x by Crème Straße İzmir'
const SPANISH = 'Café Té Jamón Niños Ñora Azúcar dos uno Sí'
const ARABIC = 'تمر تمور قهوة عربية وردة شاي كتاب ٢٥٠ غرام صغير'
const OTHERS = 'вода чай 茶 ชา चाय καφές ΣΟΦΟΣ 👟 №5 ½ ﬁne'
const units = LANGUAGE_CODES.flatMap((code) => LANGUAGES[code].words.units.slice(0, 2))
const POOL = `${WORDS} ${SPANISH} ${ARABIC} ${OTHERS}`.split(' ').concat(units)

const word = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...POOL) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }) },
)
const joint = fc.constantFrom(' ', ' ', ' ', ' ', ' & ', ', ', ' and ', ' y ', ' و', '-', ' + ', ': ')
const name = fc
  .tuple(word, fc.array(fc.tuple(joint, word), { maxLength: 3 }))
  .map(([first, rest]) => first + rest.map(([between, next]) => between + next).join(''))

const product = fc.record({
  name,
  sku: fc.option(fc.stringMatching(/^[A-Z]{2,4}-\d{1,3}$/), { nil: undefined }),
  aliases: fc.array(name, { maxLength: 2 }),
  variants: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    {
      weight: 1,
      arbitrary: fc.array(fc.constantFrom('S', 'M', 'L', 'Red', 'Blue', '250g', 'صغير', 'Niños'), {
        minLength: 2,
        maxLength: 4,
      }),
    },
  ),
})

/** 1 to 7 products that can stand beside each other in one shop. */
export const catalogue: fc.Arbitrary<readonly NamedVariant[]> = fc
  .array(product, { minLength: 1, maxLength: 7 })
  .map((drafts) => {
    const taken = new Set<string>()
    const kept: NamedVariant[] = []
    for (const [index, draft] of drafts.entries()) {
      const variants = productOf(draft, index)
      const keys = new Set(variants.flatMap(keysOf))
      if ([...keys].some((key) => taken.has(key))) continue
      for (const key of keys) taken.add(key)
      kept.push(...variants)
    }
    return kept
  })
  .filter((variants) => variants.length > 0)

type Draft = typeof product extends fc.Arbitrary<infer D> ? D : never

/** Its variants as the shop would keep them; none when it would not. */
function productOf({ name: called, sku, aliases, variants }: Draft, index: number): readonly NamedVariant[] {
  const own = [...new Set(variants)]
  const single = { price: 1, sku: sku ?? `SKU-${index}`, aliases }
  const input =
    own.length < 2 ? single : { variants: own.map((each, at) => ({ name: each, price: 1, sku: `V-${index}-${at}` })) }
  const made = draftProduct({ name: called, ...input }, 'USD')
  if (!made.ok) return []
  return made.value.variants.map((each) => ({
    variantId: asId(`variant-${index}-${each.sku ?? ''}`),
    productId: asId(`product-${index}`),
    sku: each.sku ?? '',
    productName: made.value.name,
    variantName: each.name,
    aliases: each.aliases,
  }))
}

/** Every form of it that finds it exactly. */
export function keysOf(variant: NamedVariant): readonly string[] {
  return searchKeys({ ...variant, fullName: nameOf(variant) })
}

/** The same with a price and stock. */
export function hitOf(variant: NamedVariant, more: Partial<CatalogueHit> = {}): CatalogueHit {
  const { variantId, productId, sku, productName, variantName } = variant
  const fullName = nameOf(variant)
  return { ...hit(fullName, sku), ...{ variantId, productId, productName, variantName, fullName }, ...more }
}
