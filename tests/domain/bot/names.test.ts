import t from 'tap'
import { makeCatalogueNames, namesOf } from '../../../src/domain/bot/names.ts'
import { demoVariants, named } from '../../support/demo-names.ts'

t.test('a name among many that are alike is still found', (t) => {
  const many = Array.from({ length: 3_000 }, (_, n) => named(`Product number ${10_000 + n}`, `P${n}`))
  const names = namesOf([...many, named('Velvet Cushion', 'CUSHION')])
  t.match(names.exactly('product number 10042'), { match: 'name', variants: [{ sku: 'P42' }] })
  t.match(names.nearly('prodct number 10042'), { kind: 'one', match: 'fuzzy', variant: { sku: 'P42' } })
  t.match(names.nearly('velvt cushon'), { kind: 'one', variant: { sku: 'CUSHION' } })
  t.match(names.nearly('product'), { kind: 'several', match: 'ambiguous' })
  t.end()
})

t.test('a product that is replaced is found by its new names only', (t) => {
  const names = makeCatalogueNames()
  const old = named('Blue Mug', 'MUG')
  names.replace(old.productId, [old])
  t.ok(names.exactly('blue mug'))
  names.replace(old.productId, [{ ...old, productName: 'Azure Cup' }])
  t.notOk(names.exactly('blue mug'))
  t.same(names.nearly('blue mugg'), { kind: 'none' })
  t.match(names.exactly('azure cup')?.variants, [{ sku: 'MUG' }])
  names.replace(old.productId, [])
  t.notOk(names.exactly('azure cup'))
  t.equal(names.size, 0)
  t.end()
})

t.test('one slip in a name of the demo shop never places another product', (t) => {
  const variants = demoVariants()
  const names = namesOf(variants)
  let sure = 0
  let tried = 0
  for (const { variantName, productName, sku } of variants) {
    const name = (variantName === '' ? productName : variantName)
      .toLowerCase()
      .replace(/[^a-z0-9 ]/g, ' ')
      .replace(/ +/g, ' ')
      .trim()
    for (let at = 0; at < name.length; at += 1) {
      const slip = name.slice(0, at) + name.slice(at + 1)
      tried += 1
      const exact = names.exactly(slip)
      if (exact?.variants.every((each) => each.sku !== sku) === true) t.ok(exact.variants.length > 1, slip)
      const near = names.nearly(slip)
      if (near.kind === 'one' && near.variant.sku === sku) sure += 1
    }
  }
  t.ok(sure / tried > 0.6, `${sure} of ${tried} are asked with one YES`)
  t.end()
})
