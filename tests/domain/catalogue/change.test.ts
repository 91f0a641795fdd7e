import t from 'tap'
import {
  addVariant,
  changeProduct,
  changeVariant,
  type KnownProduct,
  removable,
} from '../../../src/domain/catalogue/change.ts'
import { draftProduct, type ProductInput } from '../../../src/domain/catalogue/product.ts'
import { asId, type ProductId, type VariantId } from '../../../src/domain/ids.ts'

function known(input: ProductInput): KnownProduct {
  const draft = draftProduct(input, 'USD')
  if (!draft.ok) throw new Error(draft.refusal.message)
  const { slugBase: slug, variants, ...rest } = draft.value
  const stored = variants.map((each, index) => ({
    ...each,
    id: asId<VariantId>(`v${index}`),
    sku: each.sku ?? each.skuBase,
    version: 1,
  }))
  return { ...rest, id: asId<ProductId>('p'), slug, version: 1, variants: stored }
}

const mug = known({ name: 'Blue Mug', price: 12, aliases: ['cup'], taxRate: 7 })
const shirt = known({
  name: 'Shirt',
  variants: [
    { name: 'Red', price: 10, options: { colour: 'red' } },
    { name: 'Blue', price: 11, options: { colour: 'blue' } },
  ],
})

t.test('what is not given stays', async (t) => {
  const same = changeProduct(mug, {}, 'USD')
  t.match(same, {
    ok: true,
    value: { name: 'Blue Mug', status: 'active', variants: [{ priceMinor: 1200, taxRateBp: 700 }] },
  })
  t.match(changeProduct(mug, { price: '13.00', categoryId: null }, 'USD'), {
    ok: true,
    value: { variants: [{ priceMinor: 1300, aliases: ['cup'], sku: 'BLUE-MUG' }] },
  })
})

t.test('a new name goes through all variants, an old one is not judged again', async (t) => {
  t.match(changeProduct(shirt, { name: 'Polo' }, 'USD'), {
    ok: true,
    value: { variants: [{ fullName: 'Polo Red', name: 'Red' }, { fullName: 'Polo Blue' }] },
  })
  const [variant] = mug.variants
  if (variant === undefined) throw new Error('no variant')
  const old: KnownProduct = { ...mug, name: 'Help', variants: [{ ...variant, fullName: 'Help', aliases: ['yes'] }] }
  t.match(changeProduct(old, { price: 5 }, 'USD'), { ok: true }, 'a rule that came later stops no price')
  t.match(changeProduct(old, { name: 'Hello' }, 'USD'), { ok: false, refusal: { code: 'name-is-command' } })
  t.match(changeProduct(old, { aliases: ['yes', 'no'] }, 'USD'), {
    ok: false,
    refusal: { errors: [{ path: 'aliases[1]' }] },
  })
})

t.test('prices are those of the currency of today', async (t) => {
  t.match(changeProduct(mug, { price: 5 }, 'EUR'), {
    ok: true,
    value: { variants: [{ currency: 'EUR', priceMinor: 500 }] },
  })
  t.match(changeProduct(mug, { name: 'Mug' }, 'EUR'), { ok: true, value: { variants: [{ currency: 'USD' }] } })
  t.match(changeProduct(mug, { price: '5.5' }, 'JPY'), { ok: false, refusal: { code: 'invalid-money' } })
})

t.test('limits are whole numbers within their bounds', async (t) => {
  for (const change of [{ maxPerOrder: 0 }, { maxPerOrder: 1000 }, { lowStockThreshold: -1 }, { taxRate: '19.123' }])
    t.match(
      changeProduct(mug, change, 'USD'),
      { ok: false, refusal: { code: 'invalid-product' } },
      JSON.stringify(change),
    )
})

t.test('variants are changed one by one, and stay different', async (t) => {
  const red = asId<VariantId>('v0')
  t.match(changeVariant(shirt, red, { price: 9 }, 'USD'), {
    ok: true,
    value: { variants: [{ id: 'v1' }, { id: 'v0', priceMinor: 900 }] },
  })
  t.match(changeVariant(shirt, red, { name: 'blue' }, 'USD'), {
    ok: false,
    refusal: { code: 'name-taken', errors: [{ path: 'name' }] },
  })
  t.match(changeVariant(shirt, red, { sku: 'shirt-blue' }, 'USD'), { ok: false, refusal: { code: 'sku-taken' } })
  t.match(addVariant(shirt, { name: 'Green', price: 1 }, 'USD'), {
    ok: true,
    value: { variants: [{}, {}, { id: null, sku: null }] },
  })
  t.match(addVariant(shirt, { name: 'Green', price: 1, options: { COLOUR: 'Red' } }, 'USD'), {
    ok: false,
    refusal: { code: 'duplicate-options' },
  })
  t.match(changeProduct(shirt, { sku: 'X' }, 'USD'), { ok: false, refusal: { errors: [{ path: 'sku' }] } })
  t.ok(removable(shirt).ok)
  t.match(removable(mug), { refusal: { code: 'last-variant' } })
})
