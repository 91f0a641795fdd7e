import fc from 'fast-check'
import t from 'tap'
import { COLUMNS, joinCell, readHeader, splitCell } from '../../../src/domain/catalogue/csv-columns.ts'

t.test('names of columns are told in any case and with spaces; options keep theirs', async (t) => {
  t.same(readHeader([...COLUMNS]), { ok: true, value: COLUMNS })
  t.same(readHeader([' SKU ', 'Low Stock-Threshold', 'OPTION:Colour of it', 'option:size']), {
    ok: true,
    value: ['sku', 'low_stock_threshold', { option: 'Colour of it' }, { option: 'size' }],
  })
})

t.test('unknown, nameless, doubled and missing columns are refused by name', async (t) => {
  const code = (header: readonly string[]) => {
    const read = readHeader(header)
    return read.ok ? 'read' : read.refusal.errors?.map((each) => [each.path, each.code])
  }
  t.same(code(['sku', 'colour']), [['column 2', 'unknown-column']])
  t.same(code(['sku', ' ']), [['column 2', 'unknown-column']])
  t.same(code(['sku', 'option: ']), [['column 2', 'unknown-column']])
  t.same(code(['sku', 'Price', 'price']), [['price', 'column-twice']])
  t.same(code(['product', 'price']), [['sku', 'column-missing']])
})

t.test('lists in a cell come back as they were', async (t) => {
  t.same(splitCell('Home > Kitchen', '>'), ['Home', 'Kitchen'])
  t.same(splitCell('a|b\\|c||', '|'), ['a', 'b|c', '', ''])
  t.same(splitCell('  ', '|'), [])
  const parts = fc.array(
    fc.string({ minLength: 1, unit: fc.constantFrom('a', ' ', '|', '>', '\\', 'é') }).map((text) => `x${text}x`),
  )
  for (const separator of ['|', '>'] as const)
    fc.assert(fc.property(parts, (texts) => t.same(splitCell(joinCell(texts, separator), separator), texts)))
})
