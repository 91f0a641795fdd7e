import fc from 'fast-check'
import t from 'tap'
import { fullName, nameKey, normalName, searchKeys, wordsOf } from '../../../src/domain/catalogue/search.ts'
import { demoVariants } from '../../support/demo-names.ts'

t.test('names that a customer could not tell apart have one key', (t) => {
  const same = [
    ['Café Grinder', 'CAFE  grinder!', 'cafe\u0301-grinder', 'CaféGrinder'],
    ["Chef's Knife", 'chefs knife', 'Chef’s Knife', 'CHEF`S KNIFE'],
    ['Salt & Pepper Mill Set', 'salt and pepper mill set', 'Salt&Pepper Mill Set'],
    ['7-in-1 USB-C Hub', '7 in 1 usb c hub', '７-in-1 USB-C Hub'],
    ['قهوة عربية', 'قَهْوَة عربيّة'],
  ]
  for (const names of same) t.equal(new Set(names.map(nameKey)).size, 1, names.join(' = '))
  t.end()
})

t.test('plain names take a shorter way to the same words', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii', maxLength: 100 }), (name) => {
      t.equal(`${wordsOf(name)} e`.trim(), wordsOf(`${name} é`))
    }),
    { examples: [["Chef's `Knife` & Fork_2.5-K"]] },
  )
  t.end()
})

t.test('numbers never blur', (t) => {
  t.not(nameKey('Electric Kettle 1.7L'), nameKey('Electric Kettle 17L'))
  t.not(nameKey('iPhone 15 Case'), nameKey('iPhone 16 Case'))
  t.not(nameKey('Pack 1 2'), nameKey('Pack 12'))
  t.not(nameKey('हिन्दी'), nameKey('हनद'))
  t.end()
})

t.test('nothing sayable has no key', (t) => {
  for (const name of ['', '!!!', ' - ', '🎁']) t.equal(nameKey(name), '', name)
  t.same(searchKeys({ sku: '', fullName: 'Mug', aliases: ['', 'MUG', 'cup'] }), ['mug', 'cup'])
  t.end()
})

t.test('the normal form of a normal form is itself', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (name) => {
      const once = normalName(name)
      t.equal(normalName(once), once)
    }),
  )
  t.end()
})

t.test('no two products of the demo shop share a key', (t) => {
  const keys = demoVariants().flatMap(({ productName, variantName, sku, aliases }) =>
    searchKeys({ sku, fullName: fullName(productName, variantName), aliases }),
  )
  t.equal(new Set(keys).size, keys.length)
  t.end()
})

t.test("a variant's full name begins with its product's, once", (t) => {
  t.equal(fullName('Kids T-Shirt', 'Red S'), 'Kids T-Shirt Red S')
  t.equal(fullName('Kids T-Shirt', 'kids t-shirt Red S'), 'kids t-shirt Red S')
  t.equal(fullName('Mug', ''), 'Mug')
  t.equal(fullName('Mug', 'Mugs'), 'Mug Mugs')
  t.end()
})
