import t from 'tap'
import { LANGUAGE_CODES, LANGUAGES } from '../../../src/domain/bot/languages/index.ts'
import { nameOf } from '../../../src/domain/bot/names.ts'
import { readsBack } from '../../../src/domain/bot/reads-back.ts'
import { saidToBot } from '../../../src/domain/bot/taken-words.ts'
import { demoVariants } from '../../support/demo-names.ts'

t.test('no word of any language may be the name of a product', (t) => {
  for (const code of LANGUAGE_CODES) {
    const { and: _, of: __, numberSign: ___, andPrefix: ____, units: _____, ...words } = LANGUAGES[code].words
    for (const word of Object.values(words).flat(2)) {
      if (LANGUAGES[code].words.ownNames.includes(word)) continue
      t.ok(saidToBot(word), `${code}: ${word}`)
      t.ok(saidToBot(`*${word.toUpperCase()}*!`), `${code}: ${word}`)
    }
  }
  for (const name of ['12', '?', '👍', 'Hellooo', 'catalog phones', 'ORDER Mug', 'estado 7', 'thank you'])
    t.ok(saidToBot(name), name)
  t.end()
})

t.test('the names of a shop are its own', (t) => {
  for (const each of demoVariants())
    for (const name of [nameOf(each), each.productName, ...each.aliases]) {
      t.notOk(saidToBot(name), name)
      t.ok(readsBack(name), name)
    }
  for (const name of ['Stop Sign', 'Yes Cola', 'Arabic Coffee', 'Noodles', 'Siete Leguas', 'كتاب'])
    t.notOk(saidToBot(name), name)
  t.end()
})

t.test('a name that reads like several items cannot be ordered', (t) => {
  for (const name of ['Bread; Butter', 'Salt\nPepper', '- ']) t.notOk(readsBack(name), name)
  for (const name of ['Bread & Butter', 'Mixed Nuts, Salted', 'Cable: A to B', 'Lens x2', '7UP 6-Pack'])
    t.ok(readsBack(name), name)
  t.end()
})
