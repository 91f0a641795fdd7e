import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import t from 'tap'
import { amountCell, csvText } from '../../../src/http/csv/table.ts'

interface Row {
  readonly name: string
  readonly count: number | null
}
const columns = { name: ({ name }: Row) => name, count: ({ count }: Row) => count }

t.test('lines end as the standard says, and what needs quotes has them', async (t) => {
  const rows = [
    { name: 'Mug, "blue"', count: 3 },
    { name: 'two\nlines', count: null },
  ]
  t.equal(csvText(columns, rows), 'name,count\r\n"Mug, ""blue""",3\r\n"two\nlines",\r\n')
  t.equal(csvText(columns, []), 'name,count\r\n', 'names even when there is nothing')
})

t.test('a text that a spreadsheet would run is only a text', async (t) => {
  for (const name of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])
    t.match(csvText(columns, [{ name, count: -1 }]), /\n"?'/, JSON.stringify(name))
  t.equal(csvText(columns, [{ name: 'a', count: -1 }]), 'name,count\r\na,-1\r\n', 'a number may be below nought')
})

t.test('whatever is written is read back', async (t) => {
  const awkward = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', '=', "'", '\t', ' ') })
  const name = fc.oneof(fc.string({ unit: 'grapheme' }), awkward)
  const rows = fc.array(fc.record({ name, count: fc.nat() }))
  fc.assert(
    fc.property(rows, (rows) => {
      const back: string[][] = parse(csvText(columns, rows), { record_delimiter: '\r\n' })
      const plain = (text: string) => text.replace(/^'(?=[=+\-@\t\r＝＋－＠])/, '')
      if (back.length !== rows.length + 1) return false
      return back.slice(1).every(([name = '', count], index) => {
        const row = rows[index]
        return row !== undefined && plain(name) === plain(row.name) && count === String(row.count)
      })
    }),
  )
  t.pass('each table is the same when read')
})

t.test('amounts are in major units with the decimals of their currency', async (t) => {
  t.equal(amountCell(129_900, 'USD'), '1299.00')
  t.equal(amountCell(1_500, 'JPY'), '1500')
  t.equal(amountCell(1_500, 'KWD'), '1.500')
  t.equal(amountCell(null, 'USD'), null)
})
