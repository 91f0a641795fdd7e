import t from 'tap'
import { draftProduct, type ProductInput, skuOf, slugOf } from '../../../src/domain/catalogue/product.ts'
import { demoHits } from '../../support/demo-hits.ts'

function refusal(input: ProductInput): { code: string; path: string | undefined } {
  const draft = draftProduct(input, 'USD')
  if (draft.ok) return { code: 'accepted', path: undefined }
  return { code: draft.refusal.code, path: draft.refusal.errors?.[0]?.path }
}

t.test('a plain product gets one nameless variant', (t) => {
  const draft = draftProduct({ name: ' Blue  Mug ', price: '12.00', stock: 5, taxRate: '7.5', aliases: ['cup'] }, 'USD')
  t.match(draft, {
    ok: true,
    value: {
      name: 'Blue Mug',
      slugBase: 'blue-mug',
      status: 'active',
      variants: [
        {
          name: '',
          fullName: 'Blue Mug',
          sku: null,
          skuBase: 'BLUE-MUG',
          priceMinor: 1_200,
          stock: 5,
          taxRateBp: 750,
          taxIncluded: true,
          trackStock: true,
          maxPerOrder: 999,
        },
      ],
    },
  })
  t.end()
})

t.test('variants carry their own part of the name', (t) => {
  const variants = [
    { name: 'Red S', price: 14, options: { colour: 'Red', size: 'S' } },
    { name: 'Kids T-Shirt Blue S', price: 15, options: { colour: 'Blue', size: 'S' } },
  ]
  t.match(draftProduct({ name: 'Kids T-Shirt', variants }, 'USD'), {
    ok: true,
    value: { variants: [{ name: 'Red S', fullName: 'Kids T-Shirt Red S' }, { name: 'Blue S' }] },
  })
  t.end()
})

t.test('a name that is a command, now or later, is refused', (t) => {
  for (const name of [
    'Catalog',
    'HELP',
    'status',
    'my order',
    'Order Blue Mug:1',
    'buy',
    'Hello',
    'Yes',
    'STOP',
    '12',
    '*help*',
  ]) {
    t.same(refusal({ name, price: 1 }), { code: 'name-is-command', path: 'name' }, name)
  }
  t.same(refusal({ name: 'Mug', price: 1, aliases: ['cup', 'hi'] }), { code: 'name-is-command', path: 'aliases[1]' })
  for (const name of ['Hello Kitty Mug', 'Helpful Book', 'History of Tea'])
    t.equal(refusal({ name, price: 1 }).code, 'accepted')
  t.end()
})

t.test('a name that chat could not order is refused, every name of the demo shop is fine', (t) => {
  for (const name of ['', '   ', '🎁', 'Screws; steel', 'Deal x 2, Red', 'x'.repeat(121)]) {
    t.same(refusal({ name, price: 1 }), { code: 'invalid-product', path: 'name' }, name)
  }
  for (const { fullName } of demoHits()) t.equal(refusal({ name: fullName, price: 1 }).code, 'accepted', fullName)
  t.end()
})

t.test('what is wrong is named by its path', (t) => {
  t.same(refusal({ name: 'Mug' }), { code: 'invalid-product', path: 'price' })
  t.same(refusal({ name: 'Mug', price: -1 }), { code: 'invalid-money', path: 'price' })
  t.same(refusal({ name: 'Mug', price: '1.999' }), { code: 'invalid-money', path: 'price' })
  t.same(refusal({ name: 'Mug', price: 1, stock: -1 }), { code: 'invalid-product', path: 'stock' })
  t.same(refusal({ name: 'Mug', price: 1, stock: 1.5 }), { code: 'invalid-product', path: 'stock' })
  t.same(refusal({ name: 'Mug', price: 1, taxRate: 101 }), { code: 'invalid-product', path: 'taxRate' })
  t.same(refusal({ name: 'Mug', price: 1, sku: '--' }), { code: 'invalid-product', path: 'sku' })
  t.same(refusal({ name: 'Mug', price: 1, variants: [{ name: 'A', price: 1 }] }), {
    code: 'invalid-product',
    path: 'variants',
  })
  t.same(refusal({ name: 'Mug', variants: [] }), { code: 'invalid-product', path: 'variants' })
  t.same(refusal({ name: 'Mug', variants: [{ name: 'A', price: 'x' }] }), {
    code: 'invalid-money',
    path: 'variants[0].price',
  })
  t.end()
})

t.test('variants that could not be told apart are refused', (t) => {
  const red = { name: 'Red', price: 1, options: { colour: 'Red' } }
  t.same(refusal({ name: 'Mug', variants: [red, { ...red, name: 'Rouge', options: { Colour: 'red ' } }] }), {
    code: 'duplicate-options',
    path: 'variants[1].options',
  })
  t.same(refusal({ name: 'Mug', variants: [red, { name: 'RED', price: 1 }] }), {
    code: 'name-taken',
    path: 'variants[1].name',
  })
  t.end()
})

t.test('slugs and SKUs are made of what a name has', (t) => {
  t.equal(slugOf('Café Grinder & Co.'), 'cafe-grinder-and-co')
  t.equal(slugOf('قهوة عربية'), 'قهوة-عربية')
  t.equal(slugOf('!!!'), 'item')
  t.equal(skuOf('Café Grinder'), 'CAFE-GRINDER')
  t.equal(skuOf('قهوة عربية'), 'ITEM')
  t.end()
})
