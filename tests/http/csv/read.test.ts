import t from 'tap'
import { readTable } from '../../../src/http/csv/read.ts'

const LIMITS = { rows: 100, breath: 10 }
const read = (text: string | Buffer) => readTable(Buffer.from(text), LIMITS)

async function table(text: string | Buffer) {
  const made = await read(text)
  if (!made.ok) throw new Error(made.refusal.message)
  return made.value
}

t.test('commas, semicolons and tabs are told by the first line, quotes and line ends are as they are', async (t) => {
  const cases: readonly [string, string][] = [
    [',', 'sku,name\r\nA,"Mug, ""blue"""\r\n'],
    [';', 'sku;name\nA;"Mug, ""blue"""'],
    ['\t', '"sku"\tname\rA\t"Mug, ""blue"""\r'],
    [',', '\ufeffsku,name\nA,"Mug, ""blue"""\n\n,\n'],
    [',', '"a;b;c",name\nA,"Mug, ""blue"""\n'],
  ]
  for (const [delimiter, text] of cases) {
    const made = await table(text)
    t.equal(made.delimiter, delimiter, text)
    t.same(made.rows[0]?.cells, ['A', 'Mug, "blue"'], text)
    t.equal(made.rows.length, 1)
  }
  t.same((await table('\ufeffsku,name\n')).header, ['sku', 'name'], 'the mark is no part of the first name')
})

t.test('the line of a row is where it begins, also after texts of several lines', async (t) => {
  const { rows } = await table('sku,text\r\nA,"one\r\ntwo"\r\n\r\nB,"x\ny\nz"\r\nC,\r\n')
  t.same(
    rows.map(({ line, cells }) => [line, cells[0]]),
    [
      [2, 'A'],
      [5, 'B'],
      [8, 'C'],
    ],
  )
})

t.test('UTF-16 with its mark is read; other alphabets, NULs and pictures are not', async (t) => {
  const wide = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('sku\tname\nA\tقهوة', 'utf16le')])
  t.same((await table(wide)).rows[0]?.cells, ['A', 'قهوة'])
  const code = async (bytes: string | Buffer) => {
    const made = await read(bytes)
    return made.ok ? 'read' : [made.refusal.code, made.refusal.errors?.[0]?.code]
  }
  t.same(await code(Buffer.from('sku,name\nA,Caf\xe9', 'latin1')), ['invalid-csv', 'encoding'])
  t.same(await code('sku\nA\0'), ['invalid-csv', 'nul'])
  t.same(await code(''), ['invalid-csv', 'empty'])
  t.same(await code('sku,name\nA,"open\nB,c\n'), ['invalid-csv', 'unreadable'])
  t.same(await code('sku,name\nA,a "b" c\n'), ['invalid-csv', 'unreadable'])
})

t.test('too many rows are refused, however many there are', async (t) => {
  const rows = (count: number) => `sku\n${'A\n'.repeat(count)}`
  t.match(await read(rows(100)), { ok: true })
  t.match(await read(rows(101)), { refusal: { errors: [{ code: 'too-many-rows' }] } })
  t.match(await read(rows(200_000)), { refusal: { errors: [{ code: 'too-many-rows' }] } })
  t.match(await read(`sku\n${'x'.repeat(3_000_000)}`), { refusal: { errors: [{ code: 'unreadable' }] } })
})
