// A table on its way out, row by row, so that a long one is never whole in memory. Cells that a spreadsheet would run get an apostrophe.
// The only import of csv-stringify.

import { Readable } from 'node:stream'
import { stringify } from 'csv-stringify'

/** The table as a stream of CSV (RFC 4180, UTF-8, CRLF). Rows are asked for as fast as they are read. */
export function writeTable(header: readonly string[], rows: AsyncIterable<readonly string[]>): Readable {
  const written = stringify({
    header: true,
    columns: [...header],
    escape_formulas: true,
    quoted_match: /[\r\n]/,
    record_delimiter: '\r\n',
  })
  const source = Readable.from(rows, { objectMode: true, highWaterMark: 64 })
  source.on('error', (error) => written.destroy(error))
  written.on('close', () => source.destroy())
  return source.pipe(written)
}
