// Tables as CSV (RFC 4180: CRLF, quotes where needed), safe to open in a spreadsheet: a text that would be a formula there is one no more.

import { stringify } from 'csv-stringify/sync'
import type { FastifyReply } from 'fastify'
import { type Minor, majorText } from '../../domain/money.ts'

/** A column: its name in the first line, and what stands in it. Numbers are written plainly, null is empty. */
export type Columns<Row> = Readonly<Record<string, (row: Row) => string | number | null>>

/** The whole table as text, its names in the first line. */
export function csvText<Row>(columns: Columns<Row>, rows: readonly Row[]): string {
  const cells = Object.values(columns)
  const lines = rows.map((row) => cells.map((cell) => cell(row)))
  // Of itself it quotes what holds the whole end of a line, not what holds half of it.
  const format = { record_delimiter: '\r\n', quoted_match: /[\r\n]/, escape_formulas: true }
  return stringify([Object.keys(columns), ...lines], format)
}

/** An amount in a table: major units with all decimals, a plain number for spreadsheets. Empty when there is none. */
export function amountCell(minor: Minor | null, currency: string): string | null {
  return minor === null ? null : majorText(minor, currency)
}

/** Answers with the table as a file of this name. */
export function sendCsv<Row>(
  reply: FastifyReply,
  name: string,
  columns: Columns<Row>,
  rows: readonly Row[],
): FastifyReply {
  // As text, so that it passes by the serializer of the JSON answer.
  return reply
    .type('text/csv; charset=utf-8; header=present')
    .header('content-disposition', `attachment; filename="${name}.csv"`)
    .serializer((text: unknown) => String(text))
    .send(csvText(columns, rows))
}
