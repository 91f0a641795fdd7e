import t from 'tap'
import type { Column, Layout } from '../../../src/domain/catalogue/csv-columns.ts'
import { guarded, readRow } from '../../../src/domain/catalogue/csv-row.ts'

function read(cells: Partial<Record<Column, string>>) {
  const layout = Object.keys(cells) as Column[]
  return readRow(layout, Object.values(cells), 7, 'USD')
}

t.test('a whole row is read', async (t) => {
  const cells = {
    sku: ' T-RS ',
    product: 'Kids  T-Shirt',
    variant: 'Red S',
    category: 'Fashion > Kids',
    price: '14.50',
    currency: 'usd',
    tax_rate: '7.5 %',
    tax_included: 'No',
    stock: '3',
    low_stock_threshold: '2',
    max_per_order: '9',
    aliases: 'tee | red tee |',
    status: 'Draft',
    description: ' Soft.\nWarm. ',
  }
  t.same(read(cells), {
    ok: true,
    row: {
      line: 7,
      sku: 'T-RS',
      product: 'Kids T-Shirt',
      variant: 'Red S',
      category: ['Fashion', 'Kids'],
      priceMinor: 1_450,
      taxRateBp: 750,
      taxIncluded: false,
      stock: 3,
      lowStockThreshold: 2,
      maxPerOrder: 9,
      aliases: ['tee', 'red tee'],
      status: 'draft',
      description: 'Soft.\nWarm.',
      options: {},
    },
  })
})

t.test('empty numbers say nothing, empty texts say empty', async (t) => {
  t.same(
    read({ sku: 'A', price: '', stock: ' ', status: '', tax_included: '', variant: '', aliases: '', category: '' }),
    {
      ok: true,
      row: { line: 7, sku: 'A', variant: '', aliases: [], category: [], options: {} },
    },
  )
  const layout: Layout = ['sku', { option: 'colour' }, 'price']
  t.same(readRow(layout, ['A', 'red'], 2, 'USD'), { ok: true, row: { line: 2, sku: 'A', options: { colour: 'red' } } })
})

t.test('each wrong cell is named with its reason', async (t) => {
  const cases: readonly [Partial<Record<Column, string>>, string, string][] = [
    [{ sku: ' ' }, 'sku', 'sku-missing'],
    [{ price: '12,50' }, 'price', 'decimal-comma'],
    [{ price: '1,299.00' }, 'price', 'invalid-money'],
    [{ price: '1.005' }, 'price', 'invalid-money'],
    [{ price: '-1' }, 'price', 'invalid-money'],
    [{ price: '$5' }, 'price', 'invalid-money'],
    [{ price: '=B2*2' }, 'price', 'formula'],
    [{ description: ' =HYPERLINK("x")' }, 'description', 'formula'],
    [{ currency: 'EUR' }, 'currency', 'wrong-currency'],
    [{ tax_rate: '101' }, 'tax_rate', 'invalid'],
    [{ tax_rate: '19,5' }, 'tax_rate', 'invalid'],
    [{ tax_included: 'maybe' }, 'tax_included', 'invalid'],
    [{ stock: '-1' }, 'stock', 'invalid'],
    [{ stock: '1.0' }, 'stock', 'invalid'],
    [{ stock: '1000001' }, 'stock', 'invalid'],
    [{ max_per_order: '0' }, 'max_per_order', 'invalid'],
    [{ status: 'sold' }, 'status', 'invalid'],
    [{ category: 'A > > B' }, 'category', 'invalid'],
    [{ aliases: 'a|'.repeat(51) }, 'aliases', 'too-many'],
    [{ product: 'x'.repeat(121) }, 'product', 'too-long'],
  ]
  for (const [cells, column, code] of cases)
    t.match(read({ sku: 'A', ...cells }), { ok: false, faults: [{ line: 7, column, code }] }, JSON.stringify(cells))
  const two = read({ sku: 'A', price: 'x', stock: 'y', product: 'Mug' })
  t.match(two, { ok: false, sku: 'A', product: 'Mug', faults: [{ column: 'price' }, { column: 'stock' }] })
  t.match(readRow(['sku'], ['A', 'B'], 3, 'USD'), { faults: [{ column: null, code: 'too-many-cells' }] })
})

t.test('what keeps a spreadsheet from running a text is taken away again', async (t) => {
  const text = (cell: string) => {
    const made = read({ sku: 'A', description: cell })
    return made.ok ? made.row.description : made.faults[0]?.code
  }
  t.equal(text("'=1+1"), '=1+1')
  t.equal(text("'-5 bolt"), '-5 bolt')
  t.equal(text("''=x"), "'=x")
  t.equal(text("'tis"), "'tis")
  t.equal(text('- soft'), '- soft')
  t.equal(text('="00123"'), '00123')
  t.equal(guarded("'=x"), "''=x")
  t.equal(guarded("'tis"), "'tis")
})
