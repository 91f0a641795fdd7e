import fc from 'fast-check'
import t from 'tap'
import { startsRight, visualRuns } from '../../../src/domain/invoice/visual-runs.ts'

/** As drawn: runs from left to right, those that run to the left marked and still in the order of reading. */
const drawn = (text: string, base?: 'left' | 'right') =>
  visualRuns(text, base).map((run) => (run.rtl ? `<${run.text}` : run.text))

t.test('what runs to the right stays as it is', async (t) => {
  for (const text of ['Blue Mug (12)', 'Кружка 5', 'Café – 3.50 €', '']) t.same(drawn(text), text === '' ? [] : [text])
})

t.test('Arabic runs to the left, numbers and Latin words within it to the right', async (t) => {
  t.same(drawn('قهوة عربية'), ['<قهوة عربية'])
  t.same(drawn('قهوة 250 غ'), ['< غ', '250', '<قهوة '])
  t.same(drawn('قهوة Arabica Gold حلوة'), ['< حلوة', 'Arabica Gold', '<قهوة '])
  t.same(drawn('سعر 12,50 دولار'), ['< دولار', '12,50', '<سعر '], 'a number keeps its point')
  t.same(drawn('سعر 15% فقط'), ['< فقط', '15%', '<سعر '], 'and its sign')
  t.same(drawn('قهوة ٢٥٠ غ'), ['< غ', '٢٥٠', '<قهوة '])
  t.same(drawn('Mug قهوة عربية blue'), ['Mug ', '<قهوة عربية', ' blue'])
  t.same(drawn('Model قهوة 5'), ['Model ', '5', '<قهوة '], 'a number behind Arabic belongs to it')
  t.same(drawn('تلفون iPhone 15'), ['iPhone 15', '<تلفون '], 'a number behind Latin letters belongs to them')
  t.same(drawn('שלום 7'), ['7', '<שלום '])
})

t.test('brackets face the text they hold', async (t) => {
  t.same(drawn('قهوة (عربية)'), ['<قهوة )عربية('])
  t.same(drawn('Mug (قهوة)'), ['Mug (', '<قهوة', ')'])
  t.same(
    drawn('قهوة (Gold)'),
    ['<(', 'Gold', '<قهوة )'].map((each) => each.replace('<(', '<(')),
  )
})

t.test('the first letter says which way a paragraph runs', async (t) => {
  t.ok(startsRight('12 قهوة Mug'))
  t.notOk(startsRight('12 Mug قهوة'))
  t.notOk(startsRight('12'))
})

t.test('nothing is lost and nothing is added, whatever the text', async (t) => {
  const letters = fc.constantFrom('a', 'Б', 'ق', 'ه', 'ש', '1', '٢', ' ', '(', ')', '.', '-', '%', '\u064b')
  const sorted = (text: string) => [...text.replace(/[()]/g, '|')].sort().join('')
  fc.assert(
    fc.property(fc.string({ unit: letters }), fc.constantFrom('left', 'right'), (text, base) => {
      const runs = visualRuns(text, base)
      return sorted(runs.map((run) => run.text).join('')) === sorted(text)
    }),
  )
  t.pass()
})
